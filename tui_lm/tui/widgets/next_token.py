"""The distribution of the next token: the most probable tokens as bars, and the entropy in bits."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.cells import cell_len
from textual.content import Content
from textual.reactive import reactive
from textual.widget import Widget

from tui_lm.charts import bar
from tui_lm.safe_text import visible_line

if TYPE_CHECKING:
    from tui_lm.engine import NextToken

_WIDEST_LABEL = 10


class NextTokenBars(Widget):
    """The bar of the most probable token fills the width."""

    next_token: reactive[NextToken | None] = reactive["NextToken | None"](None)

    def render(self) -> Content:
        if self.next_token is None:
            return Content.styled("what the model expects next\nappears here", "$foreground-muted")
        width = self.size.width
        entropy = f"{self.next_token.entropy:.2f} bits"
        head = Content.assemble(
            ("Next token", "bold"), (entropy.rjust(max(len(entropy) + 1, width - 10)), "$foreground-muted")
        )
        shown = self.next_token.candidates[: max(1, self.size.height - 2)]
        labels = [visible_line(label) or "␣" for label, _ in shown]
        column = min(_WIDEST_LABEL, max(map(cell_len, labels), default=1))
        largest = max((share for _, share in shown), default=1.0) or 1.0
        room = max(1, width - column - len("  99.9 %") - 1)
        rows = [
            Content.assemble(
                Content(label).truncate(column, ellipsis=True, pad=True),
                " ",
                (bar(share / largest, room), "$primary"),
                (f"{share:8.1%}" if share >= 0.0005 else "   <0.1%", "$foreground-muted"),
            )
            for label, (_, share) in zip(labels, shown, strict=True)
        ]
        return Content("\n").join([head, Content(""), *rows])
