"""What could not be seen of one project, collected in words for the reader."""

from __future__ import annotations

from bot.facts import ChangedRevision, Failure, NotChecked

MEND_GRAPH = "Mend the revision graph first; see the findings about it."
KEEP_ID = "Give the file its old id back: databases that ran it know it by that."
MEND_BASE = "Make `alembic upgrade heads` work on an empty database, then run the check again."
MEND_EARLIER = "Mend the revision before it, then run the check again."
MORE_TIME = "Find out what it waits for; if it needs that long, set a longer `timeout`."
MEND_ENVIRONMENT = (
    "Run `alembic current` in the checkout; if it needs settings, give them in the `environment`"
    " table of the db-recheck configuration."
)
_ANOTHER_SERVER = (
    " If it is this PostgreSQL that lacks what yours has (it is built without ICU), name one that"
    " has it with `--database-url`."
)
_NOT_SUPPORTED = "0A000"  # feature_not_supported: PostgreSQL docs, Appendix A


def reason(failure: Failure | None) -> str:
    """What kept base's chain from going up, and where."""
    if failure is None:
        return "it failed"
    where = f" ({failure.path}:{failure.line})" if failure.path and failure.line else ""
    return f"{failure.message}{where}"


def without_models(note: str | None) -> str:
    """Why the models could not stand in for the chain, where env.py did not run."""
    return f"; nor could the models stand in for it: {note}" if note else ""


def mend_base(failure: Failure | None) -> str:
    """What to do about it."""
    unsupported = failure is not None and failure.sqlstate == _NOT_SUPPORTED
    return MEND_BASE + (_ANOTHER_SERVER if unsupported else "")


class Unseen:
    """A growing list of ``NotChecked`` entries of one project."""

    def __init__(self, project: str) -> None:
        self._project = project
        self._entries: list[NotChecked] = []

    def fatal(self, what: str, why: str, do: str) -> None:
        """A whole project, or a changed revision's way up or down, was not seen."""
        self._entries.append(NotChecked(what, why, do, fatal=True, project=self._project))

    def minor(self, what: str, why: str, do: str) -> None:
        """Something beside the verdict was not seen."""
        self._entries.append(NotChecked(what, why, do, project=self._project))

    def revision(self, item: ChangedRevision, why: str, do: str) -> None:
        """A changed revision was not run."""
        self.fatal(f"the round trip of {item.revision} ({item.path})", why, do)

    def entries(self) -> tuple[NotChecked, ...]:
        """All of them, in the order in which they came, each once.

        Base and head are asked alike, and what neither can say is one thing to the reader.
        """
        return tuple(dict.fromkeys(self._entries))
