"""`python -m bot` equals `db-recheck`."""

from __future__ import annotations

import gc
import io
import os
import sys
from pathlib import Path


def main() -> None:
    """Run the command line with the real arguments, environment and streams."""
    # Modules, facts and syntax trees are no garbage: looking for some after every 700 objects, as
    # Python does, takes a tenth of the seconds that this program lives.
    gc.set_threshold(50_000)
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
