# The developer's and the build's commands; `make help` lists them.

PYTHON ?= python3
BIN := .venv/bin
READY := .venv/.ready
WORKERS ?= 2
COVERAGE ?= 85
LANGUAGES ?= nl
SHOP ?= ../shared/shop
ARGS ?=
export PIP_DISABLE_PIP_VERSION_CHECK := 1

.DEFAULT_GOAL := help
.NOTPARALLEL:
.DELETE_ON_ERROR:
.PHONY: help .venv test check lint types contracts fast-tests slow-tests format locale demo bench torture shop-test clean

help: ## list the commands
	@awk -F ':.*## ' '/^[a-z.-]+:.*## / { printf "  make %-13s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

.venv: $(READY) ## make the virtual environment, exactly as pinned

$(READY): pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
		echo "wms-terminal needs Python 3.11 or newer, and '$(PYTHON)' is not that." >&2; \
		echo "Install one (Debian, Ubuntu: apt-get install python3.11 python3.11-venv; macOS: brew install python)" >&2; \
		echo "and name it: make PYTHON=python3.11 $(or $(MAKECMDGOALS),.venv)" >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' || { \
		echo "'$(PYTHON)' cannot make virtual environments. Debian, Ubuntu: apt-get install python3-venv" >&2; exit 1; }
	@$(BIN)/python -m pip --version >/dev/null 2>&1 || $(PYTHON) -m venv --clear .venv
	@$(BIN)/python -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
		echo "The Python inside .venv is older than 3.11: remove .venv and try again." >&2; exit 1; }
	@echo "Installing the pinned packages into .venv"
	@$(BIN)/python -m pip install --quiet --constraint constraints.txt hatchling editables
	@$(BIN)/python -m pip install --quiet --constraint constraints.txt --no-build-isolation --editable '.[dev]'
	@touch $@

test: check fast-tests slow-tests ## everything: lint, types, contracts, all tests, coverage of the core

check: lint types contracts ## the fast gates: lint, types, contracts

lint: $(READY) ## formatting and lint
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .

types: $(READY) ## mypy, strict
	$(BIN)/mypy

contracts: $(READY) ## who may import whom
	$(BIN)/lint-imports

fast-tests: $(READY) ## the bulk of the tests, in parallel, with coverage of the core
	$(BIN)/python -m pytest -n $(WORKERS) -m "not pty and not slow" --cov --cov-report=term --cov-fail-under=$(COVERAGE) $(ARGS)

slow-tests: $(READY) ## the tests that need a terminal or time, two files at once
	$(BIN)/python -m pytest -n $(WORKERS) --dist loadfile -m "pty or slow" $(ARGS)

format: $(READY) ## put formatting and imports right
	$(BIN)/ruff check --fix-only .
	$(BIN)/ruff format .

locale: $(READY) ## collect the texts, update and compile the translations
	$(BIN)/pybabel --quiet extract --keywords=T --sort-by-file --add-location=file --no-wrap \
		--omit-header --output-file=wms_terminal/locale/wms.pot wms_terminal screens devices data
	@for language in $(LANGUAGES); do \
		if test -f wms_terminal/locale/$$language/LC_MESSAGES/wms.po; then verb="update --no-wrap --ignore-obsolete --ignore-pot-creation-date"; else verb=init; fi; \
		$(BIN)/pybabel --quiet $$verb --domain=wms --locale=$$language \
			--input-file=wms_terminal/locale/wms.pot --output-dir=wms_terminal/locale || exit 1; \
	done
	$(BIN)/pybabel compile --domain=wms --directory=wms_terminal/locale --statistics

demo: $(READY) ## a warehouse with simulated devices, to try everything on
	$(BIN)/wms-terminal demo $(ARGS)

bench: $(READY) ## measure
	$(BIN)/python -m benchmarks $(ARGS)

torture: $(READY) ## hurt a floor at work, e.g. ARGS="--seconds 600"
	$(BIN)/python -m tests.torture $(ARGS)

shop-test: $(READY) ## a channel and a whole warehouse against a real web shop in which much goes wrong; needs node, and SHOP
	@command -v node >/dev/null && command -v npm >/dev/null || { \
		echo "make shop-test needs node 20 or newer, and npm (Debian, Ubuntu: apt-get install nodejs npm)" >&2; exit 1; }
	@test -f $(SHOP)/server.mjs || { echo "There is no shop in $(SHOP); name its folder: make shop-test SHOP=..." >&2; exit 1; }
	@folder=$$(mktemp -d) && trap 'rm -rf "$$folder"' EXIT && cp $(SHOP)/* "$$folder" && chmod -R u+w "$$folder" && \
		(cd "$$folder" && npm ci --omit=optional --ignore-scripts --no-audit --no-fund --loglevel=error) && \
		WMS_SHOP="$$folder" $(BIN)/python -m pytest tests/shop/against_shop.py tests/shop/against_floor.py $(ARGS)

clean: ## remove the virtual environment and the caches
	rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis .coverage dist
