"""The distribution of the next token: the most probable tokens as bars, and the entropy in bits."""

from __future__ import annotations

from collections.abc import Sequence
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
_WIDEST_WORDS, _NARROWEST_BAR = 16, 6
_SHARE = "  99.9 %"


class NextTokenBars(Widget):
    """The bar of the most probable token fills the width.

    `words` are those that are suggested, each with the label of the token that it begins with after what is typed. They
    stand at the bars of these tokens, which are always among those shown: bars are the network's, words are those of
    the network and the chat together, and so one sees where they agree.
    """

    next_token: reactive[NextToken | None] = reactive["NextToken | None"](None)
    words: reactive[Sequence[tuple[str, str]]] = reactive[Sequence[tuple[str, str]]](())

    def render(self) -> Content:
        if self.next_token is None:
            return Content.styled("what the model expects next\nappears here", "$foreground-muted")
        width = self.size.width
        entropy = f"{self.next_token.entropy:.2f} bits"
        head = Content.assemble(
            ("Next token", "bold"), (entropy.rjust(max(len(entropy) + 1, width - 10)), "$foreground-muted")
        )
        shown = _most_telling(self.next_token.candidates, self.words, max(1, self.size.height - 2))
        labels = [visible_line(label) or "␣" for label, _ in shown]
        column = min(_WIDEST_LABEL, max(map(cell_len, labels), default=1))
        largest = max((share for _, share in shown), default=1.0) or 1.0
        room = max(1, width - column - len(_SHARE) - 1)
        words = [visible_line(", ".join(word for word, first in self.words if first == label)) for label, _ in shown]
        beside = min(_WIDEST_WORDS, max(map(cell_len, words), default=0) + 1)
        beside = beside if room - beside >= _NARROWEST_BAR and any(words) else 0
        rows = [
            Content.assemble(
                Content(label).truncate(column, ellipsis=True, pad=True).stylize("bold" if word else ""),
                " ",
                (bar(share / largest, room - beside), "$primary"),
                (f"{share:8.1%}" if share >= 0.0005 else "   <0.1%", "$foreground-muted"),
                Content.styled(f" {word}", "$text-accent").truncate(beside, ellipsis=True),
            )
            for label, word, (_, share) in zip(labels, words, shown, strict=True)
        ]
        return Content("\n").join([head, Content(""), *rows])


def _most_telling(
    candidates: Sequence[tuple[str, float]], words: Sequence[tuple[str, str]], most: int
) -> list[tuple[str, float]]:
    """At most `most` of the candidates in their order: those with words, then the most probable ones."""
    first = {label for _, label in words}
    telling = sorted(range(len(candidates)), key=lambda rank: (candidates[rank][0] not in first, rank))[:most]
    return [candidates[rank] for rank in sorted(telling)]
