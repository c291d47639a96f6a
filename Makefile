# Every target sets up what it needs; the second time that takes a second.
# PYTHON names another interpreter (3.11 or newer).
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
DEMO := demo/demo.duckdb
# MODEL names another model for the demo: a folder or a hub id.
MODEL ?=

.PHONY: help demo lineage test test-slow tsql docs lint format bench clean

help: ## This list
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

# The whole environment is pinned by requirements.lock; torch's CPU build is taken where
# PIP_FIND_LINKS or PIP_EXTRA_INDEX_URL offers it (README, "Installation").
$(VENV)/ready: pyproject.toml requirements.lock
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or newer is needed: make PYTHON=python3.12 ..."; exit 2; }
	@echo "Setting up $(VENV) (some minutes the first time)"
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint requirements.lock --editable '.[dev]'
	@$(BIN)/python -c 'from hartonomous.projection.umap_reducer import warm_up; warm_up()' # compiles, once
	@touch $@

demo: $(VENV)/ready ## Land a real model and texts, build, search, inspect, extract: in DuckDB
	@$(if $(MODEL),,HF_HUB_OFFLINE=1) $(BIN)/hartonomous demo --database $(DEMO) $(if $(MODEL),--model '$(MODEL)')

lineage: $(VENV)/ready ## Build the demo's database and publish its lineage: NEO4J_URI, else target/lineage.cypher
	@$(BIN)/hartonomous build --database $(DEMO)
	@$(BIN)/hartonomous publish-lineage --database $(DEMO)

test: $(VENV)/ready ## The test suite
	HF_HUB_OFFLINE=1 $(BIN)/python -m pytest -m 'not slow' -n 2 --dist loadgroup

test-slow: $(VENV)/ready ## The tests that take minutes
	HF_HUB_OFFLINE=1 $(BIN)/python -m pytest -m slow

tsql: $(VENV)/ready ## Record and check what would be sent to SQL Server and Fabric
	$(BIN)/python -m hartonomous.rehearsal

docs: $(VENV)/ready ## dbt's documentation site over the demo, in target/
	$(BIN)/hartonomous docs --database $(DEMO)

lint: $(VENV)/ready ## House style of Python and SQL
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/python -m hartonomous.rehearsal.style

format: $(VENV)/ready ## Put Python into house style
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

bench: $(VENV)/ready ## Recall and cost of every search method over 10,000 real texts; minutes
	$(BIN)/python benchmarks/search/methods.py

clean: ## Remove what make made, but for the environment
	rm -rf demo target logs build
