# Every command of the project. `make demo` and `make test` start from a bare checkout.
SHELL := /bin/bash
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
# Sockets, databases and browsers are started by the tests themselves; -n keeps both cores busy.
WORKERS ?= 2
PORT ?= 8000

.PHONY: demo setup services check test test-both test-fast conformance wheel-test docs messages bench lighthouse screens clean

demo: $(VENV)/.installed
	$(BIN)/hoitu demo --port $(PORT)

setup: $(VENV)/.installed-dev

# Runs again only when the metadata changes, so that a second start takes seconds.
$(VENV)/.installed: setup.cfg setup.py pyproject.toml | $(BIN)/python
	$(BIN)/pip install --quiet --editable .
	@touch $@

$(VENV)/.installed-dev: setup.cfg setup.py pyproject.toml | $(BIN)/python
	$(BIN)/pip install --quiet --editable ".[check,docs]"
	@touch $@ $(VENV)/.installed

# Debian without python3-venv leaves half an environment behind, which would pass for a whole one.
$(BIN)/python:
	$(PYTHON) -m venv $(VENV) || { rm -rf $(VENV); exit 1; }

services:
	$(PYTHON) tools/services.py

check: setup
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python -P tools/messages.py --check
	$(BIN)/python -P tools/section_sizes.py

# Each test on SQLite or PostgreSQL, what stands or falls with the database on both.
test: setup services
	$(BIN)/pytest --database split -n $(WORKERS) --dist loadgroup

# Each test on both: before a release, and after a change of queries, models or migrations.
test-both: setup services
	$(BIN)/pytest --database both -n $(WORKERS) --dist loadgroup

# SQLite only, without a browser: while writing code.
test-fast: setup
	$(BIN)/pytest -n $(WORKERS) --dist loadgroup -m "not e2e and not slow"

# Every installed plugin, at the level its manifest claims; see docs/reference/conformance.md.
conformance: setup
	$(BIN)/pytest --pyargs hoitu.core.testing.conformance -m gold -n $(WORKERS)

wheel-test: setup
	$(BIN)/pytest tests/architecture/test_wheel.py

docs: setup
	$(BIN)/sphinx-build -W --keep-going -q -b html docs docs/_build/html

messages: setup
	$(BIN)/python -P tools/messages.py

bench: setup services
	$(BIN)/python -P tools/bench.py
	$(BIN)/python -P tools/bench_lists.py --database both
	$(BIN)/python -P tools/bench_search.py

# How browsers judge the public site; writes docs/reference/lighthouse.md.
lighthouse: setup services
	$(BIN)/python -P tools/lighthouse.py

# The pictures of the documentation.
screens: setup services
	$(BIN)/python -P tools/screens.py

clean:
	rm -rf $(VENV) build dist *.egg-info docs/_build .mypy_cache .ruff_cache
