"""Attention: weights, weights times value norms, and rollout over all layers."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from tui_lm.errors import TuiLmError
from tui_lm.inspection.cursor import ResolvedCursor
from tui_lm.inspection.frame import Bars, Frame, Heat, Part, Scale
from tui_lm.inspection.recording import Recording
from tui_lm.inspection.view import View
from tui_lm.runtime import HeadNorms

Array = NDArray[np.floating]
Seen = NDArray[np.bool_]
CAPTIONS = {
    "weight": "Attention shows where the model looked, not why it answered as it did (Jain & Wallace 2019; Bastings & "
    "Filippova 2020): a large weight on a small value changes little.",
    "norm": "Weight times the norm of the transformed value (Kobayashi et al. 2020), as shares of the row. It shows "
    "how much each token contributes to the output of the head, not whether that changes the answer.",
    "rollout": "An approximation (Abnar & Zuidema 2020): heads are averaged, the residual stream counts as half of "
    "each layer, and feed-forward layers are ignored. Under a causal mask it overrates early tokens.",
}
TITLES = {
    "weight": "attention weight",
    "norm": "weight x norm of the value, as shares",
    "rollout": "rollout (estimate)",
}


def attention(recording: Recording, cursor: ResolvedCursor) -> Frame:
    """Queries by keys for the heads of a layer, and the row of the step that is looked at."""
    cursor = _attending(recording, cursor)
    keys = (*recording.context, *recording.labels) if not recording.source else recording.source
    heads = [head for head in recording.heads(cursor.layer) if cursor.head in (None, head) or head is None]
    if recording.source and cursor.measure != "weight":
        raise TuiLmError(f"a translator has no measure {cursor.measure}", "it has the measure weight", exit_code=2)
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
    sink = np.stack([grid[:, 0] for _, grid in grids])
    if cursor.hide_sink:
        seen = seen.copy()
        seen[:, 0] = False
    drawn = [np.where(seen, grid, np.nan) for _, grid in grids]
    limit = 1.0
    if cursor.hide_sink:
        limit = max((float(np.nanmax(grid)) for grid in drawn if not np.isnan(grid).all()), default=1.0) or 1.0
    scale: Scale = "amount" if cursor.hide_sink else "unit"
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
    share = sink[:, cursor.time].mean()
    if cursor.hide_sink:
        sentence += (
            f"; the attention sink, the first token, is hidden: {share:.0%} of this row and {sink.mean():.0%} of all."
        )
    else:
        sentence += "." if recording.source else f"; {share:.0%} rests on the first token, the attention sink."
    return Frame("attention", "Attention", sentence, tuple(parts), CAPTIONS[cursor.measure])


def _has_attention(recording: Recording) -> bool:
    return bool(recording.heads(recording.layers - 1))


def _attending(recording: Recording, cursor: ResolvedCursor) -> ResolvedCursor:
    """The cursor in a layer with attention: a translator has it only in the last one."""
    return cursor if recording.heads(cursor.layer) else replace(cursor, layer=recording.layers - 1)


def _queries(recording: Recording) -> tuple[str, ...]:
    """A label for each row: the token that was read, or for a translator the one that was then written."""
    if not recording.source:
        return recording.labels
    last = int(np.argmax(recording.allowed(recording.steps[-1].logits)))
    return (*recording.labels[1:], recording.label(last))


def weights(recording: Recording, layer: int, head: int | None) -> tuple[Array, Seen]:
    """Weights [T, K] over all keys, and the mask [T, K] of the keys that a step sees; other weights are exactly 0."""
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
    """Weights [T, K] times the norm of each token's transformed value, as shares of each row."""
    grid, seen = weights(recording, layer, head)
    runtime = recording.runtime
    assert isinstance(runtime, HeadNorms)  # other networks have no such measure
    norms = np.zeros_like(grid)
    latest = runtime.head_norms(layer, recording.steps[-1].state)[head]
    if len(latest) == grid.shape[1]:  # no value has left the cache, so every step saw these
        norms[:] = latest
    else:
        for time, step in enumerate(recording.steps):
            norms[time, seen[time]] = runtime.head_norms(layer, step.state)[head]
    sizes = grid * norms
    whole = sizes.sum(axis=1, keepdims=True)
    result: Array = sizes / np.where(whole, whole, 1)  # an edit may have set all weights to 0
    return result


def rollout(recording: Recording, layer: int) -> tuple[Array, Seen]:
    """Attention rollout [T, K] up to `layer`, and the mask of the tokens that reach each step.

    Tokens before the first recorded step have no weights of their own: each counts as itself.
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
