"""What a model computed at one step, as plain arrays, and a way to change it.

A runtime appends to the `Trace` that its caller passes; without one, nothing is recorded and nothing is slower. An
`Edit` that the caller passes may replace what the network computed.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, Protocol

if TYPE_CHECKING:
    import numpy as np

Kind = Literal["gate", "state", "attention"]


@dataclass(frozen=True, slots=True)
class Activation:
    """One named vector of one layer at one step.

    `values` has shape [B, units] for gates and states, and [B, S] for the attention of one head.
    The names are those of `inspect --json`: the gates and states of `tui_lm.cells`; "hidden_state", in a transformer
    the output of a layer; "attention", over the last S tokens that the network still sees; "readout", the input of a
    translator's output layer.
    """

    layer: int
    name: str
    kind: Kind
    values: np.ndarray
    head: int | None = None


Trace = list[Activation]


class Edit(Protocol):
    """Replaces activations while the network runs, before a later computation uses them.

    It is called for every name of `Activation`, and for "read": the output of one attention head, [B, d]. It returns
    the array that it was given if it changes nothing, and never writes into it.
    """

    def __call__(self, layer: int, name: str, values: np.ndarray, head: int | None = None) -> np.ndarray: ...
