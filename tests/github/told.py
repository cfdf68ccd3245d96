"""Everything that stands on GitHub after a run, as one text to look at."""

from __future__ import annotations

from tests.github.double.state import LineComment, World


def told(world: World, server_url: str) -> str:
    """The world as Markdown, without this run's port."""
    parts = [f"# status {item.state}: {item.description}\n" for item in world.statuses]
    parts += [f"# comment\n\n{item.body}" for item in world.comments.values()]
    for review in world.reviews.values():
        if review.body:
            parts.append(f"# review\n\n{review.body}")
    parts += [f"# {_place(item)}\n\n{item.body}" for item in world.line_comments.values()]
    for check in world.check_runs.values():
        parts.append(f"# check run {check.conclusion}: {check.title}\n\n{check.summary}\n")
        parts += [
            f"- {note['annotation_level']} {note['path']}:{note['start_line']}-{note['end_line']}"
            f" {note['title']}"
            for note in check.annotations
        ]
    return "\n".join(parts).replace(server_url, "https://github.example").rstrip("\n") + "\n"


def _place(comment: LineComment) -> str:
    lines = f" line {comment.start_line or comment.line}"
    upto = f" to {comment.line}" if comment.start_line else ""
    return f"on {comment.path}" + (lines + upto if comment.subject == "line" else " as a whole")
