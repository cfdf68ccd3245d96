"""A runner on which attempts are reviewed, with a canary wherever a secret would lie."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import threading
import time
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from fixtures.attempts import Attempt
from fixtures.build import build
from tests.container import engine
from tests.container.gateway import address
from tests.container.hostile import canaries
from tests.container.hostile.seen import SECRETS, Seen, beyond, posted, secret
from tests.container.pull_request import PullRequest, git
from tests.container.runner import Job, hand_over, outputs
from tests.github.told import told

if TYPE_CHECKING:
    from tests.github.double.server import Double

_PROGRAM = "/canaries.py"
_LIMITS = (
    *("--memory", "1536m", "--memory-swap", "1536m", "--pids-limit", "600", "--cpus", "1"),
    *("--shm-size", "1g"),  # where the run's folder goes, so that filling it fills nothing else
)
_START_SECONDS = 20.0
_MARGIN = 60.0  # seconds beside the bot's own timeout: the machine may be busy
_TIMEOUT = 150  # the setting, in seconds; no attempt needs more than a tenth of it to be reviewed


class Yard:
    """One job of a runner, its secrets, and a container that stays for many attempts."""

    def __init__(self, image: str, folder: Path, double: Double | None = None) -> None:
        self._image = image
        self._origin = folder / "origin"
        runner, workspace = folder / "runner", folder / "workspace"
        runner.mkdir(parents=True)
        workspace.mkdir()
        self.job = Job(runner, workspace)
        self.double = double
        self._bridge: socket.socket | None = None
        self._url: str | None = None
        self._came: list[str] = []

    def open(self) -> None:
        """Make the job and lay out the secrets."""
        self.job.begin()
        temporary, home = self.job.folder / "temp", self.job.folder / "home"
        (temporary / "git-credentials-1.config").write_text(_header(secret("credentials")))
        (home / ".docker").mkdir()
        (home / ".docker/config.json").write_text(json.dumps({"auths": secret("docker")}))
        (home / ".netrc").write_text(f"machine github.com password {secret('netrc')}\n")
        (self.job.folder / "workflow/event.json").write_text(secret("event"))
        hand_over(self.job.folder)
        self._listen()

    def close(self) -> None:
        """Remove everything."""
        if self._bridge is not None:
            self._bridge.close()
        self.job.end()

    def stay(self) -> None:
        """Start the container in which attempts are reviewed one after the other."""
        program = Path(canaries.__file__)
        mount = ("--volume", f"{program}:{_PROGRAM}:ro", "--detach")
        words = ("-I", _PROGRAM, "serve")
        self._start(("--entrypoint", "/opt/db-recheck/bin/python", *mount), words, {})
        until = time.monotonic() + _START_SECONDS
        while self._exec("test", "-e", str(canaries.READY)).returncode != 0:
            assert time.monotonic() < until, engine.docker("logs", self.job.container)
            time.sleep(0.1)

    def look(self) -> dict[str, list[str]]:
        """What there is in the container; see ``canaries.look``."""
        done = self._exec("/opt/db-recheck/bin/python", "-I", _PROGRAM, "look")
        found: dict[str, list[str]] = json.loads(done.stdout)
        return found

    def call_as_root(self, attempt: Attempt) -> str:
        """What its function ``attempt`` raises outside of the sandbox."""
        self._check_out(attempt)
        script = "import runpy, sys; runpy.run_path(sys.argv[1])['attempt']()"
        path = f"/github/workspace/{attempt.place}"
        done = self._exec("/opt/db-recheck/bin/python", "-B", "-c", script, path)
        self._wipe()
        return done.stderr

    def review(
        self, attempt: Attempt, *, without: str = "", inputs: Mapping[str, str] | None = None
    ) -> Seen:
        """The Action on the pull request, in the container that stays or in one of its own.

        ``without`` names layers of the sandbox that are left out. ``inputs`` are further ones.
        """
        from tests.github.double.state import Rights

        assert self.double is not None
        request = self._check_out(attempt)
        request.stand_on(self.double.reset(), Rights())
        event = json.loads(request.event()) | {"client_payload": secret("event")}
        (self.job.folder / "workflow/event.json").write_text(json.dumps(event))
        for path in (self.job.folder / "file_commands").iterdir():
            path.write_text("")
        self.double.world.tokens[SECRETS["INPUT_TOKEN"]] = Rights()
        environ = {
            **request.environ(self.double.api_url),
            **SECRETS,
            "INPUT_TIMEOUT": str(attempt.timeout or _TIMEOUT),
            "INPUT_INSTALL": "auto" if "install" in attempt.needs else "never",
            **{f"INPUT_{name.upper()}": text for name, text in (inputs or {}).items()},
            **({"DB_RECHECK_SANDBOX_WITHOUT": without} if without else {}),
        }
        self._came.clear()
        apart = "limits" in attempt.needs
        before = {} if apart else self.look()
        if "service" in attempt.needs:
            environ |= self._service(others="others" in attempt.needs)
            before["server"] = self._of_the_server()
        started = time.monotonic()
        if apart:
            done = self._start(_LIMITS, ("action",), environ, name=f"{self.job.container}_apart")
        else:
            done = self._exec("/opt/db-recheck/bin/db-recheck", "action", environ=environ)
        return self._seen(done, time.monotonic() - started, before)

    def _seen(
        self,
        done: subprocess.CompletedProcess[str],
        seconds: float,
        before: Mapping[str, list[str]],
    ) -> Seen:
        assert self.double is not None
        world, job = self.double.world, self.job
        files = {name: job.file(name).read_text() for name in _COMMANDS}
        results = job.workspace / "db-recheck-report"
        written = (
            [path.read_text("utf-8") for path in results.glob("*")] if results.is_dir() else []
        )
        said = told(world, self.double.server_url)
        try:
            report = json.loads((results / "report.json").read_text())
        except FileNotFoundError:
            report = {"verdict": "usage", "findings": [], "not_checked": []}
        came, left = list(self._came), []
        if before:
            now = {**self.look(), "server": self._of_the_server() if "server" in before else []}
            came += now["hits"][len(before["hits"]) :]
            for kind in before.keys() - {"hits"}:
                left += [f"new: {item}" for item in beyond(now[kind], before[kind])]
                left += [f"gone: {item}" for item in beyond(before[kind], now[kind])]
        self._wipe()
        summary = files.pop("step_summary")
        known = outputs(files["set_output"])
        ours = {"verdict", "findings", "report-json", "facts", "comment-url", "matrix"}
        strange = {name: text for name, text in files.items() if text and name != "set_output"}
        strange |= {name: text for name, text in known.items() if name not in ours}
        return Seen(
            done.returncode,
            report,
            f"{done.stdout}\n{done.stderr}",
            (summary, *posted(world)),
            "\n".join([done.stdout, done.stderr, said, summary, *files.values(), *written]),
            seconds,
            tuple(came),
            tuple(left),
            strange,
        )

    def _service(self, *, others: bool) -> dict[str, str]:
        """The inputs for a server that outlives the run; with databases of others on it, or not."""
        if self._url is None:
            self._url = self.job.start_service(settings=("max_prepared_transactions=10",))
        self.job.ask_service("DROP DATABASE IF EXISTS payments")
        if others:
            self.job.ask_service("CREATE DATABASE payments")
            table = f"CREATE TABLE payments AS SELECT '{secret('row')}' AS secret"
            self.job.ask_service(table, database="payments")
        found = {"INPUT_DATABASE-URL": self._url}
        return {**found, "INPUT_SHARED-SERVER": "true"} if others else found

    def _of_the_server(self) -> list[str]:
        """Databases, roles, sessions, prepared transactions and settings of the service."""
        return self.job.ask_service(_EVERYTHING)

    def _check_out(self, attempt: Attempt) -> PullRequest:
        """The attempt's pull request in the workspace, as actions/checkout leaves it there."""
        self._wipe()
        shutil.rmtree(self._origin, ignore_errors=True)
        build(attempt, self._origin)
        for path, target in attempt.links.items():
            (self._origin / path).parent.mkdir(parents=True, exist_ok=True)
            (self._origin / path).symlink_to(target)
        git(self._origin, "add", "--all")
        git(self._origin, "commit", "--quiet", "--allow-empty", "--message", "Links")
        workspace = self.job.workspace
        git(workspace, "init", "--quiet")
        git(workspace, "fetch", "--quiet", str(self._origin), "+refs/heads/*:refs/remotes/origin/*")
        git(workspace, "remote", "add", "origin", "https://github.com/acme/shop")
        git(workspace, "config", "http.https://github.com/.extraheader", secret("checkout"))
        base, head = (git(workspace, "rev-parse", f"origin/{name}") for name in ("main", "feature"))
        tree = git(workspace, "rev-parse", f"{head}^{{tree}}")
        merge = git(workspace, "commit-tree", tree, "-p", base, "-p", head, "-m", "Merge")
        git(workspace, "checkout", "--quiet", "--detach", merge)
        hand_over(workspace)
        return PullRequest(workspace, base, head)

    def _wipe(self) -> None:
        """Leave an empty workspace: the folder itself stays, because it is mounted."""
        for path in self.job.workspace.iterdir():
            if path.is_dir() and not path.is_symlink():
                shutil.rmtree(path)
            else:
                path.unlink()

    def _start(
        self,
        options: tuple[str, ...],
        words: tuple[str, ...],
        environ: Mapping[str, str],
        name: str = "",
    ) -> subprocess.CompletedProcess[str]:
        """The runner's own command line, with options where it has none."""
        line = self.job.command(self._image, words, {**SECRETS, **environ})
        line[2:2] = options
        line[line.index("--name") + 1] = name or self.job.container
        return _call(line)

    def _exec(
        self, *words: str, environ: Mapping[str, str] | None = None
    ) -> subprocess.CompletedProcess[str]:
        named = [part for item in (environ or {}).items() for part in ("--env", "=".join(item))]
        return _call(["docker", "exec", *named, self.job.container, *words])

    def _listen(self) -> None:
        """A canary on this machine's side of the job's network."""
        self._bridge = socket.create_server((address(self.job), canaries.PORT))

        def accept(server: socket.socket) -> None:
            while True:
                try:
                    client, _ = server.accept()
                except OSError:
                    return
                with client:
                    client.settimeout(1)
                    try:
                        data = client.recv(4096)
                    except OSError:
                        data = b""
                self._came.append(data.decode("utf-8", "replace") or "(nothing)")

        threading.Thread(target=accept, args=(self._bridge,), daemon=True).start()


_EVERYTHING = """
    SELECT 'database ' || datname FROM pg_database
    UNION ALL SELECT 'role ' || rolname FROM pg_roles
    UNION ALL SELECT 'session of ' || usename FROM pg_stat_activity WHERE pid <> pg_backend_pid()
    UNION ALL SELECT 'prepared ' || gid FROM pg_prepared_xacts
    UNION ALL SELECT 'setting ' || name || ' ' || setting FROM pg_settings WHERE source <> 'session'
        AND name NOT IN ('application_name', 'client_encoding')
    UNION ALL SELECT 'setting of ' || setrole || ' ' || setconfig::text FROM pg_db_role_setting
    UNION ALL SELECT 'large object ' || oid FROM pg_largeobject_metadata
"""
_COMMANDS = ("add_path", "save_state", "set_env", "set_output", "step_summary")


def _header(value: str) -> str:
    return f'[http "https://github.com/"]\n\textraheader = AUTHORIZATION: basic {value}\n'


def _call(line: list[str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        line,
        capture_output=True,
        text=True,
        errors="replace",
        timeout=_TIMEOUT + 4 * _MARGIN,
        check=False,
        env=os.environ,
    )


def bound(attempt: Attempt) -> float:
    """How many seconds its review may take."""
    return (attempt.timeout or _TIMEOUT) + _MARGIN
