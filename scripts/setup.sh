#!/bin/sh
# usage: setup.sh VENV LOCK     makes a virtual environment from a hashed lock file
# Debian splits what venv needs for pip into a package of its own, so several ways are tried.
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

# Debian's own pip wheel, unpacked and not installed: no rights needed, nothing of the system changed.
with_debians_pip() {
  command -v apt-get >/dev/null 2>&1 || return 1
  folder=$(mktemp -d)
  mkdir -p "$folder/state/lists/partial" "$folder/cache/archives/partial"
  (
    cd "$folder"
    set -- -qq -o "Dir::State=$folder/state" -o "Dir::Cache=$folder/cache" \
      -o Dir::State::status=/var/lib/dpkg/status -o APT::Sandbox::User=root
    apt-get "$@" update && apt-get "$@" download python3-pip-whl && dpkg -x python3-pip-whl*.deb root
  ) >/dev/null 2>&1 || return 1
  wheels=$folder/root/usr/share/python-wheels
  "$python" -m venv --without-pip "$venv" &&
    "$venv/bin/python" "$(echo "$wheels"/pip-*.whl)/pip" install --quiet --no-index \
      --find-links "$wheels" pip
  status=$?
  rm -rf "$folder"
  return $status
}

if [ ! -x "$venv/bin/python" ] || ! "$venv/bin/python" -m pip --version >/dev/null 2>&1; then
  rm -rf "$venv"
  if ! "$python" -m venv "$venv" >/dev/null 2>&1; then
    rm -rf "$venv"
    if command -v uv >/dev/null 2>&1; then
      uv venv --quiet --seed --python "$python" "$venv"
    elif ! with_debians_pip; then
      rm -rf "$venv"
      echo "make: $python cannot make a virtual environment with pip;" \
        "install Debian's python3-venv, or uv" >&2
      exit 1
    fi
  fi
fi
echo "make: installing what $lock names into $venv" >&2
"$venv/bin/python" -m pip install --quiet --disable-pip-version-check --require-hashes -r "$lock"
"$venv/bin/python" -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
