# Everything a person types. `make help` lists it.
SHELL := /bin/bash
.DEFAULT_GOAL := help
PY := .venv/bin/python
# Languages of compiled catalogues that are committed and compared.
LOCALES := zh_Hans

.PHONY: help setup setup-dev run demo test check lint types schema-check messages-check \
        bench lock schema messages docs nightly clean

help: ## list the commands
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | awk -F':.*## ' '{printf "  make %-15s %s\n", $$1, $$2}'

.venv/.ready: requirements.txt
	python3 -m venv .venv
	.venv/bin/pip install --quiet --disable-pip-version-check --require-hashes -r requirements.txt
	touch $@

.venv/.ready-dev: .venv/.ready requirements-dev.txt
	.venv/bin/pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.txt
	touch $@

setup: .venv/.ready
setup-dev: .venv/.ready-dev

run: setup ## set up, play the demo story once, serve site :8000, gateway :8001 and workers
	@$(PY) -m demo run

demo: setup ## play the story in the terminal on a fresh temporary database
	@$(PY) -m demo play

test: setup-dev ## all tests on SQLite, and again on PostgreSQL where DATABASE_URL is set
	env -u DATABASE_URL $(PY) -m pytest -q -n 2 --dist loadgroup
	@if [ -n "$$DATABASE_URL" ]; then echo "again on PostgreSQL"; \
	  $(PY) -m pytest -q -n 2 --dist loadgroup; \
	else echo "DATABASE_URL is not set: PostgreSQL tests were not run"; fi

lint: setup-dev ## style and common mistakes
	.venv/bin/ruff check .
	.venv/bin/ruff format --check .

types: setup-dev ## strict types in the grammar and the pure packages
	.venv/bin/mypy tallystick core accounts ledger money registry contracts delivery marketplace supervision

schema-check: setup-dev ## the committed API schema is the one the code makes
	@mkdir -p .tools
	env -u DATABASE_URL $(PY) manage.py spectacular --validate --fail-on-warn --lang en --file .tools/openapi.yaml
	diff -u docs/reference/openapi.yaml .tools/openapi.yaml

messages-check: setup-dev ## compiled translations are the committed ones
	$(PY) -m tests.house.messages

check: lint types schema-check messages-check test demo ## what continuous integration runs

bench: setup-dev ## figures with their limits, one JSON object a line
	@$(PY) -m bench

nightly: setup-dev ## the API fuzzed as every role
	FUZZ_ROLES=all FUZZ_EXAMPLES=200 $(PY) -m pytest -q tests/journeys/test_fuzz.py

schema: setup-dev ## write docs/reference/openapi.yaml
	env -u DATABASE_URL $(PY) manage.py spectacular --validate --fail-on-warn --lang en --file docs/reference/openapi.yaml

messages: setup-dev ## collect and compile translations
	$(PY) manage.py makemessages -l zh_Hans --no-location --ignore '.venv/*' --ignore 'tests/*' --ignore '.tools/*'
	$(PY) manage.py compilemessages -l zh_Hans --ignore '.venv/*'

docs: setup-dev ## write the generated parts of the documentation
	$(PY) manage.py document

lock: setup-dev ## compile the hash-pinned requirements
	.venv/bin/pip-compile -q --generate-hashes --strip-extras --no-emit-index-url --no-emit-trusted-host --no-emit-options -o requirements.txt requirements.in
	.venv/bin/pip-compile -q --generate-hashes --strip-extras --no-emit-index-url --no-emit-trusted-host --no-emit-options -o requirements-dev.txt requirements-dev.in

clean: ## remove the environment and everything the site wrote
	rm -rf .venv var .tools
