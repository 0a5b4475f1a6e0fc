"""What a model did at one step, as plain numbers.

A runtime appends to a `Trace` that its caller passes in; a caller that passes none pays nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    import numpy as np

Kind = Literal["gate", "state", "attention"]


@dataclass(frozen=True, slots=True)
class Activation:
    """One named vector of one layer at one step.

    `values` has shape [B, units] for gates and states, [B, S] for the attention of one head.
    Names are those of the `inspect --json` contract: forget, input, cell, output, cell_state, hidden_state
    (LSTM); reset, update, new, hidden_state (GRU); hidden_state (RNN; of a transformer what a layer hands on);
    attention, over the last S tokens that the network still sees.
    """

    layer: int
    name: str
    kind: Kind
    values: np.ndarray
    head: int | None = None


Trace = list[Activation]
