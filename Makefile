# The commands of the dashboard. "make help" lists them.
# Exact versions are in .lock/: a dot folder, because the list of top-level names is fixed.

PYTHON ?= python3
PORT ?= 8501

VENV := .venv
PY := $(VENV)/bin/python
PIP := $(PY) -m pip install -qq --disable-pip-version-check
RUNTIME := $(VENV)/.runtime-installed
DEV := $(VENV)/.dev-installed
AXE := tests/browser/node_modules/axe-core/axe.min.js
COMPILE = $(VENV)/bin/uv pip compile --quiet --universal --python-version 3.11 \
	--no-header --no-annotate --no-emit-index-url $(UPGRADE)

.DEFAULT_GOAL := help
.PHONY: help setup run test lint types imports unit browser access bench bundle lock chromium nginx \
	postgres wrk clean

help: ## list these commands
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "make %-8s %s\n", $$1, $$2 }' Makefile

setup: $(RUNTIME) ## make .venv with the run-time packages
	@echo "Ready: make run"

run: $(RUNTIME) ## start the dashboard on 127.0.0.1 (PORT=8501)
	@$(PY) -c "import socket; s = socket.socket(); \
	s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1); s.bind(('127.0.0.1', $(PORT)))" \
	2>/dev/null || { echo "Port $(PORT) is taken or can't be used: try 'make run PORT=8600'." >&2; exit 1; }
	@echo "http://127.0.0.1:$(PORT)"
	@STREAMLIT_SERVER_ADDRESS=127.0.0.1 STREAMLIT_SERVER_PORT=$(PORT) exec $(PY) app.py

test: lint types imports chromium nginx postgres $(AXE) ## all checks and all tests
	@$(PY) -m pytest tests -m "not access" --numprocesses 2 --dist loadfile

access: $(DEV) chromium $(AXE) ## axe on every page and embed, in every language and after each filter
	@$(PY) -m pytest tests/browser -m access --numprocesses 2

lint: $(DEV) ## ruff: rules and format
	@$(VENV)/bin/ruff check
	@$(VENV)/bin/ruff format --check

types: $(DEV) ## mypy, strict, on kumageo and layers
	@$(VENV)/bin/mypy

imports: $(DEV) ## import-linter: who may import whom
	@$(VENV)/bin/lint-imports --no-logo

unit: $(DEV) postgres ## the quick tests only: no browser, nothing slow
	@$(PY) -m pytest tests --ignore tests/browser -m "not slow"

browser: $(DEV) chromium $(AXE) ## the browser tests only
	@$(PY) -m pytest tests/browser

bench: $(DEV) chromium postgres wrk ## measure the dashboard
	@$(PY) -m benchmarks

bundle: $(RUNTIME) ## pack for a machine without a network, into dist/
	@$(PY) .ci/bundle

lock: $(PY) ## write .lock/ anew (UPGRADE=--upgrade takes newer versions)
	@$(PIP) "$$(grep '^uv>' tests/requirements.txt)"
	@$(COMPILE) requirements.txt --output-file .lock/runtime.txt
	@$(COMPILE) tests/requirements.txt --constraints .lock/runtime.txt --output-file .lock/dev.txt

chromium:
	@tests/ensure_chromium.sh

nginx:
	@tests/ensure_nginx.sh

postgres:
	@tests/ensure_postgres.sh

wrk:
	@benchmarks/ensure_wrk.sh

clean: ## remove caches and dist/, keep .venv
	@rm -rf build dist .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis
	@find . -path ./$(VENV) -prune -o -name __pycache__ -type d -exec rm -rf {} +

$(PY):
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
	echo "Python 3.11 or newer is needed, and '$(PYTHON)' isn't: make setup PYTHON=python3.12" >&2; exit 1; }
	@$(PYTHON) -m venv $(VENV) || { rm -rf $(VENV); \
	echo "Python could not make $(VENV): on Debian, install python3-venv." >&2; exit 1; }

$(AXE): tests/browser/package.json
	@command -v npm >/dev/null || { echo "The browser tests need npm (Node.js) for axe-core." >&2; exit 1; }
	@npm install --prefix tests/browser --no-package-lock --ignore-scripts --no-audit --no-fund --silent
	@touch $@

$(RUNTIME): .lock/runtime.txt | $(PY)
	@echo "Installing the run-time packages (a few minutes the first time)"
	@$(PIP) -r .lock/runtime.txt
	@touch $@

$(DEV): .lock/dev.txt $(RUNTIME)
	@echo "Installing the test tools"
	@$(PIP) -r .lock/dev.txt
	@touch $@
