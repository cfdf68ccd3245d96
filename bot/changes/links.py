"""Where a symbolic link of a tree leads, told from the tree alone."""

from __future__ import annotations


def target_inside(path: str, target: str) -> str | None:
    """The path of the tree that the link ``path`` leads to ("" for its root); None outside of it.

    ``..`` counts only at the start of the target, where what is climbed are real folders. Later it
    could follow another link first and then leave the tree, so such a target counts as outside.

    >>> target_inside("a/link", "../b/c")
    'b/c'
    >>> target_inside("a/link", "../../etc/passwd") is None
    True
    """
    if target.startswith("/") or "\0" in target:
        return None
    folder = path.split("/")[:-1]
    steps = [step for step in target.split("/") if step not in ("", ".")]
    while steps and steps[0] == "..":
        if not folder:
            return None
        folder.pop()
        steps.pop(0)
    return None if ".." in steps else "/".join([*folder, *steps])
