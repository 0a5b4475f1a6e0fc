"""The memory ledger: a state as the exact sum of what each token has written into it.

For a cell with m_t = k_t m_{t-1} + w_t, where w_t is what step t writes (`tui_lm.cells.Memory`):
m_t = sum_s (prod_{r > s} k_r) w_s + (prod_r k_r) m_0. That is the cell's own equation, unrolled; the gates are taken as
they were.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from tui_lm.cells import Memory
from tui_lm.inspection import units
from tui_lm.inspection.cursor import ResolvedCursor
from tui_lm.inspection.frame import Bars, Frame, Heat, Part, Strip
from tui_lm.inspection.notation import SYMBOLS
from tui_lm.inspection.recording import Recording
from tui_lm.inspection.view import View, is_gated

Array = NDArray[np.floating]
BEFORE = "before"  # the state before the first step


def entries(recording: Recording, layer: int, time: int) -> Array:
    """The parts [1 + time + 1, units] of the state at `time`: from before the first step, then from each step."""
    memory = memory_of(recording)

    def until(name: str) -> Array:
        return recording.series(layer, name)[: time + 1]

    keep, written = memory.kept(until(memory.gate)), memory.written(until)
    first = recording.initial[layer, memory.state]
    written = np.concatenate([first[None], written])
    kept = np.ones_like(written)  # the product of all later gates
    kept[:-1] = np.cumprod(keep[::-1], axis=0)[::-1]
    result: Array = written * kept
    return result


def memory_of(recording: Recording) -> Memory:
    """The memory of the network's cells. Only gated networks have a ledger (`view.is_gated`)."""
    assert recording.cell is not None and recording.cell.memory is not None
    return recording.cell.memory


def ledger(recording: Recording, cursor: ResolvedCursor) -> Frame:
    """How much of a layer's memory comes from each token; for one unit, with its sign."""
    state = memory_of(recording).state
    rows = entries(recording, cursor.layer, cursor.time)
    value = recording.at(cursor.time, cursor.layer, state)
    error = float(np.abs(rows.sum(axis=0) - value).max())
    labels = (BEFORE, *recording.labels[: cursor.time + 1])
    unit = cursor.unit
    symbol = SYMBOLS["pytorch"][state]
    parts: list[Part] = []
    if unit is None:
        order, _ = units.order(recording, cursor.layer)
        limit = max(1e-9, float(np.abs(rows).max()))
        sizes = np.abs(rows).sum(axis=1)
        shares = sizes / (sizes.sum() or 1.0)
        parts += [
            Strip(
                f"share of {symbol} by token", labels, shares, "of the sizes of all entries", limit=float(shares.max())
            ),
            _largest(labels, shares, cursor.top),
            Heat(
                f"entries of {symbol}", rows[:, order].T, tuple(map(str, order)), labels, "signed", limit, "units", True
            ),
        ]
        owner = int(np.argmax(shares))
        sentence = (
            f"{shares[owner]:.0%} of the memory of layer {cursor.layer} at step {cursor.time} comes from "
            f"{_who(labels, owner)}, the largest share; the entries sum to {symbol} within {error:.0e}."
        )
    else:
        own = rows[:, unit]
        limit = float(np.abs(own).max()) or 1.0
        parts += [
            Strip(f"entries of unit {unit}", labels, own, f"of {symbol}", "signed", limit),
            _signed(labels, own, cursor.top),
        ]
        sentence = (
            f"Unit {unit} of layer {cursor.layer} holds {value[unit]:+.4f} at step {cursor.time}: the sum of its "
            f"entries, {own.sum():+.4f}; the largest is from {_who(labels, int(np.argmax(np.abs(own))))}."
        )
    return Frame(
        "ledger",
        "Memory ledger",
        sentence,
        tuple(parts),
        "Exact with the gates held fixed: what each token wrote, times all later gates that keep. Another token "
        "would also have changed the gates.",
    )


def _largest(labels: tuple[str, ...], shares: Array, top: int) -> Bars:
    most = np.argsort(-shares, kind="stable")[:top]
    return Bars("the largest shares", tuple(_who(labels, int(i)) for i in most), shares[most], "%")


def _signed(labels: tuple[str, ...], own: Array, top: int) -> Bars:
    most = np.argsort(-np.abs(own), kind="stable")[:top]
    return Bars("the largest entries", tuple(_who(labels, int(i)) for i in most), own[most])


def _who(labels: tuple[str, ...], entry: int) -> str:
    """An entry for people: “e” (step 4), or what was there before the first step."""
    return "what was there before" if entry == 0 else f"“{labels[entry]}” (step {entry - 1})"


VIEW = View("ledger", "Memory", ledger, fits=is_gated, controls=("unit",))
