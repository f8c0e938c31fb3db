# The book's commands: make lab, make test, make quick.

VENV ?= .venv
PIP_ARGS ?=
LAB_ARGS ?=
PYTEST_ARGS ?=
BENCH_ARGS ?=
JOBS ?= 2
CHAPTER ?=
CONSTRAINTS ?= constraints.txt
BIN := $(VENV)/bin

# The first Python on this machine that is new enough; empty where there is none.
NEW_ENOUGH := import sys; sys.exit(sys.version_info < (3, 11))
CANDIDATES := python3 python3.14 python3.13 python3.12 python3.11 python
PYTHON ?= $(shell for p in $(CANDIDATES); do \
	if $$p -c '$(NEW_ENOUGH)' 2>/dev/null; then echo $$p; break; fi; done)

# What proves one chapter: its notebooks, and of all other tests those that are of it.
CHAPTERS := $(sort $(foreach c,$(notdir $(wildcard chapters/[0-9][0-9]_*.ipynb)),$(firstword $(subst _, ,$(c)))))
ifneq ($(filter-out $(CHAPTERS),$(CHAPTER)),)
$(error There is no chapter $(CHAPTER): CHAPTER is one of $(CHAPTERS))
endif
OF_CHAPTER = -m chapter_$(CHAPTER) tests $(wildcard $(foreach d,chapters solutions exercises,$(d)/$(CHAPTER)_*.ipynb))
PYTEST = $(BIN)/python -m pytest -n $(JOBS) --dist loadscope --no-loadscope-reorder

# Compiled once, and not again by each of the processes that a run starts.
export PYTHONDONTWRITEBYTECODE :=

.PHONY: help lab test test-oldest test-newest quick style build bench
.DEFAULT_GOAL := help

help:
	@echo "make lab      install the book into $(VENV) and open chapter 00 in JupyterLab"
	@echo "make test     prove every printed output, every grader, the engine and the sliders"
	@echo "make test CHAPTER=05   prove one chapter: its notebooks, exercises and sliders"
	@echo "make test-oldest, make test-newest   the same with the oldest and with the newest"
	@echo "              versions that pyproject.toml allows, in environments of their own"
	@echo "make quick    style, rules of notebooks, solutions and the package; no"
	@echo "              notebook is run, no browser, no process, and nothing tried by hundreds"
	@echo "make build    run all notebooks again and write their outputs"
	@echo "make bench    time the book beside its peers into benchmarks/peers.json; about 8 minutes"
	@echo "make help     this list"
	@echo
	@echo "Settings: PYTHON=python3.12  VENV=DIR  PIP_ARGS='--index-url …'  LAB_ARGS=--no-browser"
	@echo "          JOBS=2  CHAPTER=05  PYTEST_ARGS='-k graph'  BENCH_ARGS='--only adam'"

lab: $(VENV)/.lab
	@echo "Opening chapters/00_start_here.ipynb in JupyterLab; Ctrl-C here ends it."
	@$(BIN)/python -m jupyter lab --LabApp.default_url=/lab/tree/chapters/00_start_here.ipynb $(LAB_ARGS)

test: style
	@echo "All tests and notebooks$(if $(CHAPTER), of chapter $(CHAPTER)) with pytest, $(JOBS) at a time."
	@$(PYTEST) $(if $(CHAPTER),$(OF_CHAPTER)) $(PYTEST_ARGS)

quick: style
	@echo "The tests that run no notebook, no browser and no process, $(JOBS) at a time."
	@$(PYTEST) -m "not slow and not browser" --hypothesis-profile quick tests $(PYTEST_ARGS)

# The versions that pyproject.toml allows, beyond those that were tested, each in a place of its own.
test-oldest:
	@mkdir -p .venv-oldest
	@"$(PYTHON)" -m bookutils.classroom.bounds > .venv-oldest/lowest.txt
	@$(MAKE) --no-print-directory test VENV=.venv-oldest CONSTRAINTS=.venv-oldest/lowest.txt

test-newest:
	@mkdir -p .venv-newest
	@: > .venv-newest/none.txt
	@$(MAKE) --no-print-directory test VENV=.venv-newest CONSTRAINTS=.venv-newest/none.txt \
		PIP_ARGS="$(PIP_ARGS) --upgrade --upgrade-strategy eager"

style: $(VENV)/.test
	@echo "Checking style with ruff."
	@$(BIN)/python -m ruff check --quiet .
	@$(BIN)/python -m ruff format --check --quiet . || \
		{ echo "Not formatted: run $(BIN)/ruff format ." >&2; exit 1; }

build: $(VENV)/.lab
	@echo "Running all notebooks, $(JOBS) at a time."
	@$(BIN)/python -m bookutils build --jobs $(JOBS)

bench: $(VENV)/.bench
	@echo "Timing the book beside its peers: best on a machine that does nothing else."
	@$(BIN)/python benchmarks $(BENCH_ARGS)
	@$(BIN)/python -m bookutils bench --page

# An editable install points to this folder by the name that it had: where that was another one,
# it is installed again.
HERE := $(shell cat "$(VENV)/.here" 2>/dev/null)
ifneq ($(HERE),)
ifneq ($(HERE),$(CURDIR))
.PHONY: moved
$(VENV)/.lab $(VENV)/.test $(VENV)/.bench: moved
moved:
	@echo "This folder was $(HERE) when the book was installed."
endif
endif

# A stamp is older than pyproject.toml or the constraints when something has to be installed.
$(VENV)/.lab: pyproject.toml $(CONSTRAINTS) $(VENV)/.venv
	@echo "Installing the book into $(VENV): about 1.3 GB, about a minute on a fast line."
	@$(BIN)/python -m pip install $(PIP_ARGS) --constraint $(CONSTRAINTS) --editable .
	@echo "$(CURDIR)" > $(VENV)/.here
	@touch $@

$(VENV)/.test: pyproject.toml $(CONSTRAINTS) $(VENV)/.venv
	@echo "Installing the book and what its tests need into $(VENV): about 1.4 GB."
	@$(BIN)/python -m pip install $(PIP_ARGS) --constraint $(CONSTRAINTS) --editable '.[test]'
	@echo "$(CURDIR)" > $(VENV)/.here
	@touch $(VENV)/.lab $@

$(VENV)/.bench: pyproject.toml $(CONSTRAINTS) $(VENV)/.venv
	@echo "Installing the book's peers into $(VENV), for the benchmarks alone: about 0.4 GB."
	@$(BIN)/python -m pip install $(PIP_ARGS) --constraint $(CONSTRAINTS) --editable '.[test,bench]'
	@echo "$(CURDIR)" > $(VENV)/.here
	@touch $(VENV)/.lab $(VENV)/.test $@

$(VENV)/.venv:
	@if [ -z "$(PYTHON)" ]; then \
		echo "The book needs Python 3.11 or newer, and none is on the PATH: install one, or say where it is with PYTHON=/path/to/python3." >&2; exit 1; fi
	@if ! command -v "$(PYTHON)" >/dev/null; then \
		echo "There is no $(PYTHON): install Python 3.11 or newer, or say where it is with PYTHON=/path/to/python3." >&2; exit 1; fi
	@if ! "$(PYTHON)" -c '$(NEW_ENOUGH)'; then \
		echo "$(PYTHON) is $$("$(PYTHON)" --version 2>&1), and the book needs Python 3.11 or newer: set PYTHON=/path/to/a/newer/python3." >&2; exit 1; fi
	@if ! "$(PYTHON)" -c 'import ensurepip, venv' 2>/dev/null; then \
		echo "$(PYTHON) cannot make virtual environments: install its venv module (Debian, Ubuntu: apt install python3-venv)." >&2; exit 1; fi
	@echo "Creating $(VENV) with $$("$(PYTHON)" --version)."
	@"$(PYTHON)" -m venv "$(VENV)"
	@touch $@
