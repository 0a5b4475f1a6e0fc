"""The attention of a translation: one row for each target word, one column for each source word."""

from __future__ import annotations

from textual.content import Content
from textual.reactive import reactive
from textual.widget import Widget

from tui_lm.safe_text import visible_line
from tui_lm.tui.jobs.translating import Line

SHADES = " ░▒▓█"
_WIDEST = 14


class AlignmentGrid(Widget):
    line: reactive[Line | None] = reactive["Line | None"](None)

    def render(self) -> Content:
        line = self.line
        if line is None or not line.weights:
            return Content.styled("the words that the network\nlooked at appear here", "$foreground-muted")
        sources = [visible_line(line.source[start:end]) for start, end in line.source_words]
        targets = [visible_line(line.text[start:end]) for start, end in line.words]
        room = max(1, (self.size.width - _WIDEST - 1) // 2)
        lines = [Content.styled("Alignment", "bold"), Content("")]
        for target, row in zip(targets, line.weights, strict=True):
            cells = "".join(SHADES[min(len(SHADES) - 1, int(weight * len(SHADES)))] * 2 for weight in row[:room])
            name = Content(target).truncate(_WIDEST, ellipsis=True, pad=True)
            lines.append(Content.assemble(name, " ", (cells, "$primary")))
        lines.append(
            Content(" " * (_WIDEST + 1)) + Content("".join(f"{number % 10} " for number in range(len(sources[:room]))))
        )
        lines += [
            Content.assemble((f"{number:>3} ", "$foreground-muted"), source)
            for number, source in enumerate(sources[:room])
        ]
        lines.append(Content.styled("where it looked, not why", "$foreground-muted"))
        return Content("\n").join(line.truncate(max(1, self.size.width), ellipsis=True) for line in lines)
