"""Make action.yml name a built image, so that users of the release pull instead of building.

python scripts/release_action.py IMAGE@sha256:… action.yml
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

_IMAGE = re.compile(r"[\w.-]+(?::\d+)?(?:/[a-z0-9._-]+)+@sha256:[0-9a-f]{64}")
_BUILT_HERE = re.compile(r"^(  image: )Dockerfile$", re.MULTILINE)


def pointed(text: str, image: str) -> str:
    """The action's description with the image in place of the Dockerfile.

    Raises:
        ValueError: the image is not named by its digest, or the text does not name the Dockerfile
            exactly once.
    """
    if not _IMAGE.fullmatch(image):
        raise ValueError(f"{image!r} is not an image with its digest: name@sha256:…")
    changed, count = _BUILT_HERE.subn(rf"\g<1>docker://{image}", text)
    if count != 1:
        raise ValueError(f"`image: Dockerfile` stands there {count} times, not once")
    return changed


def main(words: list[str]) -> None:
    """Rewrite the file, or end with a sentence that says why not."""
    if len(words) != len(("IMAGE", "FILE")):
        raise SystemExit((__doc__ or "").splitlines()[-1].strip())
    image, path = words[0], Path(words[1])
    try:
        path.write_text(pointed(path.read_text("utf-8"), image), "utf-8")
    except (ValueError, OSError) as error:
        raise SystemExit(f"release: {error}") from None


if __name__ == "__main__":
    main(sys.argv[1:])
