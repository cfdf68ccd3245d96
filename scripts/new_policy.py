"""A new policy in under a minute: ``make new-policy NAME=locking/some-pattern``.

Writes the module and its fixture with a bad and a good revision; refuses to overwrite anything.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

MODULE = '''\
"""TODO what was seen, in one sentence, past tense.

TODO why it hurts, in the words of somebody whose release it stops.

TODO what to do instead.

Reference: https://www.postgresql.org/docs/current/
"""

from __future__ import annotations

from collections.abc import Iterator

from bot.explain.revisions import present
from bot.facts import Facts
from bot.policy import Confidence, Finding, Remedy, Severity
from bot.wording import block, code

SEVERITY = Severity.WARN


def check(facts: Facts) -> Iterator[Finding]:
    """One finding for each TODO."""
    for project in facts.projects:
        for item in present(project):
            for statement in item.round_trip.upgrade.statements:
                if "TODO" in statement.sql:
                    yield Finding(
                        path=statement.path or item.path,
                        line=statement.line or item.anchors.upgrade,
                        title=f"{code(item.revision)} TODO",
                        message=f"{code(statement.sql)} TODO",
                        subject=item.revision,
                        confidence=Confidence.OBSERVED,
                        project=project.config,
                        revision=item.revision,
                        remedies=(Remedy("TODO", block("op.execute(...)", "python")),),
                    )
'''

REVISION = '''\
"""{doc}"""

from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.execute("COMMENT ON TABLE customers IS {comment}")


def downgrade() -> None:
    op.execute("COMMENT ON TABLE customers IS NULL")
'''

EXPECTED = """\
[bad]
verdict = "pass"
findings = [
  "warn {policy} migrations/versions/0002_{stem}.py:10",
]
"""


class BadName(ValueError):
    """The name is not ``group/some-pattern``, or is taken; the message says which."""


def files(root: Path, name: str) -> dict[Path, str]:
    """What a new policy consists of, by path.

    Raises:
        BadName: the name is no group and pattern, or a policy of that name exists.
    """
    match = re.fullmatch(r"([a-z]+)/([a-z]+(?:-[a-z]+)*)", name)
    if match is None:
        raise BadName(
            f"NAME={name!r}: write group/pattern in lower case, like locking/table-rewrite"
        )
    group, policy = match.groups()
    stem = policy.replace("-", "_")
    module = root / "bot" / "policies" / group / f"{stem}.py"
    case = root / "fixtures" / "pull_requests" / stem
    taken = [*(root / "bot" / "policies").glob(f"*/{stem}.py"), *case.glob("*")]
    if taken:
        raise BadName(f"there is {taken[0].relative_to(root)} already")
    found = {
        module: MODULE,
        case / "bad.py": REVISION.format(doc="What the policy is about.", comment="'TODO'"),
        case / "good.py": REVISION.format(doc="The cure.", comment="'Who buys'"),
        case / "expect.toml": EXPECTED.format(policy=policy, stem=stem),
    }
    package = module.parent / "__init__.py"
    if not package.exists():
        found[package] = f'"""Policies about {group}."""\n'
    return found


def main(arguments: list[str], root: Path) -> int:
    """Write the files and say what is next."""
    try:
        wanted = files(root, "".join(arguments))
    except BadName as error:
        sys.stderr.write(f"{error}\n")
        return 2
    for path, text in wanted.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        sys.stdout.write(f"{path.relative_to(root)}\n")
    sys.stdout.write("Fill in what says TODO, then: make accept, and read the diff.\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:], Path(__file__).parent.parent))
