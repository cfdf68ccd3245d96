"""Which revisions a change adds, edits or removes, and what their source says. Pure."""

from __future__ import annotations

from collections.abc import Callable, Collection

from bot.facts import Chain, Change, ChangedRevision, Revision
from bot.projects.revision_source import read_revision, same_code

Read = Callable[[str], bytes | None]


def changed_revisions(
    base: Chain, head: Chain, changed: Collection[str], read_base: Read, read_head: Read
) -> tuple[ChangedRevision, ...]:
    """Every revision whose file the change touches, and every one that only the merged tree has.

    ``changed`` are the paths of the diff, old names of renamed files included. A file that moved
    and kept its id is no change; a file whose id changed is a removed and an added revision, the
    latter with ``old_revision``.
    """
    before = {item.revision: item for item in base.revisions}
    places = {item.path: item for item in base.revisions}
    after = {item.revision: item for item in head.revisions}
    stayed = {item.revision for item in head.revisions if places.get(item.path) == item}
    found: list[ChangedRevision] = []
    for item in head.revisions:
        old = before.get(item.revision)
        if old is None or (old.path != item.path and item.revision in stayed):
            # The second file that claims an id, or base's file under an id of its own
            old = places.get(item.path) if old is None else None
            found.append(_described(item, Change.ADDED, read_head(item.path), old=old))
        elif item.path in changed or old.path in changed:
            new_text, old_text = read_head(item.path), read_base(old.path)
            if new_text != old_text:
                found.append(
                    _described(
                        item,
                        Change.MODIFIED,
                        new_text,
                        old=old,
                        same=same_code(old_text or b"", new_text or b""),
                    )
                )
    broken = {item.path for item in head.unloadable}
    # A file that Alembic can no longer load is a finding of its own, not a removal.
    found += [
        _described(old, Change.DELETED, read_base(old.path), old=old)
        for old in base.revisions
        if old.revision not in after and old.path not in broken
    ]
    return tuple(found)


def _described(
    item: Revision,
    change: Change,
    text: bytes | None,
    *,
    old: Revision | None = None,
    same: bool = False,
) -> ChangedRevision:
    source = read_revision(text or b"")
    return ChangedRevision(
        revision=item.revision,
        path=item.path,
        change=change,
        down_revision=item.down_revision,
        message=item.message,
        doc=item.doc,
        is_merge=item.is_merge,
        old_revision=old.revision if old else None,
        old_down_revision=old.down_revision if old else (),
        same_code=same,
        downgrade_shape=source.downgrade_shape,
        anchors=source.anchors,
    )
