# OneID: `make help` lists what can be made.
SHELL := /bin/sh
PYTHON ?= python3
BIN := .venv/bin
STAMP := .venv/.installed
export UV_COMPILE_BYTECODE := 1

.DEFAULT_GOAL := help

.PHONY: help setup run test dev check lock clean

help:  ## list the targets
	@awk -F':.*## ' '/^[a-z-]+:.*## /{printf "  make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: $(STAMP)  ## make .venv from the hashed lock and install OneID into it

$(STAMP): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "OneID needs Python 3.11 or later; set PYTHON=/path/to/python3.11"; exit 1; }
	@$(PYTHON) -c 'import venv, ensurepip' 2>/dev/null || { echo "This Python has no venv module: on Debian, apt-get install python3-venv"; exit 1; }
	@echo "setting up .venv (once; a minute or two)"
	@$(PYTHON) -m venv .venv
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --requirement requirements.lock
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-build-isolation --no-deps --editable .
	@touch $(STAMP)

run: setup  ## make a sample project if there is none, run the whole job, report
	@test -d landing || $(BIN)/oneid sample . --customers 5000
	@$(BIN)/oneid run --project .
	@test ! -f truth.parquet || $(BIN)/oneid evaluate --truth truth.parquet

test: setup  ## run the tests
	@$(BIN)/python -m pytest -m "not slow"

test-all: setup  ## run every test, the slow ones too
	@$(BIN)/python -m pytest

dev: setup  ## the Dagster UI on this checkout's assets, checks and schedules
	@DAGSTER_HOME=$(CURDIR) $(BIN)/dagster dev

check: setup  ## style, types, import contracts, fast tests
	@$(BIN)/ruff check . && $(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports
	@$(BIN)/python -m pytest -m "not slow"

lock: setup  ## resolve requirements.in again into the hashed requirements.lock
	@$(BIN)/uv pip compile --quiet --upgrade --universal --python-version 3.11 --generate-hashes --no-strip-extras --no-header --no-emit-index-url requirements.in --output-file requirements.lock

clean:  ## remove the virtual environment and caches (never landing/ or var/)
	@rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .hypothesis
