# Two commands for everybody: `make run` and `make test`. `make help` lists the rest.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PORT ?= 8000
# A proof that fails must not be hidden by the tee behind it.
SHELL := /bin/bash
.SHELLFLAGS := -o pipefail -c

.PHONY: help run test lint bench prove handbook words vendor
help: ## this list
	@grep -E '^[a-z]+:.*##' Makefile | sed 's/:.*##/\t/'

run: $(VENV)/run.stamp vendor ## the demonstration city on http://127.0.0.1:$(PORT)
	@PATH="$(CURDIR)/$(BIN):$$PATH" PORT=$(PORT) deploy/run

test: $(VENV)/test.stamp vendor ## the whole suite on SQLite and on PostgreSQL
	@$(BIN)/pybabel -q compile -d civic/translations
	@$(BIN)/python -m tests.support.both $(ARGS)

lint: $(VENV)/test.stamp ## style, layers, types
	$(BIN)/ruff check .
	$(BIN)/lint-imports
	$(BIN)/mypy

bench: $(VENV)/test.stamp ## cost of the hot pages at two sizes, of a rush and of check-in, beside their floors
	$(BIN)/python -m benchmarks.pages
	$(BIN)/python -m benchmarks.rush | grep -v '"event"'
	$(BIN)/python -m benchmarks.check_in

prove: $(VENV)/test.stamp ## the long proofs: large cities, two years with kills, the rush, kiosks in a storm; output in docs/proof/
	$(BIN)/python -m benchmarks.pages --large 1000000 --anew | tee docs/proof/pages-at-a-million.txt
	$(BIN)/python -m benchmarks.city --anew | tee docs/proof/city-of-600000.txt
	CIVIC_EXAMPLES=300 $(BIN)/python -m tests.support.both tests/nominations/test_machine.py tests/nominations/test_round_machine.py tests/volunteering/test_machine.py | tee docs/proof/machines.txt
	$(BIN)/python -m benchmarks.rush | grep -v '"event"' | tee docs/proof/rush.txt
	$(BIN)/python -m benchmarks.check_in | tee docs/proof/check-in.txt
	$(BIN)/python -m benchmarks.faults | tee docs/proof/faults.txt
	$(BIN)/python -m benchmarks.faults_worker | grep --line-buffered -v '"event"' | tee docs/proof/faults-worker.txt
	$(BIN)/python -m benchmarks.fuzz | tee docs/proof/fuzz.txt
	$(BIN)/python -m benchmarks.kiosk_device | grep -v '"event"' | tee docs/proof/kiosk-device.txt
	$(BIN)/python -m benchmarks.covered | tee docs/proof/covered.txt
	$(BIN)/python -m benchmarks.mutants | tee docs/proof/mutants.txt
	$(BIN)/python -m benchmarks.season --cases 2000 | grep -v '"event"' | tee docs/proof/season.txt

vendor: | $(VENV)/bin/python ## third-party files for browsers into static/vendor; what goes without them is said
	@cmp -s package-lock.json static/vendor/lock || { deploy/vendor $(CURDIR)/$(BIN)/python && cp package-lock.json static/vendor/lock; } \
	  || echo "static/vendor could not be filled (no network?): the kiosk's camera then needs a browser that reads QR codes by itself" >&2

handbook: $(VENV)/test.stamp ## pictures of docs/handbook from a running `make run`
	$(BIN)/python -m tests.support.handbook http://127.0.0.1:$(PORT)
	$(BIN)/python -m tests.support.kiosk_pictures

words: $(VENV)/test.stamp ## collect interface words for translation
	cd civic && ../$(BIN)/pybabel extract -F babel.cfg -k _l -k lazy_gettext -o translations/messages.pot --no-location --sort-output --no-wrap .. && ../$(BIN)/pybabel update -i translations/messages.pot -d translations --no-fuzzy-matching --no-wrap --ignore-obsolete

$(VENV)/bin/python:
	$(PYTHON) -m venv $(VENV)

$(VENV)/run.stamp: requirements.txt | $(VENV)/bin/python
	$(BIN)/python -m pip install -q --disable-pip-version-check --require-hashes -r requirements.txt
	@touch $@

$(VENV)/test.stamp: requirements-test.txt | $(VENV)/bin/python
	$(BIN)/python -m pip install -q --disable-pip-version-check --require-hashes -r requirements-test.txt
	@touch $@ $(VENV)/run.stamp
