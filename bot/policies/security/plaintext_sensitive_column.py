"""A column for something that must not leak was a plain text.

It is readable in every dump, replica, log of slow queries and support session, and cannot be told
apart from harmless text when somebody asks what was lost.

Store a hash of what is only compared, and an encrypted value of what has to be read again.

Reference: https://www.postgresql.org/docs/current/encryption-options.html
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise

from bot.explain.guesses.column_words import is_text
from bot.explain.schema.new_objects import new_columns
from bot.explain.schema.origin import column_made
from bot.facts import Facts
from bot.facts.schema import Table
from bot.policy import DEFAULTS, Finding, Options, Remedy, Severity
from bot.wording import block, code

SEVERITY = Severity.NOTE
PACK = "contract"
PRESETS = (5,)
OPTIONS = {
    "columns": "further words of sensitive columns",
    "exempt": "columns (`schema.table.column`) that are encrypted by the application",
}

_WORDS = {"ssn", "password", "passwd", "secret", "cvv", "cvc", "iban", "passphrase", "totp"}
_PAIRS = (
    *(("card", "number"), ("credit", "card"), ("account", "number"), ("social", "security")),
    *(("api", "key"), ("access", "token"), ("refresh", "token"), ("private", "key")),
    *(("auth", "token"), ("reset", "token"), ("session", "token")),
    *(("passport", "number"), ("bank", "account"), ("api", "token"), ("bearer", "token")),
)
_SAFE = {
    *("hash", "hashed", "encrypted", "cipher", "ciphertext", "digest", "last4", "masked", "salt"),
    *("expires", "expiry", "type", "hint", "algorithm", "enc", "brand", "policy", "four", "name"),
    *("prefix", "status", "label", "path", "url", "ref", "reference", "version", "kid", "arn"),
}
_ALONE = {"token", "pin"}


def check(facts: Facts, options: Options = DEFAULTS) -> Iterator[Finding]:
    """One finding for each new column."""
    more = set(options.of("plaintext-sensitive-column", "columns", ("",))) - {""}
    exempt = options.of("plaintext-sensitive-column", "exempt", ("",))
    for project in facts.projects:
        for new in new_columns(project):
            column, table = new.thing, new.table
            if new.before is not None and is_text(new.before.type):
                continue
            if not is_text(column.type) or not _sensitive(column.name, more):
                continue
            full = f"{table.full_name}.{column.name}"
            made = column_made(project, new) if full not in exempt else None
            if made is None or table.partition_of:
                continue
            twin = _twin(table, column.name)
            text = f'sa.Column("{column.name}_encrypted", sa.LargeBinary(), nullable=False),'
            yield made.finding(
                table,
                title=f"{code(column.name)} of {code(table.full_name)} is plain text",
                message=f"Who reads {code(table.full_name)}, or a copy of it, reads"
                f" {code(column.name)}."
                + (
                    f" {code(twin)} is encrypted, and this one beside it undoes that."
                    if twin
                    else ""
                ),
                subject=full,
                column=column.name,
                remedies=(
                    Remedy("Encrypt it in the application", block(text, "python")),
                    Remedy(
                        "Hash what is only compared",
                        f"`{column.name}_hash`: a password with argon2 or bcrypt, a random token"
                        " with SHA-256.",
                    ),
                ),
            )


def _sensitive(name: str, more: set[str]) -> bool:
    words = re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name).lower().split("_")
    if set(words) & _SAFE:
        return False
    pairs = set(pairwise(words))
    alone = len(words) == 1 and words[0] in _ALONE
    return bool(set(words) & (_WORDS | more)) or bool(pairs & set(_PAIRS)) or alone


def _twin(table: Table, name: str) -> str | None:
    """A column of the table that holds the same, encrypted or hashed."""
    wanted = {f"{name}_encrypted", f"encrypted_{name}", f"{name}_enc", f"{name}_hash"}
    return next((item.name for item in table.columns if item.name in wanted), None)
