"""The command line's words, as contract.md fixes them."""

from __future__ import annotations

import argparse
from pathlib import Path

from bot import __version__

FORMATS = ("text", "markdown", "json", "sarif", "github")
ANSWERS = ("text", "markdown", "json")  # the formats of an answer


class Formatter(argparse.RawDescriptionHelpFormatter):
    """Help as it is written, at a width that fits any terminal."""

    def __init__(self, prog: str) -> None:
        super().__init__(prog, max_help_position=28, width=96)


def parser() -> argparse.ArgumentParser:
    """The parser of `db-recheck`."""
    root = argparse.ArgumentParser(
        prog="db-recheck",
        description="Reviews what a branch does to the database, by running it on a real"
        " PostgreSQL.\n\nexit status: 0 pass or nothing to check, 1 a finding at or above"
        " --fail-on,\n2 usage or configuration error, 3 something that must be seen could not be",
        formatter_class=Formatter,
    )
    root.add_argument("--version", action="version", version=f"db-recheck {__version__}")
    commands = root.add_subparsers(dest="command", metavar="COMMAND", required=True)
    _check(commands.add_parser("check", help="review a change", formatter_class=Formatter))
    _judge(
        commands.add_parser(
            "judge",
            help="make a report from stored facts; no database, no code of the target",
            formatter_class=Formatter,
        )
    )
    action = commands.add_parser(
        "action", help="what the GitHub Action runs", formatter_class=Formatter
    )
    action.description = (
        "Reads the event and the inputs of a GitHub Actions job from its environment (GITHUB_*,"
        " INPUT_*). On your own machine use `check`."
    )
    action.set_defaults(quiet=False)
    _stats(
        commands.add_parser(
            "stats", help="the sizes of production's tables, as JSON", formatter_class=Formatter
        )
    )
    _policies(
        commands.add_parser(
            "policies", help="what is checked, why, and how to fix it", formatter_class=Formatter
        )
    )
    _consultations(commands)
    return root


_Commands = argparse._SubParsersAction


def _consultations(commands: _Commands[argparse.ArgumentParser]) -> None:
    describe = commands.add_parser(
        "describe", help="a table as the change leaves it", formatter_class=Formatter
    )
    describe.add_argument("table", metavar="TABLE", help="schema.table, or the bare name")
    status = commands.add_parser(
        "status", help="heads, pending revisions, recent history", formatter_class=Formatter
    )
    index = commands.add_parser(
        "suggest-index", help="an index for queries by these columns", formatter_class=Formatter
    )
    index.description = (
        "Suggests an index, builds it on a scratch table with rows, and shows the plans that use"
        " it."
    )
    index.add_argument("table", metavar="TABLE", help="schema.table, or the bare name")
    index.add_argument(
        "columns",
        metavar="COLUMN",
        nargs="+",
        help="name (given with =), name:range, name:desc, name:include, or name=value for a"
        " partial index (null and not-null are values)",
    )
    for words in (describe, status, index):
        _running(words)
        words.add_argument("--config", type=Path, metavar="FILE", help="settings (those of base)")
        group = words.add_argument_group("the answer")
        group.add_argument("--format", choices=ANSWERS, default="text")
        group.add_argument("--output", type=Path, metavar="FILE", help="write it there (stdout)")
        group.add_argument("-q", "--quiet", action="store_true", help="no progress on stderr")


def _check(words: argparse.ArgumentParser) -> None:
    words.description = (
        "Merges head into the tip of base and runs every new revision up, down and up again."
    )
    _running(words)
    _judging(words)
    _output(words)
    out = words.add_argument_group("more output")
    out.add_argument(
        "--facts", dest="store", type=Path, metavar="FILE", help="store what was seen, for judge"
    )
    out.add_argument("-q", "--quiet", action="store_true", help="no progress on stderr")


def _running(words: argparse.ArgumentParser) -> None:
    what = words.add_argument_group("what to review")
    what.add_argument("--repo", type=Path, metavar="DIR", help="the checkout (here)")
    what.add_argument("--base", metavar="REV", help="the branch to merge into (origin's default)")
    what.add_argument("--head", metavar="REV", help="the change (the working tree)")
    what.add_argument(
        "--project", action="append", metavar="PATH", help="only this Alembic configuration"
    )
    how = words.add_argument_group("how to run it")
    how.add_argument("--database-url", metavar="URL", help="a scratch server (an embedded one)")
    how.add_argument("--postgres", metavar="MAJOR", help="major version of the embedded server")
    how.add_argument(
        "--shared-server",
        action="store_true",
        default=None,
        help="use a server that holds more than scratch data",
    )
    how.add_argument("--install", metavar="HOW", help="auto, never, or a command (auto)")
    how.add_argument("--timeout", metavar="SECONDS", help="for the whole run (600)")
    how.add_argument("--cache", metavar="DIR", help="keep base's database here from run to run")


def _judge(words: argparse.ArgumentParser) -> None:
    words.description = (
        "Judges stored facts again. With --repo the configuration and the policies of the"
        " repository's own are those of base in that checkout; what is in Python runs in the"
        " sandbox. Without it they are told as not checked."
    )
    words.add_argument("facts", type=Path, nargs="+", metavar="FACTS.json")
    group = words.add_argument_group("by whose settings")
    group.add_argument("--repo", type=Path, metavar="DIR", help="a checkout (none)")
    group.add_argument("--base", metavar="REV", help="the commit to read (origin's default)")
    _judging(words)
    _output(words)


def _stats(words: argparse.ArgumentParser) -> None:
    words.description = (
        "Reads rows, bytes and writes of every table in a read-only transaction, for the setting"
        " `table-stats`."
    )
    words.add_argument(
        "--url", dest="stats_url", metavar="URL", required=True, help="the database to look at"
    )
    words.add_argument("--output", type=Path, metavar="FILE", help="write it there (stdout)")


def _policies(words: argparse.ArgumentParser) -> None:
    words.description = (
        "What db-recheck checks, and what the policies of the repository itself do; those are read"
        " from base, as for a check, and none is run."
    )
    _at_base(words, None)
    actions = words.add_subparsers(dest="action", metavar="list | show ID")
    every = actions.add_parser(
        "list", help="all of them, a line each (the default)", formatter_class=Formatter
    )
    show = actions.add_parser("show", help="one of them, in full", formatter_class=Formatter)
    show.add_argument("id", metavar="ID")
    for each in (every, show):
        _at_base(each, argparse.SUPPRESS)  # what stands before the action holds


def _at_base(words: argparse.ArgumentParser, default: str | None) -> None:
    group = words.add_argument_group("whose policies")
    group.add_argument(
        "--repo", type=Path, metavar="DIR", help="the checkout (here)", default=default
    )
    group.add_argument(
        "--base",
        metavar="REV",
        help="the commit whose configuration holds (origin's default)",
        default=default,
    )
    group.add_argument(
        "--config", type=Path, metavar="FILE", help="settings (those of base)", default=default
    )


def _judging(words: argparse.ArgumentParser) -> None:
    group = words.add_argument_group("how to judge it")
    group.add_argument("--config", type=Path, metavar="FILE", help="settings (those of base)")
    group.add_argument("--fail-on", metavar="SEVERITY", help="block, warn or never (block)")
    group.add_argument("--strict", action="store_true", default=None, help="unseen is an error")
    group.add_argument("--packs", metavar="NAMES", help="more policies, separated by commas")
    group.add_argument("--preset", metavar="NAME", help="the policies of a written standard")


def _output(words: argparse.ArgumentParser) -> None:
    group = words.add_argument_group("the report")
    group.add_argument("--format", choices=FORMATS, default="text")
    group.add_argument("--output", type=Path, metavar="FILE", help="write it there (stdout)")
