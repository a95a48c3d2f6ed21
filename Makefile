# wanmi: two commands matter, `make demo` and `make test`. Both install what they need into .venv.

PYTHON := $(shell for p in python3.13 python3.12 python3.11 python3; do \
	if $$p -c 'import sys, venv; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1; then echo $$p; break; fi; done)
BIN := .venv/bin
STAMP := .venv/.installed
SEEDS ?= 2000
MINUTES ?= 10
SEED ?= $(shell date +%S%M)
ARGS ?=
AUDIT ?=
CHROMIUM ?= /usr/bin/chromium
SOFTHSM ?= /usr/lib/softhsm/libsofthsm2.so

.DEFAULT_GOAL := help
.PHONY: help demo test check audit-deps screenshots sim hsm reliability chaos bench proto migrate docs clean

help: ## say what can be made
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F':.*## ' '{printf "  make %-11s %s\n", $$1, $$2}'

$(STAMP): pyproject.toml constraints.txt
	@test -n "$(PYTHON)" || { echo "wanmi needs Python 3.11 or newer, with venv and pip"; exit 1; }
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[dev]'
	@touch $(STAMP)

demo: $(STAMP) ## run a whole federation on loopback (ARGS=--exit ends by itself)
	$(BIN)/wanmi demo $(ARGS)

test: check ## every test: unit, property, contract, integration, simulation, wire, demo
	@test -e $(SOFTHSM) || echo "left out: keys in a device (make hsm), there is no $(SOFTHSM)"
	@test -e $(CHROMIUM) || echo "left out: the console in a browser, there is no $(CHROMIUM)"
	$(BIN)/python -m pytest -q -n 3 --dist worksteal tests $(if $(wildcard $(SOFTHSM)),tests/hsm/on_softhsm.py) $(if $(wildcard $(CHROMIUM)),$(wildcard tests/browser/*on_chromium.py)) $(ARGS)

check: $(STAMP) ## fast checks: ruff, mypy strict, import contracts, advisories
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	@$(MAKE) --no-print-directory audit-deps

audit-deps: $(STAMP) ## pinned versions against published advisories (AUDIT=--strict: no answer fails)
	@test -x .venv-audit/bin/pip-audit || { $(PYTHON) -m venv .venv-audit \
		&& .venv-audit/bin/python -m pip install --quiet --disable-pip-version-check \
		-c tests/advisories-constraints.txt pip-audit; } || true
	@$(BIN)/python -m tests.advisories .venv-audit/bin/pip-audit $(AUDIT)

sim: $(STAMP) ## the seeded simulator for longer (SEEDS=2000)
	$(BIN)/python -m tests.sim --seeds $(SEEDS) $(ARGS)

chaos: $(STAMP) ## real processes under faults (MINUTES=10 SEED=7); the schedule is printed
	$(BIN)/python -m tests.chaos --minutes $(MINUTES) --seed $(SEED) $(ARGS)

hsm: $(STAMP) ## keys in a device, against SoftHSM (Debian: apt install softhsm2)
	$(BIN)/python -m pytest -q tests/hsm/on_softhsm.py $(ARGS)

screenshots: $(STAMP) ## the pictures of docs/console.md (Debian: apt install chromium fonts-wqy-microhei)
	$(BIN)/python -m tests.browser.screenshots

reliability: $(STAMP) ## live seeds, hunt mutants, write docs/reliability.md (some minutes)
	$(BIN)/python -m tests.sim.report --write $(ARGS)

bench: $(STAMP) ## measure links beside the raw limits of the same run; writes docs/benchmarks.md
	$(BIN)/python -m tests.bench --write $(ARGS)

proto: $(STAMP) ## generate the committed stubs from proto/
	$(BIN)/python -m tests.wire.stubs

migrate: $(STAMP) ## bring the database of a node home to the newest schema (ARGS='--home DIR')
	$(BIN)/wanmi migrate $(ARGS)

docs: $(STAMP) ## regenerate the parts of docs/ that come from the code
	$(BIN)/python -m node.core.diagram --write docs/flow.md
	$(BIN)/python -m node.service.evaluation.handbook --write docs/evaluation.md
	$(BIN)/python -m node.main.flow_page --write docs/flow.md

clean: ## remove what this Makefile made
	rm -rf .venv .venv-audit build run *.egg-info .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis
