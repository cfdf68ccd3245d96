"""`python -m bot` equals `db-recheck`."""

from __future__ import annotations

import io
import os
import sys
from pathlib import Path


def main() -> None:
    """Run the command line with the real arguments, environment and streams."""
    from bot.cli import run

    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):  # a terminal may not know every character
            stream.reconfigure(errors="replace")
    try:
        status = run(sys.argv[1:], os.environ, Path.cwd(), sys.stdout, sys.stderr)
        sys.stdout.flush()
    except BrokenPipeError:  # the reader of a pipe (`| head`) has gone: nobody is left to tell
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        status = 0
    raise SystemExit(status)


if __name__ == "__main__":
    main()
