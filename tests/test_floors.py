"""Imports follow the floors of docs/architecture.md: never upward, never between rooms of one floor, never in a circle.

Every import counts, also those inside functions and those for the type checker only.
"""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
ROW = re.compile(r"^\| (\d+) \| `([\w.]+)` \|", re.MULTILINE)
FLOOR = {room: int(floor) for floor, room in ROW.findall((ROOT / "docs/architecture.md").read_text("utf-8"))}
UNHOUSED = {"tui_lm", "tui_lm.__main__", "tui_lm.tui"}  # the version, the console entry, the parent of the app's rooms
MODULES = sorted([*(ROOT / "tui_lm").rglob("*.py"), *(ROOT / "trainers").rglob("*.py")])
APP_CLASS = re.compile(r"\bTuiLmApp\b")


def module_name(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def room_of(module: str) -> str | None:
    """The room of a module in the table, or None for a module from elsewhere."""
    while module:
        if module in FLOOR:
            return module
        module = module.rpartition(".")[0]
    return None


def imports(path: Path) -> set[str]:
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            assert node.level == 0, f"{path.name}: write imports in full, so that the floors can be read"
            found |= {f"{node.module}.{alias.name}" for alias in node.names}
    return found


@pytest.mark.parametrize("path", MODULES, ids=module_name)
def test_every_module_has_a_room(path: Path) -> None:
    assert module_name(path) in UNHOUSED or room_of(module_name(path)), "add it to docs/architecture.md"


@pytest.mark.parametrize("path", MODULES, ids=module_name)
def test_imports_go_down(path: Path) -> None:
    here = room_of(module_name(path))
    if here is None:
        return
    for imported in imports(path):
        there = room_of(imported)
        if there is not None and there != here:
            assert FLOOR[there] < FLOOR[here], f"{here} (floor {FLOOR[here]}) imports {imported}"


def test_no_modules_import_each_other_in_a_circle() -> None:
    names = {module_name(path) for path in MODULES}
    graph = {
        module_name(path): {
            module for name in imports(path) if (module := name if name in names else name.rpartition(".")[0]) in names
        }
        - {module_name(path)}
        for path in MODULES
    }
    while free := {module for module, below in graph.items() if not below & graph.keys()}:
        graph = {module: below for module, below in graph.items() if module not in free}
    while top := graph.keys() - set().union(*graph.values()):
        graph = {module: below for module, below in graph.items() if module not in top}
    assert not graph, "these import each other: " + ", ".join(sorted(graph))


def test_only_the_app_and_the_command_line_name_the_class_of_the_app() -> None:
    named = {module_name(path) for path in MODULES if APP_CLASS.search(path.read_text("utf-8"))}
    assert named <= {"tui_lm.tui.app", "tui_lm.cli.app"}
