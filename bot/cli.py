"""The command line: words in, a report on stdout, an exit status. All effects are passed in."""

from __future__ import annotations

import argparse
import shutil
import signal
import traceback
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, NoReturn, TextIO

from bot.arguments import parser
from bot.asked import (
    cache_home,
    order_of,
    settings_of_base,
    stated_in,
    temporary_folder,
)
from bot.own_command_line import hide_argument
from bot.progress import Progress
from bot.wording import inert

if TYPE_CHECKING:
    from bot.configuration import Stated
    from bot.custom.files import RunOwn
    from bot.custom.listed import Listed
    from bot.facts import Facts
    from bot.report import Display
    from bot.settings import Settings
    from bot.verdict import Judging, Verdict

USAGE, ERROR, INTERRUPTED = 2, 3, 130


class UsageError(Exception):
    """The command cannot be carried out as asked; the message says why and what to do."""


def run(
    argv: list[str], environ: Mapping[str, str], cwd: Path, stdout: TextIO, stderr: TextIO
) -> int:
    """Carry out one command and return its exit status (contract.md, "Command line")."""
    try:
        asked = parser().parse_args(argv)
    except SystemExit as stop:  # argparse has said why, or printed the help
        return stop.code if isinstance(stop.code, int) else USAGE
    for url in (getattr(asked, "database_url", None), getattr(asked, "stats_url", None)):
        if url:
            hide_argument(url)
    progress = Progress(stderr, quiet=getattr(asked, "quiet", True))
    signal.signal(signal.SIGTERM, _stop)
    try:
        return _command(asked, environ, cwd, stdout, progress)
    except KeyboardInterrupt:
        progress.close()
        stderr.write("db-recheck: stopped\n")
        return INTERRUPTED
    except Exception as error:  # noqa: BLE001 - the last wall: a bug is told, not thrown
        progress.close()
        return _failed(error, environ, stderr)
    finally:
        progress.close()


def _stop(_signal: int, _frame: FrameType | None) -> NoReturn:
    raise KeyboardInterrupt


def _failed(error: Exception, environ: Mapping[str, str], stderr: TextIO) -> int:
    from bot.action.errors import ActionError
    from bot.changes import GitError
    from bot.consult.find import NotThere
    from bot.discovery import NoAlembic
    from bot.facts.serial import BadFacts
    from bot.policy_pages import UnknownPolicy
    from bot.settings import SettingsError

    known = (ActionError, GitError, SettingsError, NoAlembic, BadFacts, UnknownPolicy, UsageError)
    if isinstance(error, (*known, NotThere)):
        stderr.write(f"db-recheck: error: {inert(str(error))}\n")
        return USAGE
    if environ.get("DB_RECHECK_DEBUG"):
        traceback.print_exception(error, file=stderr)
    frame = traceback.extract_tb(error.__traceback__)[-1]
    stderr.write(
        f"db-recheck: internal error: {type(error).__name__}: {inert(str(error))}\n"
        f"  at {Path(frame.filename).name}:{frame.lineno}; nothing was checked."
        " Please report it, with the output of the same command under DB_RECHECK_DEBUG=1.\n"
    )
    return ERROR


def _command(
    asked: argparse.Namespace,
    environ: Mapping[str, str],
    cwd: Path,
    stdout: TextIO,
    progress: Progress,
) -> int:
    if asked.command == "policies":
        return _policies(asked, environ, cwd, stdout)
    if asked.command == "stats":
        return _stats(asked, cwd, stdout)
    if asked.command == "judge":
        return _judge(asked, environ, cwd, stdout)
    if asked.command == "action":
        from bot.action.run import act
        from bot.github import GitHub

        packages = cache_home(environ) / "packages"
        return act(environ, cwd, stdout, progress, packages, GitHub)
    if asked.command == "check":
        return _check(asked, environ, cwd, stdout, progress)
    return _consult(asked, environ, cwd, stdout, progress)


def _policies(
    asked: argparse.Namespace, environ: Mapping[str, str], cwd: Path, stdout: TextIO
) -> int:
    from bot.policy_pages import list_policies, show_policy

    def own() -> Listed:
        """Those of the checkout; where nobody named one there may be none, and that is told."""
        from bot.changes import GitError
        from bot.custom.listed import Listed, listed

        try:
            return listed(*settings_of_base(asked, environ, cwd))
        except GitError as error:
            if asked.repo or asked.base:
                raise
            return Listed(unknown=str(error))

    text = show_policy(asked.id, own) if asked.action == "show" else list_policies(own())
    stdout.write(text)
    return 0


def _check(
    asked: argparse.Namespace,
    environ: Mapping[str, str],
    cwd: Path,
    stdout: TextIO,
    progress: Progress,
) -> int:
    from bot.configuration import judging
    from bot.judge import judge
    from bot.review import review

    order = order_of(asked, environ, cwd)
    facts, settings = review(order, environ, progress)
    if asked.store:
        from bot.facts.serial import to_json

        _write(cwd / asked.store, to_json(facts).decode())
    verdict = judge(facts, judging(settings, _run_own(settings, order.temporary, environ)))
    return _report(verdict, asked, environ, cwd, stdout, progress)


def _run_own(settings: Settings, temporary: Path, environ: Mapping[str, str]) -> RunOwn | None:
    if not settings.own_files:
        return None
    from bot.observe.own import sandboxed

    return sandboxed(temporary, environ)


def _consult(
    asked: argparse.Namespace,
    environ: Mapping[str, str],
    cwd: Path,
    stdout: TextIO,
    progress: Progress,
) -> int:
    from bot.consult.question import Describe, Question, Status, SuggestIndex
    from bot.consult.run import consult

    question: Question = Status()
    if asked.command == "describe":
        question = Describe(asked.table)
    elif asked.command == "suggest-index":
        question = SuggestIndex(asked.table, tuple(asked.columns))
    answer = consult(order_of(asked, environ, cwd), question, environ, progress)
    text = answer.render(asked.format)
    progress.close()
    if asked.output:
        _write(cwd / asked.output, text)
    else:
        stdout.write(text)
    return answer.exit_status


def _stats(asked: argparse.Namespace, cwd: Path, stdout: TextIO) -> int:
    from bot.observe.server import ServerError
    from bot.observe.stats import table_stats

    try:
        found = table_stats(asked.stats_url)
    except ServerError as error:
        raise UsageError(str(error)) from None
    if asked.output:
        _write(cwd / asked.output, found)
    else:
        stdout.write(found)
    return 0


def _judge(asked: argparse.Namespace, environ: Mapping[str, str], cwd: Path, stdout: TextIO) -> int:
    from bot.configuration import judging
    from bot.facts.merge import merged
    from bot.facts.serial import from_json
    from bot.judge import judge

    try:
        facts = merged([from_json((cwd / path).read_bytes()) for path in asked.facts])
    except OSError as error:
        raise UsageError(f"{error.filename}: {error.strerror}") from None
    if asked.repo or asked.base:
        settings, _ = settings_of_base(asked, environ, cwd)
        how = judging(settings, _run_own(settings, temporary_folder(environ), environ))
    else:
        how = _judging_alone(facts, stated_in(asked, environ, cwd))
    return _report(judge(facts, how), asked, environ, cwd, stdout, None)


def _judging_alone(facts: Facts, stated: Stated) -> Judging:
    """How to judge where no tree was named: policies that only a tree has are told as not run."""
    from bot.configuration import NO_TREE, judging
    from bot.custom.absent import absent_policies, named_policies

    known = replace(stated, known=named_policies(facts))
    how = judging(known.load(NO_TREE, NO_TREE).settings)
    absent = absent_policies(facts, {policy.id for policy in how.own})
    return replace(how, own=(*how.own, *absent))


def _report(
    verdict: Verdict,
    asked: argparse.Namespace,
    environ: Mapping[str, str],
    cwd: Path,
    stdout: TextIO,
    progress: Progress | None,
) -> int:
    """Write the report where it was asked for."""
    from bot.judge import exit_status
    from bot.report import Format, render

    display = _display(asked, environ, stdout)
    text = render(Format(asked.format), verdict, display)
    if progress:
        progress.close()
    if asked.output:
        _write(cwd / asked.output, text)
    else:
        stdout.write(text)
    return exit_status(verdict)


def _display(asked: argparse.Namespace, environ: Mapping[str, str], stdout: TextIO) -> Display:
    from bot.report import Display

    terminal = stdout.isatty() and not asked.output
    return Display(
        width=shutil.get_terminal_size().columns if terminal else 100,
        color=terminal and not environ.get("NO_COLOR"),
    )


def _write(path: Path, text: str) -> None:
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise UsageError(f"cannot write {path}: {error.strerror}") from None
