"""Stretches of a chat in which the units of a span are on together, as in LSTMVis."""

from __future__ import annotations

from collections.abc import Generator

from tui_lm.errors import TuiLmError
from tui_lm.inspection.chat_index import ChatIndex, can_search, chat_index
from tui_lm.inspection.cursor import ResolvedCursor
from tui_lm.inspection.frame import Frame, Strip
from tui_lm.inspection.recording import Array, Recording, label_of
from tui_lm.inspection.span_search import SpanSearch, on_around, search
from tui_lm.inspection.view import Progress, SlowView

HITS = 8
AROUND = 20  # tokens shown before and after a hit


def work(recording: Recording, cursor: ResolvedCursor) -> Generator[Progress, None, Frame]:
    if cursor.span is None:
        raise TuiLmError("there is no span to search for", "give its first and last step, such as 3:8", exit_code=2)
    chat = yield from chat_index(recording, cursor)
    yield Progress("Comparing the positions")
    first, last = cursor.span
    values = recording.series(cursor.layer, chat.name)[first : last + 1]
    found = search(chat.index, values, HITS)
    return frame(recording, (first, last), chat, found, values)


def frame(recording: Recording, span: tuple[int, int], chat: ChatIndex, found: SpanSearch, values: Array) -> Frame:
    """Each hit with the text around it, shaded by the share of the units that are on."""
    first, last = span
    spelled = "".join(recording.labels[first : last + 1])
    index, tokenizer = chat.index, recording.tokenizer
    strips = []
    for hit in found.hits:
        message = int(index.messages[hit.row])
        rows = [
            row
            for row in range(max(0, hit.row - AROUND), min(len(index.values), hit.row + len(values) + AROUND))
            if index.messages[row] == message
        ]
        utterance = chat.utterances[message]
        tokens = tokenizer.encode(utterance.text)
        by = f", {utterance.author}" if utterance.author else ""
        begins = int(index.positions[hit.row])
        matched = "".join(label_of(tokenizer, token) for token in tokens[begins : begins + len(values)])
        title = f"“{matched}” in message {message}{by}: {hit.units} of {len(found.units)} units are on throughout"
        labels = tuple(label_of(tokenizer, tokens[int(index.positions[row])]) for row in rows)
        strips.append(Strip(title, labels, on_around(index, found, values, rows), "of the units"))
    units = ", ".join(map(str, found.units))
    least = found.hits[-1].units if found.hits else 0
    return Frame(
        "alike",
        "Alike",
        f"Units {units} ({chat.what}) are on throughout “{spelled}” (steps {first} to {last}). {max(1, least)} or more "
        f"of them are on throughout {found.chance:.2%} of all stretches of {len(values)} tokens.",
        tuple(strips),
        "A unit is on at half of the size that it exceeds at one token in a hundred. Stretches may be alike for a "
        "reason that is not seen in the text, or for none.",
        picture_first=True,
    )


VIEW = SlowView("alike", "Alike", work, fits=can_search, controls=("name",))
