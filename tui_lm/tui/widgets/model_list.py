"""The list of models in columns: a mark, the name, the network, the bits per character."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Static

from tui_lm.safe_text import visible_line
from tui_lm.tui.terminal import keys
from tui_lm.tui.widgets.lines import Lines

MARK, NETWORK, BITS = 2, 9, 10  # columns
NARROW = 36  # columns below which the network is left out


@dataclass(frozen=True)
class ModelRow:
    """`bits` are per character on validation text, None if they were not measured."""

    name: str
    network: str
    bits: float | None
    marked: bool = False
    in_use: bool = False


class ModelLines(Lines, inherit_bindings=False):
    """The lines themselves; unlike those of a question, which letters filter, they can have letters as keys."""

    BINDINGS: ClassVar[list[BindingType]] = keys.LIST


class ModelList(Vertical):
    """The rows are those of its `Lines`, in the same order."""

    def __init__(self) -> None:
        super().__init__()
        self._rows: Sequence[ModelRow] = ()

    def compose(self) -> ComposeResult:
        yield Static(id="heads")
        yield ModelLines(compact=True)

    def show(self, rows: Sequence[ModelRow]) -> None:
        self._rows = rows
        lines = self.query_one(Lines)
        lines.clear_options()
        lines.add_options(map(self._row, rows))
        heads = self._columns("", "name", "network", "bits/char")
        self.query_one("#heads", Static).update(heads.stylize("$foreground-muted"))

    def on_resize(self) -> None:
        lines = self.query_one(Lines)
        highlighted = lines.highlighted
        self.show(self._rows)
        lines.highlighted = highlighted

    def _row(self, row: ModelRow) -> Content:
        mark = "●" if row.marked else "▸" if row.in_use else ""
        bits = "" if row.bits is None else f"{row.bits:.2f}"
        return self._columns(mark, visible_line(row.name), row.network, bits)

    def _columns(self, mark: str, name: str, network: str, bits: str) -> Content:
        width = self.size.width
        wide = width >= NARROW
        room = max(4, width - MARK - BITS - (NETWORK if wide else 0))
        return Content.assemble(
            (f"{mark:<{MARK}}", "$text-accent"),
            Content(name).truncate(room, ellipsis=True, pad=True),
            (f" {network[: NETWORK - 1]:<{NETWORK - 1}}" if wide else "", "$foreground-muted"),
            f"{bits:>{BITS}}",
        )
