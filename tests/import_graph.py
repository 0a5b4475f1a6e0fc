"""The graph of imports of the house, in words: `python -m tests.import_graph [FOLDER]`, of this checkout or another.

Every import counts, also those inside functions and those for the type checker only.
"""

from __future__ import annotations

import ast
import re
import sys
from pathlib import Path

PACKAGES = ("tui_lm", "trainers")
APP_CLASS = re.compile(r"\bTuiLmApp\b")
REACH = re.compile(r"\bself\.app\.\w+")


def modules(root: Path) -> dict[str, Path]:
    """The source files of a checkout by the name of their module."""
    return {module_name(root, path): path for package in PACKAGES for path in sorted((root / package).rglob("*.py"))}


def module_name(root: Path, path: Path) -> str:
    parts = path.relative_to(root).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def imported(path: Path) -> set[str]:
    """What a file imports, by full name: modules, and names in modules."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            assert node.level == 0, f"{path.name}: write imports in full, so that the floors can be read"
            found |= {f"{node.module}.{alias.name}" for alias in node.names}
    return found


def graph(files: dict[str, Path]) -> dict[str, set[str]]:
    """The modules of the house that each module imports."""
    return {
        module: {
            other for name in imported(path) if (other := name if name in files else name.rpartition(".")[0]) in files
        }
        - {module}
        for module, path in files.items()
    }


def circles(below: dict[str, set[str]]) -> dict[str, set[str]]:
    """The part of the graph whose modules import each other in circles; empty where there is none."""
    left = dict(below)
    while free := {module for module, others in left.items() if not others & left.keys()}:
        left = {module: others for module, others in left.items() if module not in free}
    while top := left.keys() - set().union(*left.values()):
        left = {module: others for module, others in left.items() if module not in top}
    return left


def naming(files: dict[str, Path], pattern: re.Pattern[str]) -> dict[str, int]:
    """How often `pattern` stands in each module in which it stands."""
    counts = {module: len(pattern.findall(path.read_text("utf-8"))) for module, path in files.items()}
    return {module: count for module, count in counts.items() if count}


def report(root: Path) -> str:
    files = modules(root)
    below, lines = graph(files), {module: path.read_text("utf-8").count("\n") for module, path in files.items()}
    app, reaches = naming(files, APP_CLASS), naming(files, REACH)
    in_circles, longest = circles(below), sorted(lines, key=lambda module: -lines[module])[:5]
    rooms: dict[str, set[str]] = {}
    for module in files:
        rooms.setdefault(".".join(module.split(".")[:2]), set()).add(module)
    rows = [f"{len(files)} modules, {sum(lines.values()):,} lines, {sum(map(len, below.values())):,} imports"]
    rows.append(f"in circles: {len(in_circles)} {' '.join(sorted(in_circles))}".rstrip())
    rows.append(f"name the app's class: {len(app)} {' '.join(sorted(app))}".rstrip())
    rows.append(f"reaches into self.app: {sum(reaches.values())} in {len(reaches)} modules")
    rows.append("longest: " + ", ".join(f"{module} {lines[module]}" for module in longest))
    for room, inside in sorted(rooms.items()):
        others = {".".join(other.split(".")[:2]) for module in inside for other in below[module]} - {room}
        size = sum(lines[module] for module in inside)
        rows.append(f"{room}: {len(inside)} modules, {size:,} lines; imports {', '.join(sorted(others)) or 'nothing'}")
    return "\n".join(rows)


if __name__ == "__main__":
    print(report(Path(sys.argv[1] if len(sys.argv) > 1 else Path(__file__).parent.parent)))
