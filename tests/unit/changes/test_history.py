"""The commits of a change: their messages whole, and which of its files each touches."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from bot.changes import Repository
from bot.changes.history import MESSAGE, commits_of

if TYPE_CHECKING:
    from tests.unit.changes.conftest import GitFolder

Opener = Callable[[], Repository]


def test_commits_come_in_their_order_with_what_they_touch(
    checkout: GitFolder, repository: Opener
) -> None:
    """Files that the change as a whole does not touch (here: made and removed) are left out."""
    start = checkout.commit({"kept.py": "1\n"})
    checkout.write({"a b.py": "1\n", "gone.py": "1\n"})
    checkout.git("add", "--all")
    checkout.git("commit", "--quiet", "--message", "feat: a\n\nWhy it is there.\n\n- one")
    (checkout.path / "gone.py").unlink()
    second = checkout.commit()

    found = commits_of(repository(), start, "HEAD", {"a b.py"})

    assert [(item.message, item.paths) for item in found] == [
        ("feat: a\n\nWhy it is there.\n\n- one", ("a b.py",)),
        ("work", ()),
    ]
    assert found[-1].sha == second


def test_messages_of_strangers_do_no_harm(checkout: GitFolder, repository: Opener) -> None:
    """Control characters, ids of other commits, bytes of another encoding, a book of a message."""
    start = checkout.commit({"kept.py": "1\n"})
    fake = f"\x02\x03\n{'0' * 40}\n\nkept.py\x1b[31m"
    for number, message in enumerate((fake.encode(), b"caf\xe9", b"x" * 3 * MESSAGE)):
        checkout.write({"kept.py": f"{number}\n"})
        checkout.git("add", "--all")
        checkout.git_bytes("commit", "--quiet", "--file", "-", stdin=message)

    found = commits_of(repository(), start, "HEAD", {"kept.py"})

    assert [item.paths for item in found] == [("kept.py",)] * 3
    assert found[0].message.endswith("kept.py\x1b[31m")
    assert found[1].message == "café"  # git takes such bytes for Latin-1
    assert len(found[2].message) == MESSAGE


def test_a_commit_that_git_does_not_have_is_no_crash(
    checkout: GitFolder, repository: Opener
) -> None:
    """A shallow history does not reach back to where the branch left base."""
    checkout.commit({"kept.py": "1\n"})
    assert commits_of(repository(), "0" * 40, "HEAD", {"kept.py"}) == ()
