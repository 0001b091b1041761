# The commands of the project. `make help` lists them.
PYTHON ?= $(shell for p in python3.13 python3.12 python3.11 python3; do \
	"$$p" -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1 && { echo "$$p"; break; }; done)
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
export PIP_DISABLE_PIP_VERSION_CHECK := 1

.DEFAULT_GOAL := help
.PHONY: help setup system run test check lint types format docs lock dev accuracy round-trip benchmark clean

help:  ## List the commands
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-10s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: $(STAMP)  ## Make .venv with the locked dependencies and the command .venv/bin/ogi

$(STAMP): requirements.lock pyproject.toml
	@test -n "$(PYTHON)" || { echo "Python 3.11 or newer is needed. Debian, Ubuntu: apt-get install python3 python3-venv; macOS: brew install python"; exit 1; }
	@echo "Setting up $(VENV) with $(PYTHON) (some 1.2 GB; a few minutes the first time)"
	@$(PYTHON) -m venv $(VENV) 2>/dev/null || { \
		if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
			apt-get update -qq && apt-get install -y -qq python3-venv && $(PYTHON) -m venv $(VENV); \
		else echo "$(PYTHON) cannot make a virtual environment. Debian, Ubuntu: sudo apt-get install python3-venv"; exit 1; fi; }
	@# The lock names every package with its hash, so nothing is resolved here.
	@$(BIN)/python -m pip install --quiet --quiet --no-deps --require-hashes --requirement requirements.lock
	@$(BIN)/python -m pip install --quiet --quiet --no-deps --no-build-isolation --editable .
	@touch $(STAMP)

# Small helpers outside Python: LibreOffice for Word files older than 1997, libarchive for RAR and 7z, a Chinese font for
# the tests that draw scans. Without them documents wait in quarantine, and those tests say that they were skipped.
system: $(VENV)/.system  ## Install the optional system packages where that is possible without asking

$(VENV)/.system: $(STAMP)
	@missing=""; \
	command -v soffice >/dev/null || missing="$$missing libreoffice-writer-nogui"; \
	$(BIN)/python -c 'import libarchive' >/dev/null 2>&1 || missing="$$missing libarchive13"; \
	fc-list :lang=zh 2>/dev/null | grep -q . || missing="$$missing fontconfig fonts-wqy-zenhei"; \
	if [ -z "$$missing" ]; then :; \
	elif [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
		echo "Installing$$missing"; \
		{ apt-get update -qq && DEBIAN_FRONTEND=noninteractive timeout 600 \
			apt-get install -y -qq --no-install-recommends $$missing; } >/dev/null 2>&1 \
			|| echo "Not installed:$$missing (no package source within reach). All else works without."; \
	else echo "Optional, for a few rare formats: sudo apt-get install$$missing"; fi
	@touch $@

run: setup system  ## Do the whole job, offline, on sample portals of our own
	@$(BIN)/ogi run --sample

test: setup system  ## Run the tests
	@$(BIN)/python -m pytest --numprocesses auto --dist loadfile

check: lint types test  ## Everything that must hold before a change lands

lint: setup  ## Check style
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .

types: setup  ## Check types
	@$(BIN)/mypy

format: setup  ## Put the code into the one format
	@$(BIN)/ruff check --fix --quiet .
	@$(BIN)/ruff format .

docs: setup  ## Write the data dictionary anew from the declarations
	@$(BIN)/python -m pipelines.dictionary docs/data_dictionary.md

dev: setup  ## Open Dagster on this checkout
	@DAGSTER_HOME="$(CURDIR)" $(BIN)/dagster dev

accuracy: setup  ## Score the extractor on a corpus with ground truth (OGI_CORPUS)
	@$(BIN)/python -m benchmarks.accuracy

round-trip: setup  ## Write documents of every format with known figures, read them, compare
	@$(BIN)/python -m benchmarks.round_trip

benchmark: setup  ## Time the readers against the obvious way and the floor
	@$(BIN)/python -m benchmarks.readers

scale: setup  ## Rebuild warehouses of 10,000 and 100,000 made-up reports: time, memory, bytes, sums
	@$(BIN)/python -m benchmarks.scale --reports 10000,100000

lock: setup  ## Resolve the dependencies anew into requirements.lock (needs uv)
	uv pip compile --quiet --universal --generate-hashes --python-version 3.11 --extra dev --no-header \
		pyproject.toml --output-file requirements.lock

clean:  ## Remove .venv and the tools' caches; data/ stays
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache
