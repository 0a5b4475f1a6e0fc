# Two commands for a newcomer: `make demo` and `make test`. Both set everything up in .venv first.
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
READY  := $(VENV)/.ready

.PHONY: demo test lint types check slow bench docs clean

$(READY): pyproject.toml constraints.txt
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e ".[dev]"
	touch $@

demo: $(READY)
	$(BIN)/tui-lm demo

test: lint types check

lint: $(READY)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(READY)
	$(BIN)/mypy

check: $(READY)
	$(BIN)/pytest -m "not slow"

slow: $(READY)
	$(BIN)/pytest -m slow

# DATA is a folder with chat/ (exports and their .truth.jsonl); benchmarks/README.md says what each script wants.
bench: $(READY)
	$(BIN)/python benchmarks/startup.py
	$(if $(DATA),$(BIN)/python benchmarks/chat_quality.py $(DATA))

docs: $(READY)
	$(BIN)/python docs/write_cli.py

clean:
	rm -rf $(VENV) build dist .mypy_cache .ruff_cache .pytest_cache
