"""Changed migrations or models belonged to nobody, by the repository's own CODEOWNERS.

CODEOWNERS says who has to look before something is merged. What it leaves out is merged by whoever
comes along, and tables are what is hardest to take back.

Give the folder of the migrations and the models to those who look after the data.

Reference: https://docs.github.com/en/repositories/managing-your-repositorys-settings-and-features/customizing-your-repository/about-code-owners
"""

from __future__ import annotations

from collections.abc import Iterator

from bot.explain.history.owners import owners
from bot.explain.history.told import first_added, of_revision
from bot.facts import Facts
from bot.policy import Finding, Remedy, Severity
from bot.wording import block, code, several

SEVERITY = Severity.NOTE
PACK = "process"
PRESETS = (5,)


def check(facts: Facts) -> Iterator[Finding]:
    """One finding for the change; none where the repository names no owners of anything."""
    place, known = first_added(facts), facts.kept.owners
    if place is None or known is None:
        return
    paths = tuple(source.path for source in facts.sources if source.head is not None)
    nobodys = tuple(path for path in paths if not owners(known.text, path))
    if not nobodys:
        return
    folders = tuple(dict.fromkeys(path.rpartition("/")[0] for path in nobodys))
    lines = "\n".join(f"/{folder}/ @<organisation>/<team>" for folder in folders[:5])
    yield of_revision(
        *place,
        title=f"Nobody owns {several(nobodys, 2)}",
        message=f"{code(known.path)} of the base branch gives them to nobody: they can be merged "
        "without a look by those who know the data.",
        about="owners",
        count=len(nobodys),
        remedies=(Remedy(f"Name owners in {code(known.path)}", block(lines)),),
    )
