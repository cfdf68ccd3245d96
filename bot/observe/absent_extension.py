"""Which extension a statement needed that nobody created: read from the server's refusal. Pure.

Databases of production often hold extensions that an administrator created by hand, or that the
application creates before it runs its migrations.
"""

from __future__ import annotations

import re

from bot.facts import Failure

# PostgreSQL docs, Appendix A: undefined_function, undefined_object, datatype_mismatch
_UNDEFINED = frozenset({"42883", "42704"})
_NAMED = re.compile(
    r'(?:function|type|operator class|access method|text search dictionary) "?(?:\w+\.)?(\w+)"?'
)
# What each of them is known by: PostgreSQL docs, Appendix F; pgvector's and PostGIS's own manuals.
_KNOWN_BY = {
    "uuid-ossp": r"uuid_(?:generate_v\d\w*|ns_\w+|nil)",
    "pgcrypto": r"gen_random_bytes|gen_salt|crypt|digest|hmac|\w*(?:en|de)crypt\w*|armor",
    "citext": r"citext\w*|regexp_\w+_citext",
    "hstore": r"hstore\w*|gin_hstore_ops|gist_hstore_ops",
    "ltree": r"l(?:tree|query|txtquery)\w*|text2ltree|subpath|nlevel|gist_ltree_ops",
    "pg_trgm": r"gi(?:n|st)_trgm_ops|\w*similarity|show_trgm",
    "btree_gin": r"(?:int[248]|text|uuid|varchar|timestamp|date|enum|bool|numeric)_ops",
    "unaccent": r"unaccent\w*",
    "fuzzystrmatch": r"levenshtein\w*|soundex|difference|d?metaphone\w*",
    "vector": r"vector\w*|halfvec\w*|sparsevec\w*|hnsw|ivfflat",
    "postgis": r"geometry|geography|raster|st_\w+|box[23]d",
    "cube": r"cube",
    "earthdistance": r"ll_to_earth|earth_\w+",
    "tablefunc": r"crosstab\w*|normal_rand|connectby",
    "intarray": r"gin__int_ops|gist__int\w*_ops|query_int|idx|sort_(?:a|de)sc",
}


def extension_for(failure: Failure | None) -> str | None:
    """The extension whose function, type or operator class was missing, None if it is none's."""
    if failure is None or failure.sqlstate not in _UNDEFINED:
        return None
    found = _NAMED.search(failure.message)
    if found is None:
        return None
    name = found[1].lower()
    return next((item for item, by in _KNOWN_BY.items() if re.fullmatch(by, name)), None)
