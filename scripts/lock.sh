#!/bin/sh
# usage: lock.sh VENV     writes requirements/{run,build,dev}.txt: pinned, hashed, without download addresses
set -eu
uv="$1/bin/uv"
compile() {
  "$uv" pip compile --quiet --universal --generate-hashes --no-header --no-emit-index-url \
    --no-emit-find-links --no-annotate --python-version 3.11 "$@"
}
compile pyproject.toml -o requirements/run.txt
compile --group build -o requirements/build.txt
compile pyproject.toml --group test --group lint --group build -o requirements/dev.txt
