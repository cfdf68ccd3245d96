"""A right was granted to everybody, or with it all others, or a role was made too powerful.

What is granted to PUBLIC every role has that there will ever be. ALL holds TRUNCATE, REFERENCES and
TRIGGER, too, and whatever a later version adds. SUPERUSER and BYPASSRLS end every other rule.

Grant what is needed, to the role that needs it.

Reference: https://www.postgresql.org/docs/current/ddl-priv.html
"""

from __future__ import annotations

from collections.abc import Iterator

from bot.explain.names.names import execute
from bot.explain.schema.origin_objects import found_at, ran_upward
from bot.facts import Facts
from bot.policy import Finding, Remedy, Severity
from bot.sql.rights import PUBLIC, Granted, grants, roles
from bot.wording import block, code, several, verb

SEVERITY = Severity.WARN
PRESETS = (5,)

_RIGHTS = {
    "superuser": "is held by no rule at all",
    "bypassrls": "is not held by row security",
    "createrole": "makes roles, and takes part in every role that it makes",
    "isreplication": "reads every change of every database",
}
_PUBLIC_ANYWAY = ("function", "procedure", "routine", "type", "domain", "language")
_USUAL = {
    "table": "SELECT, INSERT, UPDATE, DELETE",
    "sequence": "USAGE",
    "schema": "USAGE",
    "database": "CONNECT",
}


def check(facts: Facts) -> Iterator[Finding]:
    """One finding for each grant and each role."""
    seen: set[tuple[str, int, str]] = set()
    for project in facts.projects:
        for place, _, piece in ran_upward(project):
            for grant in grants(piece.text):
                subject = f"grant:{grant.object}:{','.join((*grant.names, *grant.roles))}"
                told = _of_grant(grant)
                if told and (place.path, place.line, told) not in seen:
                    seen.add((place.path, place.line, told))
                    yield found_at(
                        place,
                        title=told,
                        message=f"{told}. {_why(grant)}",
                        subject=subject,
                        remedies=(_narrow(grant),),
                    )
            for role in roles(piece.text):
                for right in role.rights:
                    if right in _RIGHTS:
                        word = {"isreplication": "REPLICATION"}.get(right, right.upper())
                        yield found_at(
                            place,
                            title=f"The role {code(role.name)} is made {word}",
                            message=f"A role with {word} {_RIGHTS[right]}. Whoever gets hold of"
                            f" the login of {code(role.name)} can do the same.",
                            subject=f"role:{role.name}:{right}",
                            remedies=(
                                Remedy(
                                    "Leave it out, and have an administrator do it where it is"
                                    " needed"
                                ),
                            ),
                        )


def _of_grant(grant: Granted) -> str | None:
    """What is broad about it; None for what is not, or what everybody has anyway."""
    what = several(grant.names) if grant.names else f"every new {grant.object}"
    if PUBLIC in grant.roles:
        if grant.object in _PUBLIC_ANYWAY and not grant.by_default:
            return None
        given = several(grant.privileges) if grant.privileges else "ALL"
        return f"Everybody gets {given} on {what}"
    if not grant.privileges and grant.object not in _PUBLIC_ANYWAY:
        return f"{several(grant.roles)} {verb(grant.roles, 'gets', 'get')} ALL on {what}"
    return None


def _why(grant: Granted) -> str:
    if PUBLIC in grant.roles:
        return "PUBLIC is every role there is and every one to come, the read-only ones included."
    if grant.object == "table":
        return "ALL holds TRUNCATE, which no policy and no trigger for rows sees, and TRIGGER."
    return "ALL holds more than an application uses, and grows with PostgreSQL's versions."


def _narrow(grant: Granted) -> Remedy:
    words = ", ".join(grant.privileges) or _USUAL.get(grant.object, "USAGE")
    names = ", ".join(grant.names) or "…"
    roles_ = ", ".join(role for role in grant.roles if role != PUBLIC) or "application"
    kind = "" if grant.object == "table" else f"{grant.object.upper()} "
    text = execute(f"GRANT {words} ON {kind}{names} TO {roles_}")
    return Remedy("Grant what is used, to who uses it", block(text, "python"))
