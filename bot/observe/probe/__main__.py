"""Start of the probe: import Alembic once, then one process per session.

The folder is loaded as a package with a name of its own and taken off ``sys.path`` again, so that
none of its modules can be mistaken for a module of the target (``import settings``).
"""

import importlib.util
import os
import sys

_NAME = "_db_recheck_probe"


def main() -> None:
    here = os.path.dirname(os.path.abspath(__file__))
    sys.path[:] = [entry for entry in sys.path if entry and os.path.abspath(entry) != here]
    spec = importlib.util.spec_from_file_location(
        _NAME, os.path.join(here, "__init__.py"), submodule_search_locations=[here]
    )
    assert spec is not None and spec.loader is not None  # noqa: S101, PT018 - the file is there
    package = importlib.util.module_from_spec(spec)
    sys.modules[_NAME] = package
    spec.loader.exec_module(package)
    prefork = importlib.import_module(_NAME + ".prefork")
    prefork.main(sys.argv[1:])


if __name__ == "__main__":
    main()
