"""Imports follow the floors of docs/architecture.md: never upward, never between rooms of one floor, never in a circle.

Every import counts, also those inside functions and those for the type checker only.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.import_graph import APP_CLASS, circles, graph, imported, modules, naming

ROOT = Path(__file__).parent.parent
ROW = re.compile(r"^\| (\d+) \| `([\w.]+)` \|", re.MULTILINE)
FLOOR = {room: int(floor) for floor, room in ROW.findall((ROOT / "docs/architecture.md").read_text("utf-8"))}
UNHOUSED = {"tui_lm", "tui_lm.__main__", "tui_lm.tui"}  # the version, the console entry, the parent of the app's rooms
FILES = modules(ROOT)
LONGEST = 330  # lines


def room_of(module: str) -> str | None:
    """The room of a module in the table, or None for a module from elsewhere."""
    while module:
        if module in FLOOR:
            return module
        module = module.rpartition(".")[0]
    return None


@pytest.mark.parametrize("module", FILES)
def test_every_module_has_a_room(module: str) -> None:
    assert module in UNHOUSED or room_of(module), "add it to docs/architecture.md"


@pytest.mark.parametrize("module", FILES)
def test_imports_go_down(module: str) -> None:
    here = room_of(module)
    if here is None:
        return
    for name in imported(FILES[module]):
        there = room_of(name)
        if there is not None and there != here:
            assert FLOOR[there] < FLOOR[here], f"{here} (floor {FLOOR[here]}) imports {name}"


def test_no_modules_import_each_other_in_a_circle() -> None:
    found = circles(graph(FILES))
    assert not found, "these import each other: " + ", ".join(sorted(found))


def test_a_circle_is_found() -> None:
    below = {"top": {"a"}, "a": {"b"}, "b": {"c"}, "c": {"a", "low"}, "low": set()}
    assert circles(below).keys() == {"a", "b", "c"}
    assert circles({**below, "c": {"low"}}) == {}


def test_only_the_app_and_the_command_line_name_the_class_of_the_app() -> None:
    assert naming(FILES, APP_CLASS).keys() <= {"tui_lm.tui.app", "tui_lm.cli.app"}


@pytest.mark.parametrize("module", FILES)
def test_a_file_is_read_in_one_sitting(module: str) -> None:
    assert FILES[module].read_text("utf-8").count("\n") <= LONGEST, "it holds more than one thing"
