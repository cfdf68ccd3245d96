#!/bin/sh
# usage: setup.sh VENV LOCK     makes a virtual environment from a hashed lock file
# Debian splits venv's pip into a package of its own, so each way of getting one is tried in turn.
set -eu
venv=$1
lock=$2

python=
for name in "${PYTHON:-}" python3 python3.14 python3.13 python3.12 python3.11; do
  [ -n "$name" ] || continue
  if "$name" -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1; then
    python=$name
    break
  fi
done
if [ -z "$python" ]; then
  echo "make: no Python >= 3.11 was found; install one, or name it: make PYTHON=/path/to/python3" >&2
  exit 1
fi

if [ ! -x "$venv/bin/python" ] || ! "$venv/bin/python" -m pip --version >/dev/null 2>&1; then
  rm -rf "$venv"
  if ! "$python" -m venv "$venv" >/dev/null 2>&1; then
    rm -rf "$venv"
    if command -v uv >/dev/null 2>&1; then
      uv venv --quiet --seed --python "$python" "$venv"
    elif "$python" -m virtualenv --version >/dev/null 2>&1; then
      "$python" -m virtualenv --quiet "$venv"
    elif [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
      echo "make: this Python has no ensurepip; installing Debian's python3-venv" >&2
      apt-get update -qq >/dev/null
      apt-get install -y -qq --no-install-recommends \
        "python$("$python" -c 'import sys; print("%d.%d" % sys.version_info[:2])')-venv" >/dev/null
      "$python" -m venv "$venv"
    else
      echo "make: $python cannot make a virtual environment;" \
        "ask for Debian's package python3-venv, or install uv" >&2
      exit 1
    fi
  fi
fi
echo "make: installing what $lock names into $venv" >&2
"$venv/bin/python" -m pip install --quiet --disable-pip-version-check --require-hashes -r "$lock"
"$venv/bin/python" -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
