"""What a model did at one step, as plain numbers, and a hand on it.

A runtime appends to a `Trace` that its caller passes in; a caller that passes none pays nothing. An `Edit` that its
caller passes in may put other numbers in the place of those that the network computed.
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

    `values` has shape [B, units] for gates and states, [B, S] for the attention of one head.
    Names are those of the `inspect --json` contract: the gates and states of `tui_lm.cells`; hidden_state, for a
    transformer what a layer hands on; attention, over the last S tokens that the network still sees; readout, the
    input of a translator's head.
    """

    layer: int
    name: str
    kind: Kind
    values: np.ndarray
    head: int | None = None


Trace = list[Activation]


class Edit(Protocol):
    """What stands in the place of an activation, asked before anything downstream has used it.

    It is asked for every name of `Activation`, and for "read": what a head of a transformer read, [B, d]. It returns
    the array that it was given where it changes nothing, and never writes into it.
    """

    def __call__(self, layer: int, name: str, values: np.ndarray, head: int | None = None) -> np.ndarray: ...
