"""The page on a team's own policies: ``docs/custom-policies.md``; its samples are fixtures."""

from __future__ import annotations

from dataclasses import fields
from pathlib import Path

from bot.custom.said import MOST_BYTES, MOST_FINDINGS
from bot.observe.own import Bounds
from bot.policy import Finding
from bot.settings.own_files import LARGEST, MOST

_BASE = Path(__file__).parents[1] / "fixtures" / "custom" / "base"
_SAMPLE = _BASE / ".db-recheck" / "policies" / "money_without_currency.py"
_PAGE = """\
# Policies of your own

<!-- Made by `make docs` from docs/own_policies.py and fixtures/custom/, which the tests run. -->

Both kinds are read from **base**, like all of the configuration: a pull request cannot rid itself
of them. What it alters or removes is reported (`check-weakened`); what it adds runs once it is
merged. Their ids begin with `custom-`, so that none is taken for one of db-recheck's own. They
are weighed, switched off and allowed by these ids like any other: `"custom-audit-columns" =
"off"` under `[policies]`, `# db-recheck: allow custom-audit-columns: the reason` in a revision.

`db-recheck policies` lists them behind those of db-recheck, with what they weigh and the line that
defines them; `db-recheck policies show custom-audit-columns`, and `/db-recheck explain
custom-audit-columns` in a comment on a pull request, tell what one wants, its text and how to allow
it. All three read base (`--base` names another commit) and run nothing: of a policy in Python they
show the docstring.

## Declared, without code

```toml
# .db-recheck.toml (in a pyproject.toml: [[tool.db-recheck.custom]])
{toml}
```

| key | meaning |
|---|---|
| `name` | the id is `custom-<name>`; small letters, digits and dashes |
| `severity` | `block`, `warn` or `note`; `warn` unless stated |
| `required-columns` | columns that every new table needs |
| `forbidden-types` | types that no new column may have, nor an old one get, as PostgreSQL calls \
them (`double precision`, `character varying`, `numeric(10,2)`, a domain or enum by its name) |
| `table-names`, `column-names` | regular expressions that the whole of a new name has to match |
| `tables`, `exempt` | shell patterns (`public.*`, `audit_?`) of the tables that it concerns, and \
of those that it does not |
| `message` | your reason, which the finding tells |

Only what is new is judged: tables and columns that base has already are left alone.

## In Python

Each file `.db-recheck/policies/<name>.py` is one policy with the id `custom-<name>`, of the same
shape as those of db-recheck:

```python
# .db-recheck/policies/money_without_currency.py
{python}
```

- The docstring says what was seen, why it hurts, what to do instead, and `Reference:`.
- `SEVERITY` is `Severity.BLOCK`, `Severity.WARN` or `Severity.NOTE`, written like that.
- `check(facts)`, or `check(facts, options)`, yields a `Finding` for every offender.

What it gets and gives is typed, and your type checker knows it where db-recheck is installed:
`bot.facts.Facts` (all that was seen: `facts.projects`, their `revisions` with every statement and
catalogue difference, `schema` and `base_schema`, the texts of changed files in `sources`),
`bot.policy.Options` and `bot.policy.Finding`. `bot.wording` has `code`, `block` and `prose` for
names in Markdown, `bot.sql.pieces` PostgreSQL's own parser. These names change only with a new
major version. A finding has the fields {fields}; its `path` is a file of the change, and
`subject` is what it is about without line numbers, by which it is known from run to run.

### What it can do and cannot do

A policy runs in a process of its own, in the sandbox in which migrations run, over the facts as
JSON: without network, without the checkout, the token or any variable of the runner. It may use
the standard library and what db-recheck brings; files that begin with an underscore are not
policies and cannot be imported.

| bound | |
|---|---|
| time | {seconds:g} s |
| memory | {memory} MiB of addresses |
| findings | {findings}, in {bytes} MiB |
| a file | {largest} KiB; {most} policies in all |

What it prints is thrown away. What it reports is read as strictly as anything from a stranger's
code: findings and nothing else, about files of the change, their Markdown made harmless, patches
left out. It cannot take back, allow or re-weigh what others found. One that raises, runs out of
time or memory or says something else is listed under "not checked" with its line, makes the
verdict `error` (exit status 3) unless something else fails the check, and costs nothing but its
own findings.

`db-recheck judge --repo DIR FACTS.json` runs them on stored facts, and so does `mode: report` of
the Action: those of the base branch as it is now, in the same sandbox. Without `--repo`, `judge`
has no tree to read them from: each that was in force when the facts were made is listed under "not
checked", and the verdict is an `error` unless something else fails the check.
"""


def page() -> str:
    """The page."""
    bounds = Bounds()
    names = [f"`{field.name}`" for field in fields(Finding)]
    return _PAGE.format(
        toml=(_BASE / ".db-recheck.toml").read_text("utf-8").strip(),
        python=_SAMPLE.read_text("utf-8").strip(),
        fields=f"{', '.join(names[:-1])} and {names[-1]}",
        seconds=bounds.seconds,
        memory=bounds.memory // 1024**2,
        findings=MOST_FINDINGS,
        bytes=MOST_BYTES // 1024**2,
        largest=LARGEST // 1024,
        most=MOST,
    )
