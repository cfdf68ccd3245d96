"""SQL without the values that it holds: a report must not spread them."""

from __future__ import annotations

import re

_QUOTED = re.compile(r"'(?:[^']|'')*'?|\$(\w*)\$.*?(?:\$\1\$|$)", re.DOTALL)


def redacted(sql: str) -> str:
    """The text with every string literal as ``'…'``; names and numbers stay. Never raises.

    A text that PostgreSQL's scanner refuses is treated quote by quote.
    """
    from postgast import PgQueryError, pg_query_pb2, scan

    data = sql.encode("utf-8", "replace").replace(b"\0", b" ")
    literals = (
        pg_query_pb2.SCONST, pg_query_pb2.USCONST, pg_query_pb2.BCONST, pg_query_pb2.XCONST
    )  # fmt: skip
    try:
        tokens = scan(data.decode()).tokens
    except PgQueryError:
        return _QUOTED.sub("'…'", sql)
    for token in reversed([item for item in tokens if item.token in literals]):
        data = data[: token.start] + "'…'".encode() + data[token.end :]
    return data.decode()
