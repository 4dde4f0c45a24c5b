# Set-up, start and checks. `make up` and `make test` need nothing before them but Python 3.11+, Node, Java 17 and Maven.
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help

PYTHON ?= python3
PORT ?= 8000
DATA ?= ./data
VENV := .venv
BIN := $(VENV)/bin
PACKAGES := models rules streams consumers api client deploy tests
# What needs a part (a broker, a server, a browser, Node) or long is left to `make test`.
QUICK := not kafka and not postgres and not browser and not parts and not slow and not bench

.PHONY: help venv assets parts up test check lint bench mutants stories contracts lock clean

help: ## What each target does.
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 10

venv: $(VENV)/.made ## The virtual environment, from the lock.
$(VENV)/.made: requirements-dev.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
		|| { echo "Python 3.11 or newer is needed; name it with PYTHON=..." >&2; exit 1; }
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@echo "Installing from requirements-dev.lock"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.lock
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable . 2>/dev/null
	@touch $@

assets: api/static/vendor/manifest.json ## The page's scripts, from npm by lock file.
api/static/vendor/manifest.json: package.json package-lock.json $(wildcard deploy/assets/*.*js)
	@command -v npm >/dev/null && node -e 'process.exit(parseInt(process.versions.node) < 18 ? 1 : 0)' \
		|| { echo "Node 18 or newer with npm is needed for the page's scripts (Debian: apt-get install nodejs npm)" >&2; exit 1; }
	@echo "Building the page's scripts"
	@npm ci --ignore-scripts --silent --no-update-notifier
	@node deploy/assets/build.mjs

parts: ## Debian packages that real parts come from (root only).
	@.ci/parts

up: venv assets ## Everything embedded, with a simulated province (PORT=, DATA=).
	@FEILIAN_PORT="$(PORT)" FEILIAN_DATA_DIR="$(DATA)" exec $(BIN)/feilian up --demo

check: lint ## The same, and the tests that need no part.
	@$(BIN)/pytest -q -m "$(QUICK)"

lint: venv ## Format, lint, types, layers.
	@$(BIN)/ruff format --check --quiet .
	@$(BIN)/ruff check --quiet .
	@$(BIN)/mypy
	@said=$$($(BIN)/lint-imports --cache-dir .cache/importlinter 2>&1) || { echo "$$said"; exit 1; }

test: venv ## All tests, on real parts; what cannot be had is skipped aloud, and under CI=true fails.
	@.ci/parts
	@$(BIN)/pytest -q -m "not bench"

stories: venv ## The stories alone, and what they cover.
	@$(BIN)/pytest -q tests/stories -m "$(QUICK)"
	@$(BIN)/python -m tests.stories.coverage

mutants: venv ## Small changes to rules/, and how many of them the tests of the law notice (EVERY=1: all; ONLY=custody).
	@$(BIN)/python -m tests.mutants $(if $(EVERY),--every $(EVERY)) $(if $(ONLY),--only $(ONLY))

bench: venv ## Measures DESIGN's figures beside their floors and writes docs/benchmarks.md.
	@$(BIN)/pytest -q -s -m bench --timeout 1800 tests/benchmarks

contracts: venv ## Renews docs/contracts at a release; refuses where something breaks who built on the last one.
	@$(BIN)/feilian export-schemas --to docs/contracts --check docs/contracts

lock: ## Resolves the lock files anew.
	@for dev in "" dev; do \
		CUSTOM_COMPILE_COMMAND="make lock" $(BIN)/pip-compile --quiet --generate-hashes --allow-unsafe --strip-extras \
			--no-emit-index-url --no-emit-trusted-host --no-emit-find-links $${dev:+--extra $$dev -c requirements.lock} \
			-o requirements$${dev:+-$$dev}.lock pyproject.toml; done

clean: ## Removes all that is made, but not DATA.
	rm -rf $(VENV) .parts .cache node_modules api/static/vendor build dist mutants *.egg-info
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
