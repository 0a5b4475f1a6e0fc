"""Where each step looked: weights, what the weights moved, and an estimate of what flowed through all layers."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tui_lm.errors import TuiLmError
from tui_lm.inspection.cursor import ResolvedCursor
from tui_lm.inspection.frame import Bars, Frame, Heat, Part
from tui_lm.inspection.recording import Recording
from tui_lm.inspection.view import View
from tui_lm.runtime import HeadNorms

Array = NDArray[np.floating]
Seen = NDArray[np.bool_]
CAPTIONS = {
    "weight": "Attention says where the model looked, not why it answered as it did (Jain & Wallace 2019; Bastings & "
    "Filippova 2020): a large weight on a small value moves little.",
    "norm": "Weight times the norm of what the head writes of that token (Kobayashi et al. 2020), as shares of the "
    "row. It says how much was moved from where, not whether that mattered in the end.",
    "rollout": "An approximation (Abnar & Zuidema 2020): heads are averaged, half of each layer is taken to pass by, "
    "and what the feed-forward layers do is left out; under a causal mask early tokens gather more than they should.",
}
TITLES = {
    "weight": "attention weight",
    "norm": "weight x norm of the value, as shares",
    "rollout": "rollout (estimate)",
}


def attention(recording: Recording, cursor: ResolvedCursor) -> Frame:
    """Queries by keys for every head of a layer or the one chosen, and the row of the step that is looked at."""
    cursor = _attending(recording, cursor)
    keys = (*recording.context, *recording.labels) if not recording.source else recording.source
    heads = [head for head in recording.heads(cursor.layer) if cursor.head in (None, head) or head is None]
    if recording.source and cursor.measure != "weight":
        raise TuiLmError(
            f"{TITLES[cursor.measure]} is a matter of transformers", "a translator has --measure weight", exit_code=2
        )
    if cursor.measure == "rollout":
        shares, seen = rollout(recording, cursor.layer)
        grids, heads = [(f"layers 0 to {cursor.layer}", shares)], [None]
    elif cursor.measure == "norm":
        seen = weights(recording, cursor.layer, heads[0])[1]
        grids = [(_named(cursor.layer, head), moved(recording, cursor.layer, head)) for head in heads]
    else:
        seen = weights(recording, cursor.layer, heads[0])[1]
        grids = [(_named(cursor.layer, head), weights(recording, cursor.layer, head)[0]) for head in heads]
    rows = _queries(recording)
    hidden = np.stack([grid[:, 0] for _, grid in grids])
    if cursor.hide_sink:
        seen = seen.copy()
        seen[:, 0] = False
    drawn = [np.where(seen, grid, np.nan) for _, grid in grids]
    limit = 1.0
    if cursor.hide_sink:
        limit = max((float(np.nanmax(grid)) for grid in drawn if not np.isnan(grid).all()), default=1.0) or 1.0
    scale: Any = "amount" if cursor.hide_sink else "unit"
    looked_at = None if recording.source else len(recording.context) + cursor.time
    parts: list[Part] = [
        Heat(
            title,
            grid,
            rows,
            keys,
            scale,
            limit,
            "queries",
            time=looked_at,
            name="attention",
            head=head,
            row_ids=tuple(range(len(rows))),
            pointed=cursor.time,
        )
        for (title, _), grid, head in zip(grids, drawn, heads, strict=True)
    ]
    row = np.mean([np.where(seen[cursor.time], grid[cursor.time], 0.0) for _, grid in grids], axis=0)
    best = np.argsort(-row, kind="stable")[: cursor.top]
    best = best[row[best] > 0]
    over = grids[0][0] if len(grids) == 1 else f"mean of {len(grids)} heads"
    labels = tuple(f"{keys[key]} ({key})" for key in best)
    what = f"step {cursor.time}" if not recording.source else f"“{_queries(recording)[cursor.time]}”"
    parts.append(Bars(f"row of {what}, {over}", labels, row[best], "%"))
    sentence = f"{TITLES[cursor.measure].capitalize()} in {_named(cursor.layer, cursor.head)}"
    if len(best):
        sentence += f": {what} looks most at “{keys[best[0]]}” ({row[best[0]]:.0%})"
    share = hidden[:, cursor.time].mean()
    if cursor.hide_sink:
        sentence += f"; the first token, {share:.0%} of this row and {hidden.mean():.0%} of all, is hidden."
    else:
        sentence += "." if recording.source else f"; {share:.0%} rests on the first token."
    return Frame("attention", "Attention", sentence, tuple(parts), CAPTIONS[cursor.measure])


def _has_attention(recording: Recording) -> bool:
    return bool(recording.heads(recording.layers - 1))


def _attending(recording: Recording, cursor: ResolvedCursor) -> ResolvedCursor:
    """The place, in a layer that attends: of a translator only the last one does."""
    return cursor if recording.heads(cursor.layer) else replace(cursor, layer=recording.layers - 1)


def _queries(recording: Recording) -> tuple[str, ...]:
    """A name for each row: the token that was read; of a translator the one that was written from what it saw."""
    if not recording.source:
        return recording.labels
    last = int(np.argmax(recording.allowed(recording.steps[-1].logits)))
    return (*recording.labels[1:], recording.label(last))


def weights(recording: Recording, layer: int, head: int | None) -> tuple[Array, Seen]:
    """Weights [T, K] over all keys, exactly 0 where the network does not see, and where it does see."""
    rows = [recording.at(time, layer, "attention", head) for time in range(len(recording))]
    if recording.source:
        grid = np.stack(rows)
        return grid, np.ones(grid.shape, dtype=bool)
    before = len(recording.context)
    grid = np.zeros((len(rows), before + len(rows)), dtype=rows[0].dtype)
    seen = np.zeros(grid.shape, dtype=bool)
    for time, row in enumerate(rows):
        end = before + time + 1
        grid[time, end - len(row) : end] = row
        seen[time, end - len(row) : end] = True
    return grid, seen


def moved(recording: Recording, layer: int, head: int | None) -> Array:
    """Weights [T, K] times the norm of what the head writes of each token, as shares of each row."""
    grid, seen = weights(recording, layer, head)
    runtime = recording.runtime
    assert isinstance(runtime, HeadNorms)  # other networks have no such measure
    norms = np.zeros_like(grid)
    latest = runtime.head_norms(layer, recording.steps[-1].state)[head]
    if len(latest) == grid.shape[1]:  # nothing is forgotten yet, so every step saw the values that the last one sees
        norms[:] = latest
    else:
        for time, step in enumerate(recording.steps):
            norms[time, seen[time]] = runtime.head_norms(layer, step.state)[head]
    sizes = grid * norms
    whole = sizes.sum(axis=1, keepdims=True)
    result: Array = sizes / np.where(whole, whole, 1)  # a head that was made silent writes nothing
    return result


def rollout(recording: Recording, layer: int) -> tuple[Array, Seen]:
    """What of each token [T, K] has reached a step by `layer`, estimated from the weights of all layers up to it.

    Tokens before the first recorded step have no rows of their own: they are taken as they are.
    """
    whole: Array | None = None
    for below in range(layer + 1):
        grids = [weights(recording, below, head) for head in recording.heads(below)]
        seen = grids[0][1]
        mean = np.mean([grid for grid, _ in grids], axis=0)
        before, steps = mean.shape[1] - len(mean), len(mean)
        square = np.eye(before + steps)
        square[before:] = 0.5 * mean + 0.5 * square[before:]
        whole = square if whole is None else square @ whole
    assert whole is not None
    result = whole[-len(recording) :]
    return result, seen | (result > 0)


def _named(layer: int, head: int | None) -> str:
    return f"layer {layer}" if head is None else f"layer {layer}, head {head}"


VIEW = View("attention", "Attention", attention, fits=_has_attention, controls=("head", "measure", "sink"))
