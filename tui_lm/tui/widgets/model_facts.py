"""The facts of a model, one per line: what it learned from, its authors, its size, its figures."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from textual.content import Content
from textual.widgets import Static

from tui_lm.safe_text import visible_line
from tui_lm.tui.jobs.model_record import ModelRecord

MOST_AUTHORS = 8
KINDS = {"chat": "a chat", "prose": "a text", "pairs": "sentence pairs"}


class ModelFacts(Static):
    def show(self, record: ModelRecord) -> None:
        self.update(Content("\n").join(_lines(record)))

    def say(self, text: str) -> None:
        """Show `text` when there is no model."""
        self.update(Content(text))


def _lines(record: ModelRecord) -> Iterator[Content]:
    yield Content.styled(visible_line(record.name), "bold $text-primary")
    card = record.card
    if card is None:
        yield Content.styled("its folder is damaged; it can be removed", "$text-error")
        return
    yield Content(visible_line(card.description))
    more = " …" if len(card.authors) > MOST_AUTHORS else ""
    facts = {
        "learned from": KINDS.get(card.kind, card.kind),
        "you are": visible_line(card.me or ""),
        "authors": visible_line(", ".join(card.authors[:MOST_AUTHORS])) + more,
        "on disk": f"{record.size / 1e6:.1f} MB",
        "while typing": "has learned from you" if record.learned else "",
        "training": "was interrupted; `tui-lm train SOURCE --resume` continues it" if record.unfinished else "",
    }
    for title, value in facts.items():
        if value:
            yield Content.assemble((f"{title}  ", "$foreground-muted"), value)
    for title, metric in card.metrics.items():
        if metric is not None:
            name = visible_line(title).replace("_", " ")
            yield Content.assemble((f"{name}  ", "$foreground-muted"), visible_line(_spelled(metric)))


def _spelled(metric: Any) -> str:
    if isinstance(metric, float):
        return f"{metric:.3f}"
    return f"{metric:,}" if isinstance(metric, int) else str(metric)
