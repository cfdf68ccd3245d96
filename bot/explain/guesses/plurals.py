"""English plurals, as far as names of tables need them."""

from __future__ import annotations

_IRREGULAR = {
    "people": "person",
    "children": "child",
    "men": "man",
    "women": "woman",
    "feet": "foot",
    "mice": "mouse",
    "criteria": "criterion",
    "indices": "index",
    "matrices": "matrix",
    "vertices": "vertex",
    "analyses": "analysis",
    "bases": "basis",
    "statuses": "status",
    "addresses": "address",
}
_BOTH = frozenset(
    """
    audit cache config content data deer equipment evidence feedback fish hardware history
    information inventory inbox knowledge log logs mail media metadata money music news outbox
    payroll personnel queue schedule series settings sheep software species staff statistics stock
    stuff traffic
    """.split()  # noqa: SIM905 - a list of words, one a line, would fill the page
)
_SINGULAR_ENDS = ("ss", "us", "is", "as", "os")


def is_plural(name: str) -> bool:
    """Whether the last word of a snake_case name is a plural, or a word that has none."""
    word = name.rpartition("_")[2]
    if word in _BOTH or word in _IRREGULAR or not word.isascii():
        return True
    return word.endswith("s") and not word.endswith(_SINGULAR_ENDS)


def singular(name: str) -> str:
    """The name with its last word as a singular."""
    head, bar, word = name.rpartition("_")
    if word in _IRREGULAR:
        word = _IRREGULAR[word]
    elif word.endswith("ies") and len(word) > 4:  # noqa: PLR2004 - ties, pies
        word = word[:-3] + "y"
    elif word.endswith(("ches", "shes", "sses", "xes", "zes")):
        word = word[:-2]
    elif word.endswith("s") and not word.endswith(_SINGULAR_ENDS) and word not in _BOTH:
        word = word[:-1]
    return head + bar + word


def plural(name: str) -> str:
    """The name with its last word as a plural."""
    head, bar, word = name.rpartition("_")
    known = next((many for many, one in _IRREGULAR.items() if one == word), None)
    if known is not None:
        word = known
    elif word.endswith("y") and word[-2:-1] not in "aeiou":
        word = word[:-1] + "ies"
    elif word.endswith(("ch", "sh", "s", "x", "z")):
        word += "es"
    elif word:
        word += "s"
    return head + bar + word
