"""Extensions on a server of our own: stand-ins, and which ones a database's owner may create.

PostgreSQL 18 looks for control files in ``extension_control_path`` (PostgreSQL docs, "Client
Connection Defaults"): a folder of ours comes first there. Older servers are the machine's, whose
contrib is the real one.
"""

from __future__ import annotations

import re
import shutil
from pathlib import Path

SINCE_MAJOR = 18  # the first with extension_control_path
FOLDER = Path(__file__).with_name("stand_ins")
STAND_INS = frozenset({"pgcrypto", "uuid-ossp"})

# Not marked trusted by their authors, yet without a way to other files, programs or the network.
# Managed services let the database's owner create them. Not here: file_fdw, dblink, postgres_fdw,
# and what reads or edits raw pages and WAL.
HARMLESS = frozenset(
    {
        "autoinc",
        "bloom",
        "earthdistance",
        "insert_username",
        "intagg",
        "moddatetime",
        "pg_buffercache",
        "pg_prewarm",
        "pg_stat_statements",
        "pgrowlocks",
        "pgstattuple",
        "refint",
        "vector",
    }
)

# What lets everybody who may call a function reach the network or other programs. A server of our
# own has no network to reach; on the user's, only the settings can ask for one of these.
_REACHING = frozenset(
    {
        "adminpack",
        "amqp",
        "aws_lambda",
        "aws_s3",
        "azure_storage",
        "dblink",
        "http",
        "pg_background",
        "pg_cron",
        "pg_net",
        "plproxy",
        "plsh",
    }
)


def reaches_out(name: str) -> bool:
    """Whether an extension gives its users a way to the network or to other programs."""
    return name in _REACHING or name.endswith("_fdw")


def lay_out(share: Path, folder: Path) -> frozenset[str]:
    """Write into ``folder`` (in "extension") what goes before the server's own control files.

    Stand-ins for what is missing in ``share`` (the server's SHAREDIR), and copies of the control
    files of harmless extensions with ``trusted = true`` and ``directory`` pointing back, so that a
    database's owner can create them (docs, "Packaging Related Objects into an Extension").

    Returns:
        The names of the stand-ins.
    """
    own, theirs = folder / "extension", share / "extension"
    own.mkdir()
    own.chmod(0o755)
    missing = {name for name in STAND_INS if not (theirs / f"{name}.control").exists()}
    for path in FOLDER.iterdir():
        if path.name.partition("--")[0].removesuffix(".control") in missing:
            shutil.copyfile(path, own / path.name)
    for name in HARMLESS:
        control = theirs / f"{name}.control"
        if control.exists():
            text = re.sub(
                r"(?m)^\s*(trusted|superuser|directory)\s*=.*\n?", "", control.read_text()
            )
            text += f"\ntrusted = true\ndirectory = '{theirs}'\n"
            (own / control.name).write_text(text)
    return frozenset(missing)
