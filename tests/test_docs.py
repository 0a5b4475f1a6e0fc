"""The pages are true: generated ones are current, links resolve, commands exist, examples run.

In docs/add-a-*.md the fence of a block names its file: ```python tui_lm/cli/words.py. If the repository has that file,
it must contain the block, word for word. If not, the block is a new file: the test writes the new files of a page to a
scratch folder, imports those of the program as if they were in the repository, and runs those below tests/ with
pytest. A block whose fence names no file is a fragment and is not run.
"""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), *(ROOT / "benchmarks").glob("*.md")])
LINK = re.compile(r"!?\[[^\]]*\]\(([^)#\s]+)[^)]*\)")
ADDING = sorted((ROOT / "docs").glob("add-a-*.md"))
BLOCK = re.compile(r"^```python (\S+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
COMMAND = re.compile(r"^\s*(?:\$ )?tui-lm ([a-z-]+)", re.MULTILINE)


def test_the_command_reference_is_what_help_says() -> None:
    checked = subprocess.run([sys.executable, ROOT / "docs/write_cli.py", "--check"], capture_output=True, text=True)
    assert checked.returncode == 0, checked.stderr


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_resolve(page: Path) -> None:
    for target in LINK.findall(page.read_text("utf-8")):
        if "://" not in target:
            assert (page.parent / target).exists(), target


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_within_a_page_lead_to_its_headings(page: Path) -> None:
    text = page.read_text("utf-8")
    headings = re.findall(r"^#+ (.*)$", text, re.MULTILINE)
    anchors = {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}
    assert not set(re.findall(r"\]\(#([^)]+)\)", text)) - anchors


def test_every_decision_is_in_the_index() -> None:
    text = (ROOT / "docs/decisions.md").read_text("utf-8")
    headings = re.findall(r"^###? .*$", text, re.MULTILINE)
    assert len(re.findall(r"\]\(#", text)) == len(headings), "give the new entry a line in the table at the top"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_commands_in_examples_exist(page: Path) -> None:
    known = set(re.findall(r"^## `tui-lm ([a-z-]+)`", (ROOT / "docs/cli.md").read_text("utf-8"), re.MULTILINE))
    known |= {Path(name).stem.replace("_", "-") for name, _ in BLOCK.findall(page.read_text("utf-8"))}
    for command in COMMAND.findall("\n".join(re.findall(r"```.*?```", page.read_text("utf-8"), re.DOTALL))):
        assert command in known, command


def squeezed(text: str) -> str:
    """The text with its indentation and blank lines left out, so that a page may show a method at the margin."""
    return "\n".join(line.strip() for line in text.splitlines() if line.strip()) + "\n"


@pytest.mark.parametrize("page", ADDING, ids=lambda page: page.stem)
def test_the_example_of_a_page_runs(page: Path, tmp_path: Path) -> None:
    blocks = BLOCK.findall(page.read_text("utf-8"))
    assert blocks, "name the file of an example in its fence: ```python tui_lm/cli/words.py"
    new = {name: text for name, text in blocks if not (ROOT / name).exists()}
    for name, text in blocks:
        if name not in new:
            same = squeezed(text) in squeezed((ROOT / name).read_text("utf-8"))
            assert same, f"{name} does not read as {page.name} shows it"
        elif (path := tmp_path / name).exists():
            path.write_text(path.read_text("utf-8") + text, "utf-8")
        else:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, "utf-8")
    if not new:
        return
    modules = {
        name.removesuffix("/__init__.py").removesuffix(".py").replace("/", "."): str(tmp_path / name)
        for name in new
        if name.endswith(".py") and not name.startswith("tests/")
    }
    (tmp_path / "conftest.py").write_text(CONFTEST.format(modules=modules), "utf-8")
    tests = [tmp_path / name for name in new if name.startswith("tests/") and Path(name).stem.startswith("test_")]
    assert tests, "a new file needs a test on its page"
    arguments = ["-q", "-c", ROOT / "pyproject.toml", "--rootdir", ROOT, "-p", "no:cacheprovider", *tests]
    ran = subprocess.run(
        [sys.executable, "-m", "pytest", *map(str, arguments)], cwd=ROOT, capture_output=True, text=True, timeout=300
    )
    assert ran.returncode == 0, f"the example does not run:\n{ran.stdout}{ran.stderr}"


CONFTEST = """
import importlib.util, sys
from tests.conftest import *

for name, path in {modules!r}.items():
    spec = importlib.util.spec_from_file_location(name, path)
    module = sys.modules[name] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    parent, _, child = name.rpartition(".")
    setattr(importlib.import_module(parent), child, module)
"""


def test_the_files_that_contributing_names_exist() -> None:
    table = re.findall(r"^\|.*\|$", (ROOT / "CONTRIBUTING.md").read_text("utf-8"), re.MULTILINE)
    named = re.findall(r"`((?:tui_lm|trainers|tests|docs|benchmarks)/[\w./-]*)`", "\n".join(table))
    assert named
    for name in named:
        assert (ROOT / name).exists(), name


def test_every_page_for_contributors_is_in_the_table_of_contributing() -> None:
    table = (ROOT / "CONTRIBUTING.md").read_text("utf-8")
    for page in ADDING:
        assert f"(docs/{page.name})" in table, page.name


def test_the_checks_of_the_inspectors_page_are_tests() -> None:
    rows = (ROOT / "docs/inspector.md").read_text("utf-8").partition("## Checks")[2].partition("\n## ")[0]
    named = re.findall(r"\]\((\.\./tests/[\w/]+\.py)\)((?:,? ?`\w+`)*)", rows)
    assert named
    for path, checks in named:
        tests = re.findall(r"def test_(\w+)\(", (ROOT / "docs" / path).read_text("utf-8"))
        for check in re.findall(r"`(\w+)`", checks):
            assert any(check in test for test in tests), f"{path} has no test {check}"


def test_the_changelog_has_the_version() -> None:
    from tui_lm import __version__

    assert f"## [{__version__}]" in (ROOT / "CHANGELOG.md").read_text("utf-8")
