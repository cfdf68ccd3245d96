"""``python -m accuracy``: run the systems on the corpus and write ``docs/accuracy.md``."""

from __future__ import annotations

import argparse
import os
import shutil
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from accuracy import own
from accuracy.page import PAGE, page
from accuracy.peers import Unread, Visit, visited
from accuracy.said import Remark, Said, fingerprint, load
from accuracy.systems import System, systems
from accuracy.venvs import NotInstalled, environment
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
    asked = parser.parse_args()
    names = set(asked.systems or [own.NAME, *(item.name for item in known)])
    if unknown := names - {own.NAME, "page", *(item.name for item in known)}:
        parser.error(f"there is no system {', '.join(sorted(unknown))}")
    cases = corpus()
    with tempfile.TemporaryDirectory(prefix="db-recheck-accuracy-") as folder:
        Path(folder).chmod(0o755)  # servers run as users of their own in folders below it
        if own.NAME in names:
            own.run(cases, Path(folder), _progress).save()
        for system in known:
            if system.name in names:
                run(system, cases, Path(folder), asked.cache).save()
    PAGE.write_text(page(cases, known, load), "utf-8")
    sys.stdout.write(f"wrote {PAGE.name}\n")


def run(system: System, cases: tuple[Labelled, ...], folder: Path, cache: Path) -> Said:
    """What one peer says about every case, two cases at a time."""
    corpus_now = fingerprint(cases)
    try:
        programs = environment(system.packages, cache)
    except NotInstalled as error:
        why = f"not installed: {error}"
        return Said(system.name, system.shown, corpus_now, {}, dict.fromkeys(_ids(cases), why))

    def one(case: Labelled) -> tuple[Remark, ...] | str:
        place = folder / system.name / case.id
        try:
            return visited(system.name, Visit(case, case.build(place), programs))
        except Unread as error:
            return str(error).replace(str(place), "…")
        finally:
            shutil.rmtree(place, ignore_errors=True)

    said: dict[str, tuple[Remark, ...]] = {}
    unread: dict[str, str] = {}
    with ThreadPoolExecutor(2) as pool:
        for case, answer in zip(cases, pool.map(one, cases), strict=True):
            if isinstance(answer, str):
                unread[case.id] = answer
            else:
                said[case.id] = answer
            _progress(f"{system.name}: {len(said) + len(unread)} of {len(cases)}")
    return Said(system.name, system.shown, corpus_now, said, unread)


def _ids(cases: tuple[Labelled, ...]) -> tuple[str, ...]:
    return tuple(case.id for case in cases)


def _cache() -> Path:
    stated = os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
    return Path(stated) / "db-recheck" / "accuracy"


def _progress(text: str) -> None:
    sys.stderr.write(f"\r\x1b[K{text}" if sys.stderr.isatty() else "")


if __name__ == "__main__":
    main()
