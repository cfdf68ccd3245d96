"""Golden files, and which worker runs what.

Text that users read is compared with a file beside the test.
``pytest --accept`` (or ``ACCEPT=1``) writes the files anew; read the diff before committing it. At
the end of a whole run a file in a ``goldens`` folder that no test compared with is an error, or is
removed when accepting.
"""

from __future__ import annotations

import os
from collections.abc import Generator
from pathlib import Path

import pytest
from xdist.scheduler import LoadScopeScheduling

HERE = Path(__file__).parent
COMPARED = pytest.StashKey[set[str]]()
INCOMPLETE = pytest.StashKey[set[str]]()
UNUSED = pytest.StashKey[list[str]]()
BY_POLICY = ("tests/postgres/policies/", "tests/postgres/patches/")


class Golden:
    """Compares texts with files; callable.

    A relative name lies in the folder ``goldens`` beside the test.
    """

    def __init__(self, folder: Path, *, accept: bool, compared: set[str]) -> None:
        self.folder = folder
        self.accept = accept
        self.compared = compared

    def __call__(self, name: str | Path, text: str) -> None:
        """Fail unless the file holds exactly this text; write it when accepting."""
        __tracebackhide__ = True
        path = self.folder / name
        self.compared.add(str(path))
        known = path.read_bytes().decode() if path.exists() else None
        if known == text:
            return
        if self.accept:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(text.encode())
            return
        if known is None:
            pytest.fail(f"there is no {path}: run `pytest --accept` and read what it wrote")
        assert text == known, f"{path} differs: `pytest --accept` takes the new text"


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add ``--accept``."""
    parser.addoption("--accept", action="store_true", help="write golden files anew")


def pytest_configure(config: pytest.Config) -> None:
    """Start with nothing compared."""
    config.stash[COMPARED] = set()
    config.stash[INCOMPLETE] = set()
    config.stash[UNUSED] = []


def _accepting(config: pytest.Config) -> bool:
    return bool(config.getoption("--accept")) or os.environ.get("ACCEPT", "") not in ("", "0")


@pytest.fixture
def golden(request: pytest.FixtureRequest) -> Golden:
    """Compare a text with a golden file: ``golden("name.md", text)``."""
    config = request.config
    folder = request.path.parent / "goldens"
    return Golden(folder, accept=_accepting(config), compared=config.stash[COMPARED])


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item,
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Remember folders with a test that did not come to its end: their goldens may be in use."""
    report = yield
    if not report.passed:
        item.config.stash[INCOMPLETE].add(str(item.path.parent))
    return report


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: object) -> None:
    """Take over what a worker of pytest-xdist compared."""
    sent = getattr(node, "workeroutput", {})
    config: pytest.Config = node.config  # type: ignore[attr-defined]  # xdist's WorkerController
    config.stash[COMPARED] |= set(sent.get("compared", ()))
    config.stash[INCOMPLETE] |= set(sent.get("incomplete", ()))


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    """Fail a whole run that left a golden file unused, or remove the file when accepting."""
    config = session.config
    if hasattr(config, "workeroutput"):
        compared, incomplete = config.stash[COMPARED], config.stash[INCOMPLETE]
        config.workeroutput.update(compared=sorted(compared), incomplete=sorted(incomplete))
        return
    if not _whole_run(config) or session.testscollected == 0:
        return
    for path in sorted(HERE.rglob("goldens/**/*")):
        folder = next(parent for parent in path.parents if parent.name == "goldens")
        if path.is_dir() or str(path) in config.stash[COMPARED]:
            continue
        if str(folder.parent) in config.stash[INCOMPLETE]:
            continue
        if _accepting(config):
            path.unlink()
        else:
            config.stash[UNUSED].append(str(path.relative_to(HERE.parent)))
    if config.stash[UNUSED] and session.exitstatus == pytest.ExitCode.OK:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def _whole_run(config: pytest.Config) -> bool:
    """Whether every test was meant to run: no path, name, mark or stop was given."""
    chosen = ("keyword", "markexpr", "lf", "failedfirst", "maxfail", "collectonly", "deselect")
    narrowed = any(config.getoption(name, default=None) for name in chosen)
    return config.args_source is not pytest.Config.ArgsSource.ARGS and not narrowed


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Name the unused goldens."""
    for path in terminalreporter.config.stash[UNUSED]:
        terminalreporter.write_line(f"UNUSED GOLDEN {path}: no test compares with it", red=True)


class ByPolicy(LoadScopeScheduling):  # type: ignore[misc]  # xdist ships no types
    """All tests of one policy's cases go to one worker; any other test goes to whoever is free.

    A case is reviewed once in a worker: elsewhere its review would be made again.
    """

    def _split_scope(self, nodeid: str) -> str:
        policy = nodeid.partition("[")[2].partition("/")[0]
        return policy if policy and nodeid.startswith(BY_POLICY) else nodeid


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: object) -> ByPolicy:
    """For every run with workers."""
    return ByPolicy(config, log)
