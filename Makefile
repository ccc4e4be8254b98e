# The three commands: make run, make test, make bench. `make help` explains them.

SHELL  := /bin/sh
PYTHON ?= python3
VENV   ?= .venv
PORT   ?= 8080
LDAP   ?= ldif
BIN    := $(VENV)/bin
PIP    := $(BIN)/python -m pip install --quiet --disable-pip-version-check

.PHONY: help run test format bench clean

help:
	@echo "make run              try dialtree: the sample directory, both services, nginx where it is installed"
	@echo "make run LDAP=slapd   the same on a private, real slapd"
	@echo "make run PORT=9080    on other ports: PORT, PORT+1, PORT+2"
	@echo "make test             format, lint, types, import rules, all tests"
	@echo "make bench            the figures; SIZES=10000 for a short run"
	@echo "make format           let ruff write the code"

run: $(VENV)/.run
	@if [ "$(LDAP)" = slapd ]; then deploy/prepare.sh slapd; fi
	@exec $(BIN)/dialtree demo --port $(PORT) --ldap $(LDAP)

test: $(VENV)/.dev
	@deploy/prepare.sh tools
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo
	$(BIN)/pytest -n auto --dist loadfile

bench: $(VENV)/.dev
	@deploy/prepare.sh bench
	@exec $(BIN)/python -m tests.bench $(if $(SIZES),--sizes $(SIZES))

format: $(VENV)/.dev
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

clean:
	rm -rf $(VENV) state build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache

$(VENV)/bin/python:
	@PYTHON=$(PYTHON) deploy/prepare.sh python
	@echo "dialtree: creating the virtual environment $(VENV)"
	@$(PYTHON) -m venv $(VENV)

$(VENV)/.run: pyproject.toml | $(VENV)/bin/python
	@echo "dialtree: installing"
	@$(PIP) --editable .
	@touch $@

$(VENV)/.dev: pyproject.toml | $(VENV)/bin/python
	@echo "dialtree: installing, with what the tests need"
	@$(PIP) --editable ".[dev]"
	@touch $@ $(VENV)/.run
