"""What the child can and cannot do, tried by a child."""

from __future__ import annotations

import json
import os
import shutil
import sys
import textwrap
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from bot.observe.reach import interpreter_folders
from bot.observe.room import Room
from bot.observe.sandbox import Sandbox, SandboxError, fill, prepare_sandbox

root_only = pytest.mark.skipif(os.geteuid() != 0, reason="only root can switch the user")
PYTHON = Path(sys.executable)


def ask(sandbox: Sandbox, code: str, *, readable: Sequence[Path] = ()) -> Any:
    """What the code, run as a child, leaves in ``answer``."""
    python = PYTHON
    if sandbox.unreachable(PYTHON):  # without mounts, a Python that everybody can run
        python = Path(shutil.which("python3", path=os.defpath) or pytest.skip("no such Python"))
    listen, speak = os.pipe()
    program = f"import json, os\n{textwrap.dedent(code)}\nprint(json.dumps(answer))"
    process = sandbox.start(
        [str(python), "-c", program],
        sandbox.environment(python, {}),
        readable=(*interpreter_folders(python), *readable),
        output=speak,
    )
    os.close(speak)
    with os.fdopen(listen) as stream:
        said = stream.read()
    assert process.wait(10) == 0, said
    return json.loads(said)


READ = """
def reads(path):
    try:
        os.listdir(path) if os.path.isdir(path) else open(path, "rb").read(1)
    except OSError:
        return False
    return True
"""


def test_the_environment_is_an_allow_list(
    sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No token, no GitHub or input variable, and a home of its own."""
    for name in ("GITHUB_TOKEN", "ACTIONS_RUNTIME_TOKEN", "INPUT_TOKEN", "PGPASSWORD"):
        monkeypatch.setenv(name, "secret")
    found = ask(sandbox, "answer = dict(os.environ)")
    assert "secret" not in found.values()
    assert set(found) <= {
        *("PATH", "LANG", "HOME", "TMPDIR", "USER", "LOGNAME", "PYTHONHASHSEED", "TZ"),
        *("PWD", "OLDPWD", "LC_CTYPE", "SHLVL", "_"),  # shells and Python's own
    }
    assert found["HOME"] == str(sandbox.home)


def test_the_child_has_a_home_it_can_write(sandbox: Sandbox) -> None:
    """Its temporary files too."""
    found = ask(
        sandbox,
        """
        import getpass, pathlib, tempfile
        (pathlib.Path.home() / "x").write_text("x")
        with tempfile.NamedTemporaryFile() as made:
            answer = [getpass.getuser(), made.name]
        """,
    )
    assert found[0] == "db-recheck"
    assert found[1].startswith(str(sandbox.home))


def test_limits_and_session_hold(sandbox: Sandbox) -> None:
    """No core files, bounded files and descriptors, a session and nothing on stdin."""
    found = ask(
        sandbox,
        """
        import resource as r, sys
        answer = [r.getrlimit(r.RLIMIT_CORE)[0], r.getrlimit(r.RLIMIT_NOFILE)[0],
                  r.getrlimit(r.RLIMIT_AS)[0], os.getsid(0) == os.getpid(), sys.stdin.read()]
        """,
    )
    assert found == [0, 4096, 8 * 2**30, True, ""]


@root_only
def test_the_child_is_nobody_with_no_way_back(sandbox: Sandbox) -> None:
    """Another user, no groups, no capabilities, and setuid programs give none."""
    found = ask(
        sandbox,
        """
        lines = dict(line.split(":", 1) for line in open("/proc/self/status") if ":" in line)
        keys = ("CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb")
        answer = [os.getresuid(), os.getresgid(), os.getgroups(), lines["NoNewPrivs"].strip(),
                  sum(int(lines[key], 16) for key in keys)]
        """,
    )
    uid = sandbox.uid
    assert found == [[uid] * 3, [uid] * 3, [], "1", 0]


@root_only
def test_our_process_and_other_rooms_are_out_of_reach(room: Room, sandbox: Sandbox) -> None:
    """The bot's environment holds the token, the server's folder its password."""
    secret = room.folder("secret")
    (secret / "password").write_text("secret")
    paths = [f"/proc/{os.getpid()}/environ", f"/proc/{os.getpid()}/root/etc", f"{secret}/password"]
    found = ask(sandbox, READ + f"answer = [reads(path) for path in {paths!r}]")
    assert found == [False, False, False]


@root_only
def test_the_checkout_is_hidden_and_exported_trees_are_not(room: Room, tmp_path: Path) -> None:
    """Its .git may hold the token, and is readable for everybody."""
    checkout = tmp_path / "checkout"
    (checkout / ".git").mkdir(parents=True)
    (checkout / ".git" / "config").write_text("secret")
    tmp_path.chmod(0o755)
    sandbox = prepare_sandbox(room, hidden=[checkout])
    if not sandbox.layers.mounts:
        pytest.skip("this machine has no mount namespaces (Docker's default)")
    tree = room.folder("tree", mode=0o755)
    (tree / "env.py").write_text("")
    paths = [str(checkout / ".git" / "config"), str(tree / "env.py")]
    found = ask(sandbox, READ + f"answer = [reads(path) for path in {paths!r}]", readable=[tree])
    assert found == [False, True]
    assert (checkout / ".git" / "config").read_text() == "secret"


@root_only
def test_what_is_needed_of_a_hidden_folder_stays_through_links(room: Room, tmp_path: Path) -> None:
    """The checkout's own environment runs, however the checkout is spelt."""
    for folder in (tmp_path, *tmp_path.parents[:2]):
        folder.chmod(0o755)
    (tmp_path / "real" / "env").mkdir(parents=True)
    (tmp_path / "real" / "env" / "kept").write_text("x")
    (tmp_path / "real" / "token").write_text("x")
    link = tmp_path / "link"
    link.symlink_to("real")
    sandbox = prepare_sandbox(room, hidden=[link])
    if not sandbox.layers.mounts:
        pytest.skip("this machine has no mount namespaces (Docker's default)")
    paths = [f"{link}/env/kept", f"{tmp_path}/real/env/kept", f"{link}/token"]
    code = READ + f"answer = [reads(path) for path in {paths!r}]"
    assert ask(sandbox, code, readable=[link / "env"]) == [True, True, False]


@root_only
def test_a_folder_that_is_handed_over_takes_new_files_and_keeps_old_ones(
    room: Room, sandbox: Sandbox
) -> None:
    """Applications make folders when they are imported; what git exported stays."""
    tree = room.folder("tree", mode=0o755)
    (tree / "app").mkdir()
    (tree / "app" / "models.py").write_text("kept")
    (tree / "link").symlink_to("/etc")
    sandbox.hand_over(tree)
    found = ask(
        sandbox,
        f"""
        os.makedirs("{tree}/app/logs")
        try:
            open("{tree}/app/models.py", "a").write("changed")
            answer = "wrote"
        except OSError:
            answer = "refused"
        """,
        readable=[],
    )
    assert found == "refused"
    assert (tree / "app" / "models.py").read_text() == "kept"
    assert Path("/etc").stat().st_uid == 0


@root_only
def test_a_closed_folder_without_mounts_is_said(room: Room, tmp_path: Path) -> None:
    """As in Docker: the message names the folder and the way out."""
    private = tmp_path / "private"
    tree = private / "tree"
    tree.mkdir(parents=True)
    private.chmod(0o700)
    for folder in (tmp_path, *tmp_path.parents[:2]):
        folder.chmod(0o755)
    sandbox = prepare_sandbox(room)
    docker = replace(sandbox, layers=replace(sandbox.layers, mounts=False))
    with pytest.raises(SandboxError, match=rf"chmod o\+x {private}"):
        docker.start(["true"], {}, readable=[tree])


@root_only
def test_somebody_else_has_a_user_and_a_home_of_its_own(sandbox: Sandbox) -> None:
    """What one child leaves at home is closed to another."""
    other = sandbox.another("other")
    (sandbox.home / "left").write_text("x")
    found = ask(other, READ + f"answer = [os.getuid(), reads('{sandbox.home}/left')]")
    assert found == [other.uid, False]
    assert other.uid != sandbox.uid
    assert other.describe() == sandbox.describe()


def test_only_known_placeholders_are_filled() -> None:
    """Braces of other meanings stay."""
    table = {"A": "{url}?x={other}", "B": "{host}:{port}"}
    assert fill(table, {"url": "U", "host": "H", "port": "1"}) == {"A": "U?x={other}", "B": "H:1"}
