# make demo   set up, then run the main job against local venues
# make test   set up, then every check and test against the built wheel
PYTHON ?= python3
VENV := .venv/$(shell $(PYTHON) -c 'import sys; print("%d.%d" % sys.version_info[:2])')
BIN := $(VENV)/bin
SOURCES := $(shell find unified_copy adapters specs -type f -not -name '*.pyc') pyproject.toml README.md LICENSE
# One cache, also for the template of new adapters, which has settings of its own: beside it, it would be a source.
export RUFF_CACHE_DIR := $(CURDIR)/.ruff_cache

.PHONY: demo test check lint types unit docs oracle fuzz soak prism bench bench-docs lock clean

demo: $(VENV)/wheel
	@$(BIN)/unified-copy demo

test: check unit

check: lint types

lint: $(VENV)/tools
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(VENV)/tools
	$(BIN)/mypy

# The tests import the installed wheel and nothing of the checkout.
unit: export PYTHONSAFEPATH = 1
unit: $(VENV)/wheel
	$(BIN)/python -c 'import unified_copy as u; assert "site-packages" in u.__file__, u.__file__'
	@command -v redis-server >/dev/null || echo "no redis-server: what needs one is skipped, and coverage falls short; install redis-server"
	rm -f .coverage .coverage.*
	$(BIN)/coverage run -m pytest $(TESTS)
	$(BIN)/coverage combine --quiet
	$(BIN)/coverage report

# Write the generated pages of the documentation anew; a test fails while they are out of date.
docs: $(VENV)/wheel
	$(BIN)/python docs/generate.py

# Compare our signatures with those of ccxt, which has an environment of its own because it pins versions.
# -P keeps ccxt from taking tools/oracle/requests.py for the HTTP library of that name.
oracle: $(VENV)/wheel .venv/oracle/ready
	@mkdir -p build
	@$(BIN)/python -P tools/oracle/requests.py > build/oracle.jsonl
	@.venv/oracle/bin/python -P tools/oracle/compare.py build/oracle.jsonl

# Measure beside peers, each in an environment of its own; `make bench BENCH="loopback limits"` measures only these.
bench: $(VENV)/wheel .venv/oracle/ready .venv/bench-pyxt/ready .venv/bench-peers/ready
	@$(BIN)/python benchmarks/run.py $(BENCH) --json build/benchmarks.json --python ccxt=.venv/oracle/bin/python \
	  --python pyxt=.venv/bench-pyxt/bin/python --python peers=.venv/bench-peers/bin/python

# Take over the results of the last whole `make bench`, and write the page about them anew.
bench-docs: $(VENV)/tools
	cp build/benchmarks.json benchmarks/results.json
	$(BIN)/python benchmarks/report.py

.venv/%/ready: requirements/%.txt
	$(PYTHON) -m venv --clear .venv/$*
	.venv/$*/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r $<
	@touch $@

# Try configs, answers, files and broken connections that nobody thought of; FUZZ="--answers 1000" for fewer.
fuzz: $(VENV)/wheel
	@PYTHONPATH=tests/support $(BIN)/python -P tools/fuzz/run.py $(FUZZ)

# Follow 50,000 times as 1,000 accounts against local venues; SOAK="--accounts 20 --follows 500" for fewer.
soak: $(VENV)/wheel
	@PYTHONPATH=tests/support $(BIN)/python -P tools/soak/run.py $(SOAK)

# Needs Node.js; has a mock server from elsewhere judge every golden request, and spoilt copies of each.
prism: $(VENV)/wheel tools/prism/node_modules/.package-lock.json
	$(BIN)/python tools/prism/check.py

tools/prism/node_modules/.package-lock.json: tools/prism/package-lock.json
	npm ci --prefix tools/prism --ignore-scripts --no-audit --no-fund
	@touch $@

$(VENV)/tools: requirements/dev.txt
	@$(PYTHON) -c 'import sys; sys.version_info >= (3, 11) or sys.exit("unified-copy needs Python 3.11 or newer; set PYTHON=")'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/dev.txt
	@touch $@

$(VENV)/wheel: $(VENV)/tools $(SOURCES)
	rm -rf build/wheel
	$(BIN)/hatchling build -t wheel -d build/wheel
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --force-reinstall build/wheel/*.whl
	@touch $@

# Needs uv; the results name versions and hashes and no index.
lock:
	uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header \
	  --all-extras pyproject.toml requirements/dev.in -o requirements/dev.txt
	uv pip compile --quiet --python-version 3.11 --generate-hashes --no-emit-index-url --no-header \
	  requirements/oracle.in -o requirements/oracle.txt
	for name in bench-peers bench-pyxt; do uv pip compile --quiet --python-version 3.11 --generate-hashes \
	  --no-emit-index-url --no-header requirements/$$name.in -o requirements/$$name.txt; done

clean:
	rm -rf .venv build tools/prism/node_modules .coverage* .mypy_cache .pytest_cache .ruff_cache .hypothesis
