"""What is wrong with a revision graph. Pure."""

from __future__ import annotations

from typing import Any


def graph_error(
    described: list[dict[str, Any]], problem: dict[str, Any] | None
) -> dict[str, Any] | None:
    """What is wrong with the graph, None when nothing is.

    ``described`` are the revisions as the protocol lists them, ``problem`` is Alembic's complaint
    in the same form as the answer, if it has one.
    """
    ids = [item["revision"] for item in described]
    names = set(ids).union(*(item["branch_labels"] for item in described))
    absent = sorted(
        {parent for item in described for parent in item["down_revision"] if parent not in names}
        | {
            parent
            for item in described
            for parent in item["depends_on"]
            if not any(name.startswith(parent.rpartition("@")[2]) for name in names)
        }
    )
    if problem is not None and absent:
        quoted = ", ".join(absent)
        return {
            "kind": "missing",
            "message": f"no file has the revision {quoted}",
            "revisions": absent,
        }
    if problem is not None:
        if "ycle" in problem["message"] or "loop" in problem["message"]:
            problem = dict(problem, kind="cycle", revisions=_cycle(described))
        return problem
    double = (
        sorted({name for name in ids if ids.count(name) > 1}) if len(set(ids)) < len(ids) else []
    )
    if double:
        message = f"several files have the revision {', '.join(double)}"
        return {"kind": "duplicate", "message": message, "revisions": double}
    return None


def _cycle(described: list[dict[str, Any]]) -> list[str]:
    """Revisions that are left when those without (remaining) parents or children are taken away."""
    known = {item["revision"] for item in described}
    parents = {
        item["revision"]: known.intersection(item["down_revision"] + item["depends_on"])
        for item in described
    }
    for _ in range(2):  # once from the bases up, then from the heads down
        children: dict[str, set[str]] = {name: set() for name in parents}
        for name, above in parents.items():
            for parent in above:
                children[parent].add(name)
        free = [name for name, above in parents.items() if not above]
        while free:
            name = free.pop()
            del parents[name]
            for child in children[name]:
                parents[child].discard(name)
                if not parents[child]:
                    free.append(child)
        parents = {name: children[name] & set(parents) for name in parents}
    return sorted(parents)
