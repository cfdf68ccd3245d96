"""The page on questions, with answers that were given: ``docs/consult.md``."""

from __future__ import annotations

from fixtures.consult.samples import Sample, samples

_HEAD = """\
# Ask about the schema

<!-- Made by `make docs` from docs/asking.py and fixtures/consult/, which the tests run. -->

Three questions have an answer from the schema as your change leaves it, whether or not the change
touches a migration:

| on the command line | in a comment on a pull request | says |
|---|---|---|
| `db-recheck describe TABLE` | `/db-recheck describe <table>` | columns, indexes, constraints, \
relationships both ways, row security, triggers, and what this change does to the table |
| `db-recheck status` | `/db-recheck status` | heads, pending revisions, recent history, the \
commands that apply them and go back |
| `db-recheck suggest-index TABLE COLUMN…` | `/db-recheck suggest-index <table> <column…>` | an \
index for queries by these columns, tried on a table with rows |

The merge of head into the tip of base is built as for a check: in the sandbox, on an embedded
PostgreSQL or on `--database-url`. `--base`, `--head`, `--project`, `--install` and the like mean
what they mean for `check`. `--format` is `text`, `markdown` or `json`.

Exit status: `0` answered · `2` there is no such table or column (near names are told), or a usage
error · `3` something could not be seen, and the answer says what, why and what to do.

Comments are answered for people who may write to the repository. The code of a fork is not run
for a comment: its pull request is answered with what the base branch has, and the answer says so.

## Columns of `suggest-index`

| written | queries … | in the index |
|---|---|---|
| `state` | compare it with `=`; a date or time: ask for a range of it | a key; ranges come last |
| `total:range` | ask for a range of it, or sort by it | a key behind those compared with `=` |
| `created_at:desc` | sort by it, the latest first | the same, descending |
| `subject:include` | only read it | carried along (`INCLUDE`) |
| `state=open` | always ask for this value (`null` and `not-null` are values) | the condition of a \
partial index |

The tenant comes first where the table has the column that the policies of tenancy go by and is not
in `tenant-exempt`: the one that `tenant-column` names, else `tenant_id`, else `user_id` where the
schema knows users and no tenants, which the answer says.

`jsonb`, arrays and `tsvector` get a GIN index, ranges and shapes a GiST one. What is suggested was
built on a scratch table of some thousand made-up rows, and the plans are PostgreSQL's own; where so
few rows are read faster without an index, the plan says under which settings it was made. Sizes in
production decide in the end: run `EXPLAIN (ANALYZE)` there.
"""


def page() -> str:
    """The page."""
    return "\n".join([_HEAD, *map(_sample, samples())]).rstrip("\n") + "\n"


def _sample(sample: Sample) -> str:
    return f"## `db-recheck {sample.words}`\n\n```text\n{sample.answer.rstrip()}\n```\n"
