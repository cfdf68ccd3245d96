"""A password or a key stood as a literal in a migration, a model or the SQL that ran.

Whoever can read the repository, now or in years, can use it; so can whoever reads the server's log,
where statements end up. Taking it out in a later commit does not take it back.

Change the secret today. Read it from the environment when the migration runs, or set it outside of
the chain.

Reference: https://cheatsheetseries.owasp.org/cheatsheets/Secrets_Management_Cheat_Sheet.html
"""

from __future__ import annotations

from collections.abc import Iterator

from bot.explain.python.secrets import ADDRESS, Secret, in_python, in_sql
from bot.explain.schema.origin_objects import found_at, ran_upward
from bot.facts import Facts
from bot.policy import Confidence, Finding, Remedy, Severity
from bot.wording import block, code

SEVERITY = Severity.BLOCK
PRESETS = (2, 5)
SEES_SECRETS = True  # all other policies get the facts without them

_READ = """import os

password = sa.literal(os.environ["REPORTING_PASSWORD"]).compile(
    dialect=op.get_bind().dialect, compile_kwargs={"literal_binds": True}
)
op.execute(f"ALTER ROLE reporting PASSWORD {password}")"""
_URL = """import os

url = os.environ["DATABASE_URL"]"""
_ROLE = """op.execute("CREATE ROLE reporting NOLOGIN")
# outside of the chain, once for each installation: ALTER ROLE reporting LOGIN PASSWORD …"""


def check(facts: Facts) -> Iterator[Finding]:
    """One finding for each secret at each line; its value is never shown."""
    told: set[str] = set()
    owners = {
        item.path: (project.config, item.revision)
        for project in facts.projects
        for item in project.revisions
    }
    for source in facts.sources:
        new = source.base is None
        added = {n for file in facts.files if file.path == source.path for n in file.added}
        if source.head is None or not source.path.endswith(".py"):
            continue
        known = {item.value for item in in_python(source.base or "")}
        project, revision = owners.get(source.path, (None, None))
        for item in in_python(source.head):
            if item.value in known or not (new or item.line in added):
                continue
            if item.value in told:
                continue
            told.add(item.value)
            yield Finding(
                path=source.path,
                line=item.line,
                title="A secret stands in the file",
                message=f"This line holds {_what(item)}. It is not shown here.",
                subject=f"{source.path}:{item.kind}:{item.name}",
                confidence=Confidence.CERTAIN,
                project=project,
                revision=revision,
                remedies=_AN_ADDRESS if item.kind == ADDRESS else _REMEDIES,
            )
    for place, statement, _ in (each for project in facts.projects for each in ran_upward(project)):
        for item in in_sql(statement.sql):
            if item.value not in told:
                told.add(item.value)
                yield found_at(
                    place,
                    title="The SQL that ran holds a secret",
                    message=f"The statement holds {_what(item)}. It is not shown here.",
                    subject=f"sql:{item.kind}:{item.name}",
                    remedies=_REMEDIES,
                )


def _what(item: Secret) -> str:
    return f"{item.kind} {code(item.name)}" if item.name else item.kind


_REMEDIES = (
    Remedy(
        "Change the secret, and give the role its login outside of the chain",
        block(_ROLE, "python"),
    ),
    Remedy(
        "Read it from the environment when it runs",
        block(_READ, "python"),
        trade_off="A server that logs statements still writes it down.",
    ),
)
_AN_ADDRESS = (
    Remedy(
        "Change the password, and read the whole address from the environment",
        block(_URL, "python"),
    ),
)
