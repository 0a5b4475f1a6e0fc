# Two commands for a newcomer: `make demo` and `make test`. Both first set up .venv.
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
READY  := $(VENV)/.ready

.PHONY: demo test lint types check slow lowest torture advisories bench docs clean

PIP    := $(BIN)/python -m pip --quiet --disable-pip-version-check

# Installs only packages with the hashes of requirements.lock, then torch, whose builds differ by machine, and this package.
$(READY): pyproject.toml constraints.txt requirements.lock
	$(PYTHON) -m venv $(VENV)
	$(PIP) install --require-hashes --no-deps -r requirements.lock
	$(PIP) install --no-build-isolation -c constraints.txt -e ".[dev,base,lsp,serve]"
	touch $@

demo: $(READY)
	$(BIN)/tui-lm demo

test: lint types check

lint: $(READY)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

# For each system, and without the packages of any extra, whose types nothing may depend on.
types: $(READY) $(VENV)/bare/.ready
	for system in linux darwin win32; do $(BIN)/mypy --platform $$system --cache-dir .mypy_cache/$$system || exit 1; done
	$(BIN)/mypy --python-executable $(VENV)/bare/bin/python --cache-dir .mypy_cache/bare

$(VENV)/bare/.ready: pyproject.toml constraints.txt
	$(PYTHON) -m venv --clear $(VENV)/bare
	$(BIN)/python -c 'import tomllib; print(*(name for name in tomllib.load(open("pyproject.toml", "rb"))["project"]["dependencies"] \
		if not name.startswith("torch")), sep="\n")' > $(VENV)/bare/requirements.txt
	$(VENV)/bare/bin/python -m pip --quiet --disable-pip-version-check install -c constraints.txt -r $(VENV)/bare/requirements.txt
	touch $@

check: $(READY)
	$(BIN)/pytest -n 2 --durations=25 -m "not slow and not torture"

slow: $(READY)
	$(BIN)/pytest -m slow

# The tests with the oldest versions that pyproject.toml allows. Needs uv, and downloads some gigabytes with the oldest torch.
lowest: $(READY)
	uv pip compile --quiet pyproject.toml --extra base --extra lsp --extra serve --resolution lowest-direct -o $(VENV)/lowest.txt
	uv venv --quiet --clear --python $(BIN)/python $(VENV)/lowest
	uv pip install --quiet --python $(VENV)/lowest/bin/python -r $(VENV)/lowest.txt pytest pytest-asyncio pytest-xdist hypothesis hatchling
	uv pip install --quiet --python $(VENV)/lowest/bin/python --no-deps -e .
	$(VENV)/lowest/bin/pytest -n 2 -m "not slow and not torture" --ignore tests/test_docs.py --ignore tests/tui/test_snapshots.py

# Faults and hostile input, with EXAMPLES times as many random examples as `make test`; results are in docs/reliability.md.
EXAMPLES ?= 20
torture: $(READY)
	TUI_LM_EXAMPLES=$(EXAMPLES) $(BIN)/pytest -rP --durations=20 -m torture
	TUI_LM_EXAMPLES=$(EXAMPLES) $(BIN)/pytest tests/torture tests/chats/test_damaged_exports.py tests/test_damage.py tests/test_settings.py \
		tests/completion/test_stdio.py -m "not torture and not slow"

# Known vulnerabilities of the installed packages, from the Python Packaging Advisory Database. Fails without an answer, too.
advisories: $(READY)
	$(PYTHON) -m venv $(VENV)/advisories
	$(VENV)/advisories/bin/python -m pip install --quiet --disable-pip-version-check pip-audit
	$(VENV)/advisories/bin/pip-audit --strict --disable-pip --require-hashes -r requirements.lock

# DATA is a folder with chat/ (exports and their .truth.jsonl); benchmarks/README.md says what each script needs.
bench: $(READY)
	$(BIN)/python benchmarks/startup.py
	$(if $(DATA),$(BIN)/python benchmarks/chat_quality.py $(DATA))

docs: $(READY)
	$(BIN)/python docs/write_cli.py

# Needs tmux and some minutes, because it trains a model and a translator.
pictures: $(READY)
	$(BIN)/python -m tests.terminal.pictures docs/pictures

clean:
	rm -rf $(VENV) build dist .mypy_cache .ruff_cache .pytest_cache
