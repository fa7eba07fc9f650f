# The table of contents: `make` lists what there is. Each target sets up all it needs; only make, git and Python 3.11+ are
# asked for. Settings come from the environment or from .env (see .env.example); the environment wins.

SHELL := /bin/bash
PYTHON ?= python3
# What make exports would hide the line in .env.
WAREHOUSE_DIR ?= $(abspath $(or $(shell sed -n 's/^WAREHOUSE_DIR=//p' .env 2>/dev/null),data))
UV := .venv/bin/uv
RUN := $(UV) run --no-sync --quiet $(if $(wildcard .env),--env-file .env)

export WAREHOUSE_DIR
# All state of the tools lies under WAREHOUSE_DIR; nothing is written to the home folder.
export AIRFLOW_HOME := $(WAREHOUSE_DIR)/state/airflow
export DLT_DATA_DIR := $(WAREHOUSE_DIR)/state/dlt
export DBT_PROJECT_DIR := dbt_project
export DBT_PROFILES_DIR := dbt_project
export DBT_TARGET_PATH := $(WAREHOUSE_DIR)/state/dbt
export DBT_LOG_PATH := $(WAREHOUSE_DIR)/state/dbt
export GX_ANALYTICS_ENABLED := false
# Whoever shares one cache between many projects sets UV_CACHE_DIR. pip asks rustc its version, and rustup writes that down.
export UV_CACHE_DIR ?= $(CURDIR)/.venv/cache
export RUSTUP_HOME ?= $(CURDIR)/.venv/rustup
export PYTHONPATH := $(CURDIR)
export PYTHONWARNINGS := ignore

.PHONY: help setup nightly test prove lint format load build check publish docs status rollback explain sandbox bench up

help: ## list the targets
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):.*## /\1\t/' | expand -t 12

setup: .venv/installed

.venv/installed: pyproject.toml uv.lock
	@test -x $(UV) || { $(PYTHON) -m venv .venv && .venv/bin/python -m pip install --quiet --no-cache-dir "uv>=0.9,<1"; } 2>&1 | grep -v '^WARNING' || true
	@echo "Installing the locked environment ..."
	@$(UV) sync --locked --quiet
	@touch $@

nightly: setup ## one night: load, check, build, check, publish, document; AS_OF=YYYY-MM-DD sets the business day
	@$(RUN) python -m dags

test: setup lint ## everything CI runs
	@$(RUN) pytest -m "not prove" -rs --numprocesses 2 --dist loadfile --durations 15

prove: setup ## the long proofs: many nights, readers, scale, a real scheduler, compose
	@$(RUN) pytest -m prove -rs --durations 15

lint: setup ## style of Python and SQL, import boundaries
	@$(UV) lock --check --quiet
	@$(RUN) ruff format --check --quiet .
	@$(RUN) ruff check --quiet .
	@$(RUN) sqlfluff lint --disable-progress-bar -q --processes 2 dbt_project/models dbt_project/tests dbt_project/analyses publishing/pages

format: setup ## rewrite Python to the style
	@$(RUN) ruff check --fix --quiet .
	@$(RUN) ruff format --quiet .

load: setup ## pull the sources into raw (SOURCES="hubspot files", SINCE= and UNTIL= for a backfill)
	@$(RUN) python -m ingestion.load $(SOURCES) $(if $(SINCE),--since $(SINCE)) $(if $(UNTIL),--until $(UNTIL))

build: setup ## build the warehouse from raw with dbt
	@$(RUN) python -m publishing.build

check: setup ## Great Expectations on raw and on the built marts
	@$(RUN) python -m expectations.checkpoint raw
	@$(RUN) python -m expectations.checkpoint marts

publish: setup ## publish the built marts and flip `current`
	@$(RUN) python -m publishing.publish

docs: setup ## write the pages of the published night
	@$(RUN) python -m publishing.docs

status: setup ## what is published, how fresh each source is (AGAINST=run: what differs from that night)
	@$(RUN) python -m publishing.$(if $(AGAINST),differences $(AGAINST),status)

rollback: setup ## flip `current` back to the night before (TO=run for another)
	@$(RUN) python -m publishing.rollback $(TO)

explain: setup ## the rows behind a number, down to raw (METRIC=leads DATE=2026-06-30 CHANNEL=email, ONLY="column=value ...")
	@$(RUN) python -m publishing.explain "$(METRIC)" "$(DATE)" $(CHANNEL) $(ONLY)

sandbox: setup ## serve the sandbox company on loopback
	@$(RUN) python -m ingestion.sandbox serve

bench: setup ## measure loads, builds, a crowd and nights; writes bench.json (PARTS="loads crowd" for some)
	@$(RUN) python -m tests.bench $(PARTS)

up: ## Airflow, Postgres and the sandbox in containers
	docker compose --profile sandbox up --build
