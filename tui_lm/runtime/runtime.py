"""The interface of a runtime: a trained model that advances one step at a time, in numpy."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from tui_lm.architecture import Architecture
from tui_lm.trace import Edit, Trace

Logits = NDArray[np.float32]
State = Any
"""Immutable by contract: a step returns a new state, so that backspace goes back to a saved one."""


class Runtime(Protocol):
    """B is the beam: B hypotheses advance together; V is the vocabulary."""

    embedding: Logits  # [V, D]

    @property
    def architecture(self) -> Architecture: ...

    def start(self) -> State:
        """The state before the first token, B = 1."""
        ...

    def prefill(self, tokens: Sequence[int], state: State | None = None) -> tuple[Logits, State]:
        """Read `tokens` (at least one) after `state`, or from the start: logits [1, V] and the state after the last."""
        ...

    def step(
        self, tokens: Sequence[int], state: State, trace: Trace | None = None, edit: Edit | None = None
    ) -> tuple[Logits, State]:
        """Advance B hypotheses by one token each. Logits [B, V].

        Gates and states are appended to `trace`; `edit` is asked for the values to use instead.
        """
        ...

    def logits(self, hidden: Logits) -> Logits:
        """Logits [B, V] of the next token from the last layer's hidden state [B, H]."""
        ...

    def logit_attribution(self, hidden: Logits, token: int) -> tuple[Logits, float]:
        """What each unit of the last layer's hidden state [B, H] adds to the logit of `token`, and the bias."""
        ...

    def select(self, state: State, rows: Sequence[int]) -> State:
        """The state of the hypotheses `rows`; a row may occur several times."""
        ...


@runtime_checkable
class GateInputs(Protocol):
    """A runtime of cells that can take the sum inside each gate apart."""

    def inputs(self, tokens: Sequence[int], state: State) -> Logits:
        """The first layer's inputs [B, D] at a step that read `tokens` and ended in `state`."""
        ...

    def gate_inputs(self, layer: int, x: Logits, h: Logits) -> Mapping[str, tuple[Logits, Logits]]:
        """What the layer's input x [B, D] and state h [B, H] add to the sum inside each gate, [B, H] each, by name."""
        ...


@runtime_checkable
class HeadNorms(Protocol):
    """A runtime of attention heads that can say how much a head would write of each token."""

    def head_norms(self, layer: int, state: State) -> Logits:
        """||v W_O|| [H, S] of B = 1, for H heads and the S tokens of `state` (Kobayashi et al. 2020)."""
        ...


@runtime_checkable
class Encoder(Protocol):
    """A runtime that reads a source before it writes."""

    def encode(self, sources: Sequence[Sequence[int]], trace: Trace | None = None) -> State:
        """The state before the first target token of N sources, one hypothesis each; every source has a token."""
        ...
