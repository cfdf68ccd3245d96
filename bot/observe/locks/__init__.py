"""What each statement of a traced run locked, read, rewrote and changed, as the database shows it.

``Watch`` stands beside a session while its revisions run. Locks are read by the bot's own
connection, so that the child has no say in them; what only the statement's own transaction can see
(new storage, new relations, its counters) is asked on that connection, through the probe.
"""

from bot.observe.locks.inside import Ask, Unreadable
from bot.observe.locks.relations import Ignored
from bot.observe.locks.sight import UNENDED, Sight
from bot.observe.locks.watch import Watch

__all__ = ["UNENDED", "Ask", "Ignored", "Sight", "Unreadable", "Watch"]
