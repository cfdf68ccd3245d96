"""What statements lock, read, rewrite, create and drop, on every major that is to be had here."""

from __future__ import annotations

from itertools import groupby

import pytest

from bot.facts import Seen
from bot.observe.locks.alone import COUNTED_SINCE
from bot.observe.server import ServerError
from tests.postgres.locks.conftest import Bench, Benches, Order
from tests.postgres.locks.truth import FOLDER, Row, described, rows, uncounted

MAJORS = (14, 15, 16, 17, 18)
ALONE = "outside_a_transaction.txt"
INSIDE = sorted(path.name for path in FOLDER.glob("*.txt") if path.name != ALONE)


@pytest.fixture(scope="module", params=MAJORS)
def bench(request: pytest.FixtureRequest, benches: Benches) -> Bench:
    """A bench on that major."""
    try:
        return benches(request.param)
    except ServerError as error:
        pytest.skip(str(error))


def differences(bench: Bench, rows: list[Row], *, alone: bool) -> list[str]:
    """Rows whose statement did something else than the file says."""
    major = bench.server.major
    chosen = [row for row in rows if row.on(major) is not None]
    ran = bench.run(Order([row.sql for row in chosen], alone=alone, apart=not alone))
    seen = {statement.sql: statement for statement in ran.statements}
    found = []
    for row in chosen:
        expected = row.on(major) or ""
        if alone and major < COUNTED_SINCE:
            expected = uncounted(expected)
        statement = seen.get(row.sql)
        if statement is None:
            found.append(f"{row.sql}\n    did not run: {ran.failure}")
            continue
        if statement.seen is not (Seen.WAITING if alone else Seen.TRANSACTION):
            found.append(f"{row.sql}\n    {statement.seen}: {statement.unseen}")
        if described(statement.effects) != expected:
            found.append(f"{row.sql}\n    {described(statement.effects)}\n    not {expected}")
    return found


@pytest.mark.parametrize("name", INSIDE)
def test_statements_inside_a_transaction(bench: Bench, name: str) -> None:
    """Locks, scans, rewrites and rows are those of the file, with nothing left out or added."""
    assert not (wrong := differences(bench, rows(name), alone=False)), "\n".join(wrong)


def test_statements_outside_a_transaction(bench: Bench) -> None:
    """They are seen by the modes that they wait for, and by what is different afterwards."""
    sections = [list(found) for _, found in groupby(rows(ALONE), key=lambda row: row.source)]
    wrong = [line for section in sections for line in differences(bench, section, alone=True)]
    assert not wrong, "\n".join(wrong)


def test_every_row_has_its_source() -> None:
    """The table is long enough to mean something, and no statement stands in it twice."""
    every = [row for path in FOLDER.glob("*.txt") for row in rows(path.name)]
    assert len(every) >= 80
    assert all(row.source and row.expected for row in every)
    for path in FOLDER.glob("*.txt"):
        statements = [row.sql for row in rows(path.name)]
        assert len(statements) == len(set(statements))
