# OneID: `make help` lists what can be made.
SHELL := /bin/sh
PYTHON ?= python3
BIN := .venv/bin
STAMP := .venv/.installed
CUSTOMERS ?= 5000
# a file's tests share what they set up; files are dealt out to the cores in their order
PYTEST := $(BIN)/python -m pytest --numprocesses logical --dist loadfile --no-loadscope-reorder
LOCK := UV_COMPILE_BYTECODE=1 $(BIN)/uv pip compile --quiet --upgrade --universal --python-version 3.11 --generate-hashes --no-strip-extras --no-header --no-emit-index-url
export PYTHON

.DEFAULT_GOAL := help

.PHONY: help setup run test test-all browser dev lint check bench-standardise bench-accuracy bench-parity bench-speed bench-training bench-incremental bench-lookup bench-batches lock clean

help:  ## say what can be made
	@awk -F':.*## ' '/^[a-z-]+:.*## /{printf "  make %-18s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: $(STAMP)  ## make .venv from the hashed lock and install OneID into it

$(STAMP): requirements.lock pyproject.toml
	@.ci/make-venv

run: setup  ## make a sample of CUSTOMERS=5000 if landing/ is not there, run the whole job, report
	@test -d landing || $(BIN)/oneid sample . --customers $(CUSTOMERS)
	@$(BIN)/oneid run

test: setup  ## run the tests but the slow ones
	@$(PYTEST) -m "not slow"

test-all: setup  ## run every test, the slow ones too
	@$(PYTEST)

browser: setup  ## add what drives a Chromium in the console's tests
	@$(BIN)/python -m pip --quiet --disable-pip-version-check install --require-hashes --no-deps --requirement requirements-browser.lock
	@command -v chromium >/dev/null || command -v chromium-browser >/dev/null || test -n "$$ONEID_CHROMIUM" || echo "there is no Chromium yet; on Debian: apt-get install chromium; or set ONEID_CHROMIUM=path"

dev: setup  ## open the Dagster UI on this checkout: assets, checks, schedule, sensor
	@$(BIN)/dagster dev

lint: setup  ## style, types, import contracts
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports

check: lint test  ## what a change must pass: lint and test

bench-standardise: setup  ## values a second of each standardiser, beside the libraries: VALUES=1000000
	@$(BIN)/python -m benchmarks.standardise --values $(or $(VALUES),1000000) --write

bench-accuracy: setup  ## F1 on sets with a known truth, beside plain Splink: DATA=folder SETS=a,b
	@$(BIN)/python -m pip --quiet --disable-pip-version-check install --require-hashes --no-deps --requirement requirements-bench.lock
	@$(BIN)/python -m benchmarks.accuracy $(DATA) $(if $(SETS),--sets $(SETS),--write)

bench-parity: setup  ## are a million weights of each set Splink's: DATA=folder SETS=a,b
	@$(BIN)/python -m pip --quiet --disable-pip-version-check install --require-hashes --no-deps --requirement requirements-bench.lock
	@$(BIN)/python -m benchmarks.parity $(DATA) $(if $(SETS),--sets $(SETS),--write)

bench-speed: setup  ## stages and engine beside Splink 5: N=100000,1000000
	@$(BIN)/python -m benchmarks.speed $(N) --write

bench-training: setup  ## how long a model trains, twice: N=1000000
	@$(BIN)/python -m benchmarks.training $(N) --write

bench-incremental: setup  ## what a delivery costs beside a full run: N=1000000 DELIVERIES=100,1000
	@$(BIN)/python -m benchmarks.incremental $(N) $(if $(DELIVERIES),--deliveries $(DELIVERIES)) --write

bench-batches: setup  ## one delivery beside many of the same rows: CUSTOMERS=9000 BATCHES=12
	@$(BIN)/python -m benchmarks.batches $(if $(BATCHES),--batches $(BATCHES)) --write

bench-lookup: setup  ## how fast a server says who somebody is: N=1000000 PROJECT=folder to keep
	@$(BIN)/python -m benchmarks.lookup $(N) $(if $(PROJECT),--project $(PROJECT)) --write

lock: setup  ## resolve requirements*.in again into the hashed requirements*.lock
	@$(LOCK) requirements.in --output-file requirements.lock
	@$(LOCK) --no-deps requirements-bench.in --output-file requirements-bench.lock
	@$(LOCK) requirements-browser.in --output-file requirements-browser.lock

clean:  ## remove the virtual environment and caches (never landing/ or var/)
	@rm -rf .venv .venv.lock .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
