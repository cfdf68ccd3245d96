"""Revision files as text, the facts that hold them, and what git makes of a patch."""

from __future__ import annotations

import subprocess
from pathlib import Path

from hypothesis import strategies as st

from bot.facts import Facts, Source

PATH = "migrations/versions/0002_ix.py"
HEAD = '"""Indices."""\n\nfrom alembic import op\n\nrevision = "0002"\n\n\n'
TAIL = "\n\ndef downgrade() -> None:\n    pass\n"


def upgrade(body: str) -> str:
    """A revision file with that body of ``upgrade``, whose first line is line 9."""
    lines = "".join(f"    {line}\n" if line else "\n" for line in body.split("\n"))
    return f"{HEAD}def upgrade() -> None:\n{lines}{TAIL}"


def facts(text: str, path: str = PATH, *, bom: bool = False) -> Facts:
    """Facts of a change that adds this file."""
    return Facts(base="a", head="b", sources=(Source(path, text, None, bom=bom),))


def applied(patch: str, text: str, folder: Path, path: str = PATH, *, bom: bool = False) -> str:
    """The file after ``git apply``."""
    file = folder / path
    file.parent.mkdir(parents=True, exist_ok=True)
    mark = "\ufeff" if bom else ""
    file.write_bytes((mark + text).encode())
    subprocess.run(
        ["git", "apply", "--unsafe-paths", "-"], cwd=folder, input=patch.encode(), check=True
    )
    new = file.read_bytes().decode()
    assert new.startswith(mark)
    return new.removeprefix(mark)


_STATEMENTS = (
    'op.create_index("ix", "t", ["c"])',
    'op.create_index("ix", "t", ["c"])  # why',
    'op.create_index(\n    "ix",\n    "t",  # the é table\n    ["c"],  # (\n)',
    'op.create_index("ix", "t",\n                ["c"], unique=True)',
    'op.create_index(\n    "ix", "t", ["c"],\n)',
    'op.create_index(\n    "ix",\n    "t",\n    columns=(\n        ["c"]\n    ),\n)',
    'op.create_index("ix", "t", ["c"], postgresql_concurrently=(False))',
    'op.create_index("ix", "t", [c for c in "c"], )',
    'op.create_index("ix", "t", \\\n    ["c"])',
    'op.create_index("""ix\n  é""", "t", ["c"])',
    'op.create_index("ix", "t", ["c"]); op.drop_index("iy")',
    'op.create_index(*["ix", "t", ["c"]])',
    'op.create_index("ix", "t", ["c"], **{})',
    "op.create_index(c for c in ())",
    "op.create_index()",
    'created = op.create_index("ix", "t", ["c"])',
    'op.execute("""\n  select 1\n""")',
    'op.execute(f"""\n  {1 +\n 1} select\n""")',
    'if True:\n    op.create_index("ix", "t", ["c"])\nelse:\n    op.create_index("iy", "t", ["c"])',
    'if True: op.create_index("ix", "t", ["c"])',
    'for name in "ab":\n    op.create_index(name, "t", ["c"])',
    'while False:\n    op.create_index("ix", "t", ["c"])',
    'try:\n    op.create_index("ix", "t", ["c"])\nfinally:\n    pass',
    'with op.batch_alter_table("t") as batch:\n    batch.create_index("ix", ["c"])',
    'with op.batch_alter_table("t") as op2:\n    op.create_index("ix", "t", ["c"])',
    'with op.get_context().autocommit_block():\n    op.create_index("ix", "t", ["c"])',
    'with op.get_context().autocommit_block():  # alone\n    op.execute("x")\n    op.execute("y")',
    'def helper():\n    op.create_index("ix", "t", ["c"])\nhelper()',
    'helper(op, "ix")',
    'op.get_bind().execute("select 1")',
    'op.create_index(name := "ix", "t", ["c"])',
    '"""A string."""',
    "return",
    "pass",
    "# a comment",
    "",
)


@st.composite
def modules(draw: st.DrawFn) -> str:
    """Whole files, most of them revisions, in the layouts that people and their editors leave."""
    body = "\n".join(draw(st.lists(st.sampled_from(_STATEMENTS), min_size=1, max_size=5)))
    text = upgrade(body + "\npass")
    text = draw(st.sampled_from((text, text, text.removesuffix(TAIL), text.rstrip("\n"))))
    if draw(st.booleans()):
        text = text.replace("def upgrade", "@decorated(\n    1,\n)\ndef upgrade")
    if draw(st.booleans()):
        text = text.replace("    ", "\t")
    change = draw(st.sampled_from(("", "", "alias", "twice", "line", "cr", "feed", "rebound")))
    if change == "alias":
        text = text.replace("import op", "import op as alembic_op").replace("op.", "alembic_op.")
    elif change == "twice":
        text += '\n\ndef upgrade() -> None:\n    op.drop_index("ix")\n'
    elif change == "line":
        text = f"{HEAD}def upgrade() -> None: op.create_index('ix', 't', ['c'])\n{TAIL}"
    elif change == "cr":
        text = text.replace("\n\n", "\n\r", 1)
    elif change == "feed":
        text = text.replace("\n\n", "\n\f\n")
    elif change == "rebound":
        text += "\nop = None\n"
    return text.replace("\n", "\r\n") if draw(st.booleans()) else text
