"""A password on the command line is nobody's to read."""

from __future__ import annotations

import subprocess
import sys

CODE = """
import sys
from pathlib import Path
from bot.own_command_line import hide_argument
hide_argument(sys.argv[2])
hide_argument("not there")
print(Path("/proc/self/cmdline").read_bytes().split(b"\\0")[-4:-1], sys.argv[2])
"""


def test_an_argument_is_hidden_from_others_and_kept_for_us() -> None:
    """Its neighbours stay readable."""
    done = subprocess.run(
        [sys.executable, "-c", CODE, "--database-url", "postgresql://u:p@h/d", "last"],
        capture_output=True,
        text=True,
        check=True,
    )
    hidden = b"x" * len("postgresql://u:p@h/d")
    assert done.stdout.strip() == f"{[b'--database-url', hidden, b'last']} postgresql://u:p@h/d"
