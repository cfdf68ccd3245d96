"""``python -m accuracy``: run the systems on the corpus and write ``docs/accuracy.md``.

Kept answers stay as long as their case and the system's version do; ``--all`` asks everything anew.
"""

from __future__ import annotations

import argparse
import os
import shutil
import sys
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from accuracy import own
from accuracy.page import PAGE, page
from accuracy.peers import Unread, Visit, visited
from accuracy.renewal import outdated, renewed
from accuracy.said import Answer, Said, fingerprint, load
from accuracy.scope import shared
from accuracy.systems import System, systems
from accuracy.venvs import NotInstalled, environment
from bot import __version__
from fixtures.labelled import Labelled, corpus


def main() -> None:
    """Run, keep the results, write the page."""
    known = systems()
    parser = argparse.ArgumentParser(prog="python -m accuracy", description=__doc__)
    parser.add_argument(
        "systems",
        nargs="*",
        metavar="SYSTEM",
        help=f"{own.NAME}, {', '.join(item.name for item in known)}, or `page`; all by default",
    )
    parser.add_argument("--cache", type=Path, default=_cache(), help="where peers are installed")
    parser.add_argument("--all", action="store_true", help="run cases with kept answers too")
    parser.add_argument(
        "--case", action="append", default=[], help="run these whatever is kept, e.g. 'columns/*'"
    )
    asked = parser.parse_args()
    names = set(asked.systems or [own.NAME, *(item.name for item in known)])
    if unknown := names - {own.NAME, "page", *(item.name for item in known)}:
        parser.error(f"there is no system {', '.join(sorted(unknown))}")
    again = ["*"] if asked.all else asked.case
    with tempfile.TemporaryDirectory(prefix="db-recheck-accuracy-") as temporary:
        folder = Path(temporary)
        folder.chmod(0o755)  # servers run as users of their own in folders below it
        if own.NAME in names:
            cases = outdated(load(own.NAME), __version__, corpus(), own.shown, again)
            answers = own.answers(cases, folder)
            _keep(own.NAME, __version__, corpus(), answers, len(cases))
        for system in known:
            if system.name in names:
                _run(system, folder, asked.cache, again)
    PAGE.write_text(page(corpus(), known, load), "utf-8")
    sys.stdout.write(f"wrote {PAGE.name}\n")


def _run(system: System, folder: Path, cache: Path, again: Sequence[str]) -> None:
    cases = outdated(load(system.name), system.shown, shared(), fingerprint, again)
    try:
        programs = environment(system.packages, cache)
    except NotInstalled as error:
        sys.stderr.write(f"{system.name}: not installed, what is kept of it stays: {error}\n")
        return
    answers = _answers(system, cases, folder, programs)
    _keep(system.name, system.shown, shared(), answers, len(cases))


def _keep(
    name: str,
    version: str,
    cases: Sequence[Labelled],
    answers: Iterable[tuple[Labelled, Answer]],
    count: int,
) -> None:
    """Each answer is kept as it comes: a run that was interrupted goes on where it was."""
    kept = load(name)
    before = kept.answers if kept is not None and kept.version == version else {}
    for done, said in enumerate(renewed(Said(name, version, before), cases, answers)):
        said.save()
        _progress(f"{name}: {done} of {count}")


def _answers(
    system: System, cases: Sequence[Labelled], folder: Path, programs: Path
) -> Iterator[tuple[Labelled, Answer]]:
    """What one peer says about these cases, two at a time."""

    def one(case: Labelled) -> Answer:
        place = folder / system.name / case.id
        shown = fingerprint(case)
        try:
            return Answer(shown, visited(system.name, Visit(case, case.build(place), programs)))
        except Unread as error:
            return Answer(shown, unread=str(error).replace(str(place), "…"))
        finally:
            shutil.rmtree(place, ignore_errors=True)

    with ThreadPoolExecutor(2) as pool:
        yield from zip(cases, pool.map(one, cases), strict=True)


def _cache() -> Path:
    stated = os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
    return Path(stated) / "db-recheck" / "accuracy"


def _progress(text: str) -> None:
    sys.stderr.write(f"\r\x1b[K{text}" if sys.stderr.isatty() else "")


if __name__ == "__main__":
    main()
