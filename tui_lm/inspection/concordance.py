"""Where else in a chat did these units fire? An index of one gate or state over a chat, built on request.

The index is a file in the model's folder that only its owner can read; `models forget` deletes it. It holds no text,
but the network's values at every token of a chat, from which the text could be guessed, so it is as private as the
chat. The text around a hit is read from the chat again.
"""

from __future__ import annotations

import json
from collections.abc import Generator, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from tui_lm import atomic_file, checkpoint
from tui_lm.errors import DAMAGE, TuiLmError
from tui_lm.inspection.frame import Frame, Table
from tui_lm.inspection.recording import Recording, label_of
from tui_lm.runtime import Runtime
from tui_lm.safe_text import visible_line
from tui_lm.tokenizers import Tokenizer
from tui_lm.tokenizers.specials import END
from tui_lm.tokenizers.stream import opening
from tui_lm.trace import Trace
from tui_lm.utterances import Utterance

FILE = "concordance.safetensors"
MOST_TOKENS = 50_000  # from the end of a chat
AROUND = 30  # characters shown on each side of a hit
APART = 40  # least distance of two hits in one message, in tokens
A_PIECE = 50  # tokens between two reports of progress: some milliseconds
STEPS = 127  # quantisation steps of a value, in each direction

Array = NDArray[np.floating]
_Ids = tuple[list[int], list[int], list[int]]


@dataclass(frozen=True, slots=True)
class Concordance:
    """The values [N, units] of one gate or state at the last N tokens of a chat, in 127 steps up to `limit`.

    `messages` [N] and `positions` [N] locate each token: the message in the chat, the token in its text.
    """

    of: dict[str, Any]  # layer, name, fingerprints of model and source
    limit: float
    values: NDArray[np.int8]
    messages: NDArray[np.uint32]
    positions: NDArray[np.uint32]


class Network(Protocol):
    """What reads the chat: an engine, or the network of a recording."""

    @property
    def runtime(self) -> Runtime: ...

    @property
    def tokenizer(self) -> Tokenizer: ...

    @property
    def kind(self) -> str: ...

    @property
    def folder(self) -> Path | None: ...


def building(
    network: Network, utterances: Sequence[Utterance], *, layer: int, name: str, source: str, most: int = MOST_TOKENS
) -> Generator[tuple[int, int], None, Concordance]:
    """Run the network over the last `most` tokens of a chat and keep its values.

    Yields the tokens done and in all, every `A_PIECE` tokens. Raises TuiLmError without any text.
    """
    read: list[tuple[int, _Ids]] = []
    total = 0
    for message in range(len(utterances) - 1, -1, -1):
        if total >= most:
            break
        read.append((message, _ids(network, utterances[message])))
        total += min(most, len(read[-1][1][1]))
    rows: list[NDArray[np.float16]] = []
    messages: list[int] = []
    positions: list[int] = []
    state = network.runtime.start()
    for message, (before, text, after) in reversed(read):
        _, state = network.runtime.prefill(before, state)
        for position, token in enumerate(text[-most:], start=max(0, len(text) - most)):
            trace: Trace = []
            _, state = network.runtime.step([token], state, trace)
            found = next(a for a in trace if (a.layer, a.name) == (layer, name))
            rows.append(found.values[0].astype(np.float16))
            messages.append(message)
            positions.append(position)
            if len(rows) % A_PIECE == 0:
                yield len(rows), total
        if after:
            _, state = network.runtime.prefill(after, state)
    if not rows:
        raise TuiLmError("the source holds no text", "give a chat or a text file")
    table = np.stack(rows)
    limit = max(1.0, float(np.abs(table).max()))
    values = np.rint(table.astype(np.float32) / limit * STEPS).astype(np.int8)
    of = {"layer": layer, "name": name, "source": source, "model": model_mark(network.folder), "most": most}
    return Concordance(of, limit, values, np.array(messages, np.uint32), np.array(positions, np.uint32))


def save(index: Concordance, folder: Path) -> None:
    """Write the index into a model folder, whole or not at all, mode 0600. Raises TuiLmError if that fails."""
    from safetensors.numpy import save as to_bytes

    arrays: dict[str, NDArray[Any]] = {"values": index.values, "messages": index.messages, "places": index.positions}
    header = {"of": json.dumps(index.of), "limit": str(index.limit)}
    try:
        atomic_file.write(folder / FILE, to_bytes(arrays, header))
    except OSError as error:
        raise TuiLmError(f"the index could not be saved: {error.strerror}", "free some space") from error


def load(folder: Path, *, layer: int, name: str, source: str, most: int = MOST_TOKENS) -> Concordance | None:
    """The index in a folder, or None if there is none for these weights, this source and these arguments."""
    from safetensors import SafetensorError, safe_open

    wanted = {"layer": layer, "name": name, "source": source, "model": model_mark(folder), "most": most}
    try:
        with safe_open(folder / FILE, "numpy") as file:
            header = file.metadata() or {}
            if json.loads(header["of"]) != wanted:
                return None
            arrays = [file.get_tensor(part) for part in ("values", "messages", "places")]
            return Concordance(wanted, float(header["limit"]), *arrays)
    except (OSError, *DAMAGE, SafetensorError):
        return None


def forget(folder: Path) -> bool:
    """Delete the index of a model. Returns whether there was one."""
    found = [*folder.glob(FILE), *atomic_file.leftovers(folder / FILE)]
    for path in found:
        path.unlink(missing_ok=True)
    return bool(found)


def model_mark(folder: Path | None) -> str:
    """A fingerprint of the weights: their size and modification time."""
    if folder is None:
        return ""
    facts = (folder / checkpoint.WEIGHTS).stat()
    return f"{facts.st_size}-{facts.st_mtime_ns}"


def of_unit(index: Concordance, unit: int, most: int) -> list[tuple[int, float]]:
    """Where a unit fired most: (row, value), the largest size first, at a distance from each other."""
    column = index.values[:, unit].astype(np.int16)
    order = np.argsort(-np.abs(column), kind="stable")
    return [(row, float(column[row]) / STEPS * index.limit) for row in apart(index, order, most)]


def of_pattern(index: Concordance, units: Sequence[int], values: Array, most: int) -> list[tuple[int, float]]:
    """Where the same units were active together: (row, number of units), most first.

    A unit is active if it has the sign that it has in `values` and at least half the size. Ties are ordered by the mean
    difference of the values.
    """
    here = np.rint(values / index.limit * STEPS)
    there = index.values[:, list(units)].astype(np.float32)
    on = ((np.sign(there) == np.sign(here)) & (np.abs(there) >= np.abs(here) / 2)).sum(axis=1)
    distance = np.abs(there - here).mean(axis=1)
    order = np.lexsort((distance, -on))
    return [(row, float(on[row])) for row in apart(index, order, most)]


def found(
    recording: Recording,
    index: Concordance,
    hits: Sequence[tuple[int, float]],
    utterances: Sequence[Utterance],
    what: str,
    measure: str,
) -> Frame:
    """The hits with the text around them, each token in a column of its own."""
    rows: list[tuple[str | int | float | None, ...]] = []
    tokenizer = recording.tokenizer
    for row, value in hits:
        message, position = int(index.messages[row]), int(index.positions[row])
        ids = tokenizer.encode(utterances[message].text)
        before, after = tokenizer.decode(ids[:position]), tokenizer.decode(ids[position + 1 :])
        label = label_of(tokenizer, ids[position])
        rows.append(
            (
                round(value, 3),
                visible_line(before)[-AROUND:].rjust(AROUND),
                label,
                visible_line(after)[:AROUND],
                message,
            )
        )
    read = f"the last {len(index.values)} tokens of the chat"
    return Frame(
        "find",
        "Where else",
        f"{what}: the {len(rows)} strongest hits in {read}.",
        (Table("", (measure, "before", "token", "after", "message"), tuple(rows)),),
        "The hits may have nothing in common: in networks of this kind about 5 % of the units were found to have a "
        "meaning that people can name (Karpathy, Johnson & Fei-Fei 2015).",
    )


def _ids(network: Network, utterance: Utterance) -> _Ids:
    """The tokens that open a message, those of its text, and those that end it."""
    chat = network.kind == "chat"
    before = opening(network.tokenizer, utterance.author if chat else None)
    return before, network.tokenizer.encode(utterance.text), [END] if chat else []


def apart(index: Concordance, order: Iterable[int], most: int) -> list[int]:
    """The first `most` rows of `order` that are at a distance from each other within a message."""
    rows: list[int] = []
    for row in order:
        if all(abs(row - taken) > APART or index.messages[row] != index.messages[taken] for taken in rows):
            rows.append(int(row))
            if len(rows) == most:
                break
    return rows
