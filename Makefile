# Everything a checkout needs besides Python >= 3.11: `make` lists the targets.
# Tools and packages live in .venv, at the versions pinned in requirements.lock.

PYTHON ?= python3
LOCK_FLAGS ?=
VENV := .venv
BIN := $(VENV)/bin
PIP_INSTALL := $(BIN)/python -m pip install --quiet --quiet --disable-pip-version-check
INSTALL := $(PIP_INSTALL) --constraint requirements.lock --editable
SOURCES := pyproject.toml setup.py requirements.lock $(wildcard nncore/arrays/*.[ch])
# Many tests wait for other processes, so there is one worker more than there are cores.
PYTEST_WORKERS := $(shell $(PYTHON) -c 'import os; print(os.cpu_count() + 1)')
PYTEST := $(BIN)/python -m pytest --numprocesses $(PYTEST_WORKERS)

.DEFAULT_GOAL := help
.PHONY: help install demo example book test quick system-programs coverage lint bench gallery docs \
	reference lock clean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z0-9]+:.*## / { printf "  make %-9s %s\n", $$1, $$2 }' Makefile
	@echo "  PYTHON=... names the interpreter that .venv is made with (now $(PYTHON))"

install: $(VENV)/installed ## install nnsweep into .venv
	@echo "Installed: $(BIN)/nnsweep; \`. $(BIN)/activate\` puts it on your PATH."

demo: $(VENV)/installed ## run a sweep of 24 trials on 5,000 real digits, into runs/demo
	@$(BIN)/nnsweep run --out runs/demo --trials 24
	@echo "In this checkout nnsweep is $(BIN)/nnsweep; \`. $(BIN)/activate\` puts it on your PATH."

example: $(VENV)/installed ## run, confirm and ablate the sweep of docs/figures.md, about 40 minutes
	@rm -rf docs/example-sweep
	@$(BIN)/nnsweep run --data mnist --trials 60 --set sweep.name=mnist-example \
		--set sweep.pruner=median --out docs/example-sweep
	@$(BIN)/nnsweep confirm docs/example-sweep --top 3 --seeds 10
	@$(BIN)/nnsweep ablate docs/example-sweep
	@$(BIN)/nnsweep report docs/example-sweep --figures png

book: $(VENV)/installed ## reproduce chapters 1 to 3 over 10 seeds, about 80 minutes, into docs/book
	@$(BIN)/nnsweep book run all --seeds 10
	@$(BIN)/python -m experiments.book.report.pages runs/book docs/book

test: system-programs lint ## check everything: style, types, layers, tests
	@echo "== pytest"
	@$(PYTEST)

quick: $(VENV)/installed-dev ## test nncore and results, without browser and slow tests
	@$(PYTEST) -m 'not browser and not slow' tests/nncore tests/results

# A PostgreSQL server and Chromium: installed with apt-get where possible, else the command is shown.
system-programs: $(VENV)/created
	@$(BIN)/python -m tests.support.system_programs

lint: $(VENV)/installed-dev ## check style, types and layers
	@echo "== ruff"
	@$(BIN)/ruff check
	@$(BIN)/ruff format --check
	@echo "== mypy"
	@$(BIN)/mypy
	@echo "== import-linter"
	@$(BIN)/lint-imports

bench: $(VENV)/installed-bench ## time one epoch beside PyTorch, JAX and Numba (installs them)
	@$(BIN)/python -m benchmarks.peers

gallery: $(VENV)/installed ## draw the figures of docs/network.md anew, into docs/gallery
	@$(BIN)/python docs/gallery.py

docs: reference $(VENV)/installed-docs ## build the documentation into site/; it opens without a network
	@NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --strict --quiet
	@echo "Built: open site/index.html"

reference: $(VENV)/installed ## write docs/reference/ anew from the code
	@$(BIN)/python docs/write_reference.py

coverage: system-programs $(VENV)/installed-dev ## run the tests and measure which lines they reach, into htmlcov/
	@$(PYTEST) --cov --cov-report=term:skip-covered --cov-report=html

lock: $(VENV)/created ## write requirements.lock anew; LOCK_FLAGS=--upgrade takes newer versions
	@$(PIP_INSTALL) uv
	@$(BIN)/uv pip compile --quiet --universal --all-extras --group dev --group docs --python-version 3.11 --no-annotate \
		--no-emit-index-url --custom-compile-command "make lock" $(LOCK_FLAGS) \
		--output-file requirements.lock pyproject.toml

clean: ## remove .venv, caches and built files; runs/ stays
	@rm -rf nncore/arrays/*.so $(VENV) build dist site htmlcov .coverage* *.egg-info .mypy_cache .pytest_cache .ruff_cache \
		.import_linter_cache .hypothesis .benchmarks
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +

# A stamp says what is installed; it is older than its sources when that has to be done again.

$(VENV)/installed: $(VENV)/created $(SOURCES)
	@echo "Installing nnsweep into $(VENV) ..."
	@$(INSTALL) .
	@touch $@

$(VENV)/installed-dev: $(VENV)/created $(SOURCES)
	@echo "Installing nnsweep and all that its tests need into $(VENV) ..."
	@$(PIP_INSTALL) 'pip>=25.1' # the first that installs dependency groups, also in an older .venv
	@$(INSTALL) '.[dashboard,dask,gp,notebook,parquet,postgres]' --group dev
	@touch $@

$(VENV)/installed-docs: $(VENV)/created $(SOURCES)
	@echo "Installing nnsweep and what builds its documentation into $(VENV) ..."
	@$(PIP_INSTALL) 'pip>=25.1' # the first that installs dependency groups, also in an older .venv
	@$(INSTALL) . --group docs
	@touch $@

$(VENV)/installed-%: $(VENV)/created $(SOURCES)
	@echo "Installing nnsweep and its extra [$*] into $(VENV) ..."
	@$(INSTALL) '.[$*]'
	@touch $@

$(VENV)/created:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || \
		{ echo "nnsweep needs Python 3.11 or newer; $(PYTHON) is: $$($(PYTHON) -V 2>&1)" >&2; \
		echo "name another, such as: make PYTHON=python3.12" >&2; exit 1; }
	@echo "Creating $(VENV) with $$($(PYTHON) -V) ..."
	@$(PYTHON) -m venv --clear $(VENV)
	@touch $@
