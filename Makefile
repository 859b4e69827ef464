# Honghu: every command a developer or an operator needs. Each one sets up what it needs.
PYTHON ?= python3.11
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
LINES := $(VENV)/.translations
PG ?=

.PHONY: setup demo sample serve work test check format translations bench browser clean

setup: $(READY) $(LINES)

$(READY): requirements/dev.txt pyproject.toml
	@test -x $(BIN)/python || $$(command -v $(PYTHON) || command -v python3) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/dev.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@

$(LINES): $(READY) src/honghu/locale/zh_Hans/LC_MESSAGES/django.po tools/translations.py
	$(BIN)/python tools/translations.py compile
	@touch $@

# The main job on the shipped notices and on NOTICES=folder.
demo: setup
	$(BIN)/honghu demo $(if $(NOTICES),--notices "$(NOTICES)")

# The county of June 2023: seven domains at work, and a sign-in for every role.
sample: setup
	$(BIN)/honghu sample load

serve: setup
	$(BIN)/honghu serve

work: setup
	$(BIN)/honghu work

# PG=15: on Debian's PostgreSQL 15 instead of the embedded server.
test: setup
	@sh tests/chromium.sh
	@sh tests/with_postgres.sh "$(PG)" $(BIN)/pytest -n 2 --dist worksteal $(ARGS)

check: setup
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy src tests tools bench
	$(BIN)/lint-imports
	$(BIN)/python -m django makemigrations --check --dry-run --settings honghu.site.settings
	$(BIN)/python tools/translations.py check
	$(BIN)/pytest -q tests/architecture

format: setup
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

translations: setup
	$(BIN)/python tools/translations.py update

# Ratios against a peer or a physical limit in the same run; NAMES="ledger api" for some of them.
bench: setup
	$(BIN)/python -m bench $(NAMES)

# Raise the pinned versions within the bounds of pyproject.toml.
requirements: $(READY)
	$(BIN)/uv pip compile --quiet --generate-hashes --no-header --upgrade pyproject.toml -o requirements/runtime.txt
	$(BIN)/uv pip compile --quiet --generate-hashes --no-header --upgrade --extra dev pyproject.toml -o requirements/dev.txt

clean:
	rm -rf $(VENV) .honghu
