"""One word, several meanings: how its representation parts, layer by layer, with what stands before it.

"an apple a day, an apple phone": in the embedding both apples are one vector; attention then adds their contexts.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from tui_lm.inspection.cursor import ResolvedCursor
from tui_lm.inspection.frame import Frame, Heat, Part, Table
from tui_lm.inspection.recording import Recording
from tui_lm.inspection.view import View

Array = NDArray[np.floating]
MOST = 4  # occurrences that are compared, the latest ones


@dataclass(frozen=True, slots=True)
class Word:
    """A word of the text, in lower case, and the step of its last token, where the network has read all of it."""

    text: str
    time: int


def words(recording: Recording) -> list[Word]:
    """The words of the recorded text, in order. Special tokens end a word."""
    found: list[Word] = []
    spelled, surfaces = b"", recording.tokenizer.surfaces
    for time, step in enumerate(recording.steps):
        surface = surfaces[step.token]
        if not surface or surface[:1].isspace() or spelled[-1:].isspace():
            spelled = b""
        spelled += surface
        text = "".join(filter(str.isalnum, spelled.decode("utf-8", "ignore").casefold()))
        if text and found and spelled != surface:
            found[-1] = Word(text, time)
        elif text:
            found.append(Word(text, time))
    return found


def likeness(recording: Recording, layer: int, times: list[int]) -> Array:
    """The cosine between the layer's outputs [n, n] at n steps."""
    states = np.stack([recording.at(time, layer, "hidden_state") for time in times]).astype(np.float64)
    states /= np.maximum(np.linalg.norm(states, axis=1, keepdims=True), 1e-12)
    result: Array = states @ states.T
    return result


def meanings(recording: Recording, cursor: ResolvedCursor) -> Frame:
    """The word at the cursor, or the last one before it that stands twice, beside its other occurrences in the text."""
    known = words(recording)
    at = max((i for i, word in enumerate(known) if word.time <= cursor.time), default=None)
    if at is None:
        return Frame("meanings", "Meanings", "There is no word yet.", (Table("", ("word",), (("none",),)),), CAPTION)
    chosen = known[at].text
    if sum(word.text == chosen for word in known) < 2:  # the one that stands twice, if there is one
        texts = [word.text for word in known]
        chosen = next((text for text in reversed(texts[: at + 1]) if texts.count(text) > 1), chosen)
    own = [word.time for word in known if word.text == chosen][-MOST:]
    if len(own) < 2:
        return _alone(recording, known, known[at])
    layers, times = range(recording.layers), [word.time for word in known]
    pairs = list(combinations(range(len(own)), 2))
    grid, usual = np.empty((len(layers), len(pairs))), np.empty(len(layers))
    rows: list[tuple[str | int | float | None, ...]] = []
    for layer in layers:
        same, every = likeness(recording, layer, own), likeness(recording, layer, times)
        grid[layer] = [same[i, j] for i, j in pairs]
        usual[layer] = every[np.triu_indices(len(times), 1)].mean()
        nearest = (_nearest(known, every, time) for time in (own[0], own[-1]))
        rows.append((f"layer {layer}", float(same[0, -1]), float(usual[layer]), *nearest))
    labels = tuple(f"{own[i]} and {own[j]}" for i, j in pairs)
    parts: tuple[Part, ...] = (
        Table(
            "",
            ("", f"steps {own[0]} and {own[-1]}", "any two words", "nearest to the first", "to the last"),
            tuple(rows),
        ),
        Heat(
            f"cosine between the occurrences of “{chosen}”, by layer",
            np.clip(grid, 0, 1),
            tuple(f"layer {layer}" for layer in layers),
            labels,
            of_rows="layers",
        ),
    )
    apart = int(np.argmin(grid[:, labels.index(f"{own[0]} and {own[-1]}")] - usual))
    sentence = (
        f"“{chosen}” stands at the steps {', '.join(map(str, own))}; the first and the last are most apart, compared "
        f"with any two words, after layer {apart} (cosine {grid[apart, len(own) - 2]:.2f}; any two {usual[apart]:.2f})."
    )
    return Frame("meanings", "Meanings", sentence, parts, CAPTION)


def _alone(recording: Recording, known: list[Word], word: Word) -> Frame:
    """A word without another occurrence: the word of the text that it is most like, by layer."""
    rows: list[tuple[str | int | float | None, ...]] = []
    for layer in range(recording.layers):
        every = likeness(recording, layer, [word.time for word in known])
        rows.append((f"layer {layer}", _nearest(known, every, word.time)))
    sentence = (
        f"“{word.text}” stands once in this text; write it again with another meaning to see the two part by layer."
    )
    return Frame("meanings", "Meanings", sentence, (Table("", ("", "nearest word"), tuple(rows)),), CAPTION)


def _nearest(known: list[Word], every: Array, time: int) -> str:
    """The word of the text that is most like the one at `time`, other than its own occurrences."""
    at = next(i for i, word in enumerate(known) if word.time == time)
    others = [i for i, word in enumerate(known) if word.text != known[at].text]
    if not others:
        return ""
    best = max(others, key=lambda i: float(every[at, i]))
    return f"{known[best].text} ({known[best].time})"


CAPTION = (
    "Contextual representations (Ethayarajh 2019). In deep layers any two words are alike, so compare with that "
    "column; a cosine says that two states differ, not which meaning they have."
)
VIEW = View("meanings", "Meanings", meanings, fits=lambda recording: recording.family in ("llama", "gpt2"))
