"""A field for a path that completes as in a shell, and a tree of folders."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Iterable
from pathlib import Path
from typing import ClassVar

from rich.style import Style
from rich.text import Text
from textual.binding import Binding, BindingType
from textual.suggester import Suggester
from textual.widgets import DirectoryTree
from textual.widgets._directory_tree import DirEntry
from textual.widgets.tree import TreeNode

from tui_lm.safe_text import visible_line
from tui_lm.tui.widgets.calm import Calm
from tui_lm.tui.widgets.entry import Entry

MOST_ENTRIES = 2000  # entries of a folder that are read for a completion


class Paths(Suggester):
    """Suggests the first entry of the folder that starts with the typed text; folders end with a slash."""

    def __init__(self) -> None:
        super().__init__(use_cache=False, case_sensitive=True)

    async def get_suggestion(self, value: str) -> str | None:
        return await asyncio.to_thread(complete_path, value)


def complete_path(value: str) -> str | None:
    if not value:
        return None
    head, _, beginning = value.rpartition("/")
    folder = Path(f"{head}/" if "/" in value else ".").expanduser()
    try:
        with os.scandir(folder) as entries:
            found = [
                entry.name + ("/" if entry.is_dir() else "")
                for entry, _ in zip(entries, range(MOST_ENTRIES), strict=False)
                if entry.name.startswith(beginning) and (beginning or not entry.name.startswith("."))
            ]
    except OSError:
        return None
    if not found:
        return None
    best = min(found)
    if not best.isprintable():
        return None
    return value + best[len(beginning) :]


class PathField(Entry):
    """Tab and Right accept the completion."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("tab", "complete", "Complete", show=False)]

    def __init__(self, value: str = "") -> None:
        super().__init__(value, suggester=Paths(), compact=True, placeholder="path of a file", select_on_focus=False)

    def action_complete(self) -> None:
        if self._suggestion and self._suggestion != self.value:
            self.value = self._suggestion
            self.cursor_position = len(self.value)
        else:
            self.screen.focus_next()


class FolderTree(Calm, DirectoryTree):
    """Folders and files that are not hidden, with their names made safe for the terminal."""

    ICON_NODE = "▸ "
    ICON_NODE_EXPANDED = "▾ "
    ICON_FILE = "  "

    def filter_paths(self, paths: Iterable[Path]) -> Iterable[Path]:
        return [path for path in paths if not path.name.startswith(".")]

    def render_label(self, node: TreeNode[DirEntry], base_style: Style, style: Style) -> Text:
        label = super().render_label(node, base_style, style)
        if label.plain.isprintable():
            return label
        return Text(visible_line(label.plain), style=base_style + style)
