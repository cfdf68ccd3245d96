# Two commands on a fresh machine: `make demo` and `make test`. Each does its own set-up.
# Needs Python >= 3.11, git and make; no server, no Docker.

VENV   := .venv
PY     := $(VENV)/bin/python
STAMP  := $(VENV)/.ready
SHELL  := /bin/sh
PYTEST := $(PY) -m pytest

.PHONY: help setup demo test test-unit test-container test-hostile test-corpus bench bench-estimates bench-rows accuracy lint types docs accept lock new-policy clean

help:            ## what can be made
	@sed -n 's/^\([a-z-]*\):.*## /  make \1\t/p' $(MAKEFILE_LIST)

setup: $(STAMP)  ## the virtual environment, from the hashed lock

$(STAMP): requirements/dev.txt pyproject.toml scripts/setup.sh
	@sh scripts/setup.sh $(VENV) requirements/dev.txt
	@touch $@

demo: $(STAMP)   ## review a fixture pull request on an embedded PostgreSQL
	@$(PY) -m fixtures.demo

test: $(STAMP)   ## every test that this machine can run
	$(PYTEST) -q -n $${JOBS:-auto}

test-unit: $(STAMP)  ## the tests that need no database, in seconds
	$(PYTEST) -q tests/unit

test-container: $(STAMP)  ## the built image, run as GitHub's runner runs it (needs Docker)
	$(PYTEST) -q tests/container

test-hostile: $(STAMP)  ## every attempt of fixtures/hostile, in the built image (needs Docker; an hour)
	HOSTILE=all $(PYTEST) -q tests/container/hostile

test-corpus: $(STAMP)  ## every case of the labelled corpus (`make test` reviews a third of them)
	CORPUS=all $(PYTEST) -q -n $${JOBS:-auto} tests/postgres/corpus

bench: $(STAMP)  ## ratios against the Alembic commands that workflows run today
	$(PY) -m bench

bench-estimates: $(STAMP)  ## estimated times against what the operations then take: docs/estimates.md
	$(PY) -m bench.estimates
	$(PY) -m docs.generate

bench-rows: $(STAMP)  ## the share of tables that made up rows can be put into (SCHEMAS="FOLDER@REVISION …")
	$(PY) -m bench.rows $(SCHEMAS)

accuracy: $(STAMP)  ## db-recheck and its neighbours on the labelled corpus: docs/accuracy.md
	$(PY) -m accuracy

FLOWS := docs/workflows/*/*.yml

lint: $(STAMP)   ## ruff, the import contracts, the workflow files
	$(PY) -m ruff check .
	$(PY) -m ruff format --check .
	$(VENV)/bin/lint-imports --no-cache
	$(VENV)/bin/check-jsonschema --builtin-schema vendor.github-workflows $(FLOWS) .github/workflows/*.yml
	$(VENV)/bin/check-jsonschema --builtin-schema vendor.github-actions action.yml
	$(VENV)/bin/jactionlint --profile correctness --ignore workflow-run-names $(FLOWS) .github/workflows/*.yml
	$(VENV)/bin/zizmor --quiet --offline --strict-collection --config docs/workflows/zizmor.yml $(FLOWS) action.yml

types: $(STAMP)  ## mypy, strict; the probe against Python 3.9
	$(PY) -m mypy
	$(PY) -m mypy --config-file bot/observe/probe/mypy.ini

docs: $(STAMP)   ## generated pages
	$(PY) -m docs.generate

accept: $(STAMP) ## take what the tests print as the new goldens, and the pages as they are generated
	$(PY) -m docs.generate
	$(PYTEST) -q --accept tests

lock: $(STAMP)   ## the lock files, with hashes
	sh scripts/lock.sh $(VENV)

new-policy: $(STAMP) ## make new-policy NAME=locking/some-pattern
	$(PY) -m scripts.new_policy $(NAME)

clean:           ## everything that make made
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis build dist
