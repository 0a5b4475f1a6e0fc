"""The search for the unit that best tracks a property of the text, with a score on text that was not searched."""

from __future__ import annotations

from collections.abc import Generator, Iterator

import numpy as np

from tui_lm.errors import TuiLmError
from tui_lm.inspection.chat_index import ChatIndex, can_search, chat_index
from tui_lm.inspection.concordance import STEPS
from tui_lm.inspection.cursor import ResolvedCursor
from tui_lm.inspection.frame import Bars, Frame, Strip
from tui_lm.inspection.properties import HINT, Property
from tui_lm.inspection.recording import Recording, label_of
from tui_lm.inspection.tracking import Tracked, property_values, track
from tui_lm.inspection.view import Progress, SlowView

UNITS = 5  # listed
PASSAGES, LEAST, MOST = 3, 15, 70  # examples, and their tokens


def work(recording: Recording, cursor: ResolvedCursor) -> Generator[Progress, None, Frame]:
    if cursor.search is None or not cursor.search.track:
        raise TuiLmError("there is nothing to track", HINT, exit_code=2)
    wanted = Property.parse(cursor.search.track)
    chat = yield from chat_index(recording, cursor)
    yield Progress("Comparing the units")
    values = property_values(chat.index, recording.tokenizer, chat.utterances, wanted)
    found = track(chat.index, values, UNITS, np.random.default_rng(cursor.seed))
    return frame(recording, chat, wanted, found)


def frame(recording: Recording, chat: ChatIndex, wanted: Property, found: Tracked) -> Frame:
    """The scores as pairs, and messages that were not searched, shaded by the best unit."""
    (best, score), *_ = found.units
    rows = [(f"unit {unit}", score) for unit, score in found.units]
    rows += [(f"the best of {found.of} random directions", found.direction), ("all units, a linear probe", found.probe)]
    held, searched = (np.array([getattr(score, part) for _, score in rows]) for part in ("held_out", "searched"))
    names = ("not searched", "searched")
    beats = abs(score.held_out) > abs(found.direction.held_out)
    rest = len(chat.index.values) - found.first_held_out
    return Frame(
        "track",
        "Track",
        f"Unit {best} ({chat.what}) tracks “{wanted.name}” best of {found.of}: correlation {score.held_out:+.2f} on "
        f"{rest:,} tokens that were not searched. The best random direction has {found.direction.held_out:+.2f}"
        + ("." if beats else ", so this unit is nothing special."),
        (
            Bars(f"correlation with “{wanted.name}”", tuple(label for label, _ in rows), held, "", searched, names),
            *passages(recording, chat, found, best),
        ),
        "Units were chosen on the first two thirds of the text. Random directions were drawn, chosen and scored in the "
        "same way. A correlation does not say that the network uses the unit for this: an edit tests that.",
        picture_first=True,
        unit=best,
        unit_of=chat.name,
    )


def passages(recording: Recording, chat: ChatIndex, found: Tracked, unit: int) -> Iterator[Strip]:
    """Messages that were not searched, with the unit's value after each token: those in which the property changes."""
    index = chat.index
    messages = index.messages[found.first_held_out :]
    borders = found.first_held_out + np.flatnonzero(np.diff(messages.astype(np.int64), prepend=-1))
    stretches = list(zip(borders.tolist(), [*borders[1:].tolist(), len(index.values)], strict=True))
    fitting = [(first, last) for first, last in stretches if LEAST <= last - first <= MOST]
    changing = [pair for pair in fitting if found.values[slice(*pair)].std() > 0]
    limit = float(np.abs(index.values[:, unit].astype(np.float32)).max()) / STEPS * index.limit or 1.0
    for first, last in (changing or fitting)[:PASSAGES]:
        utterance = chat.utterances[int(index.messages[first])]
        tokens = recording.tokenizer.encode(utterance.text)
        labels = tuple(label_of(recording.tokenizer, tokens[at]) for at in index.positions[first:last])
        values = index.values[first:last, unit].astype(np.float32) / STEPS * index.limit
        by = f", {utterance.author}" if utterance.author else ""
        yield Strip(f"message {index.messages[first]}{by}: unit {unit}", labels, values, "", "signed", limit)


VIEW = SlowView("track", "Track", work, fits=can_search, controls=("name",))
