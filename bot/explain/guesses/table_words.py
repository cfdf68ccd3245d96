"""What tables are usually called, by how their rows live. English; a guess."""

from __future__ import annotations

from bot.explain.guesses.column_words import UPDATED
from bot.facts.schema import Table

_APPENDED = (
    "events", "event", "logs", "log", "audit", "audits", "messages", "history", "histories",
    "notifications", "activities", "metrics", "measurements", "readings", "clicks", "impressions",
    "pageviews", "telemetry", "traces", "ledger", "entries", "deliveries", "emails", "requests",
)  # fmt: skip
_TRANSIENT = (
    "tokens", "token", "sessions", "session", "cache", "caches", "otps", "otp", "nonces", "locks",
    "jobs", "outbox", "inbox", "idempotency_keys", "invitations", "verifications", "resets",
    "consents", "erasures",
)  # fmt: skip


def _last_words(table: Table, words: tuple[str, ...]) -> bool:
    return table.name in words or table.name.endswith(tuple(f"_{word}" for word in words))


def is_append_only(table: Table) -> bool:
    """Whether rows are added and never changed: its name says so, and nothing marks an update."""
    return _last_words(table, _APPENDED) and not any(
        column.name in UPDATED for column in table.columns
    )


def is_transient(table: Table) -> bool:
    """Whether rows live for a while only."""
    return _last_words(table, _TRANSIENT)
