"""What a runtime is: a trained model that thinks one step at a time, in numpy."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from tui_lm.architecture import Architecture
from tui_lm.trace import Edit, Trace

Logits = NDArray[np.float32]
State = Any
"""Immutable by contract: a step returns a new one, so that backspace pops a saved state."""


class Runtime(Protocol):
    """B is the beam: B hypotheses advance together; V is the vocabulary."""

    embedding: Logits  # [V, D]

    @property
    def architecture(self) -> Architecture: ...

    def start(self) -> State:
        """The state before the first token, B = 1."""
        ...

    def prefill(self, tokens: Sequence[int], state: State | None = None) -> tuple[Logits, State]:
        """Read `tokens` (at least one) after `state`, or from the start. Logits [1, V] after the last one."""
        ...

    def step(
        self, tokens: Sequence[int], state: State, trace: Trace | None = None, edit: Edit | None = None
    ) -> tuple[Logits, State]:
        """Advance B hypotheses by one token each. Logits [B, V].

        Gates and states are appended to `trace`; `edit` may put others in their place.
        """
        ...

    def logits(self, hidden: Logits) -> Logits:
        """What the last layer's hidden state [B, H] says of the next token: [B, V]."""
        ...

    def votes(self, hidden: Logits, token: int) -> tuple[Logits, float]:
        """What each unit of the last layer's hidden state [B, H] adds to the logit of `token`, and the bias."""
        ...

    def select(self, state: State, rows: Sequence[int]) -> State:
        """The state whose hypotheses are `rows` of this one; a row may be taken several times."""
        ...
