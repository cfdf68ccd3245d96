"""The words of a text in any language that PostgreSQL's scanner can take apart."""

from __future__ import annotations

from functools import lru_cache


@lru_cache(maxsize=256)
def words(text: str) -> frozenset[str]:
    """Its names and keywords in lower case, its literals with their quotes; comments are none.

    Empty for what the scanner refuses. Never raises.
    """
    from postgast import PgQueryError, pg_query_pb2, scan

    data = text.encode("utf-8", "replace").replace(b"\0", b" ")
    try:
        tokens = scan(data.decode()).tokens
    except PgQueryError:
        return frozenset()
    comments = (pg_query_pb2.SQL_COMMENT, pg_query_pb2.C_COMMENT)
    return frozenset(
        data[item.start : item.end].decode("utf-8", "replace").lower()
        for item in tokens
        if item.token not in comments
    )
