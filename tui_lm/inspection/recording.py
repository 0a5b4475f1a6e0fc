"""The activations of a network at every token of a text, recorded once so that all views show the same steps."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import takewhile
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from tui_lm.architecture import Architecture, Recurrent, Seq2Seq
from tui_lm.cells import CellSpec
from tui_lm.engine import Engine, token_label
from tui_lm.runtime import Logits, Runtime, State
from tui_lm.safe_text import visible_line
from tui_lm.sampling import log_softmax
from tui_lm.tokenizers import Tokenizer
from tui_lm.tokenizers.stream import WritingContext, opening
from tui_lm.trace import Activation, Trace

Array = NDArray[np.floating]
READOUT = "readout"
Key = tuple[int, str, int | None]
"""Layer, name and head of an activation."""


@dataclass(frozen=True, slots=True)
class Step:
    """One token and the network's state after it. `surprisal` is in bits; None for a token that was given.

    `computed` holds what views have computed of this step alone, by view, so that a key costs one step of it too.
    """

    token: int
    label: str
    surprisal: float | None
    logits: Logits  # [V] of the token after it
    state: State
    activations: Mapping[Key, Activation]
    computed: dict[str, Array] = field(default_factory=dict, compare=False, repr=False)


@dataclass(frozen=True)
class Recording:
    """The steps of a text, and the facts about the network that views need. Times count steps from 0.

    `context` are the labels of the tokens before the first step, `initial` the states after them by layer and name. For
    a translator, `source` are the labels of the S tokens of the sentence, and `encoder` its activations [S, units] by
    layer and name; the two directions of a bidirectional encoder are concatenated.
    """

    model: str
    description: str
    runtime: Runtime
    tokenizer: Tokenizer
    label: Callable[[int], str]
    allowed: Callable[[Logits], Logits]
    steps: tuple[Step, ...]
    start: State
    context: tuple[str, ...] = ()
    initial: Mapping[tuple[int, str], Array] = field(default_factory=dict)
    source: tuple[str, ...] = ()
    source_tokens: tuple[int, ...] = ()
    encoder: Mapping[tuple[int, str], Array] = field(default_factory=dict)
    folder: Path | None = None
    kind: str = "pairs"  # what the model learned from: a chat, prose or pairs
    tokens_before: tuple[int, ...] = ()

    def __len__(self) -> int:
        return len(self.steps)

    @property
    def architecture(self) -> Architecture:
        return self.runtime.architecture

    @property
    def family(self) -> str:
        """The name of the cell, or that of a family without cells."""
        return self.architecture.family if self.cell is None else self.cell.name

    @property
    def cell(self) -> CellSpec | None:
        return self.architecture.spec if isinstance(self.architecture, Recurrent | Seq2Seq) else None

    @cached_property
    def labels(self) -> tuple[str, ...]:
        return tuple(step.label for step in self.steps)

    @property
    def tokens(self) -> list[int]:
        return [step.token for step in self.steps]

    @cached_property
    def layers(self) -> int:
        return 1 + max(layer for layer, _, _ in self.steps[-1].activations)

    @cached_property
    def names(self) -> tuple[str, ...]:
        """The gates and states of a layer, in the order of the trace."""
        found = dict.fromkeys(name for _, name, _ in self.steps[-1].activations)
        return tuple(name for name in found if name not in ("attention", READOUT))

    @cached_property
    def read_by_head(self) -> str:
        """The name of the last layer's activation from which the logits are computed."""
        return READOUT if (self.layers - 1, READOUT, None) in self.steps[-1].activations else "hidden_state"

    def heads(self, layer: int) -> tuple[int | None, ...]:
        return tuple(head for of, name, head in self.steps[-1].activations if (of, name) == (layer, "attention"))

    def at(self, time: int, layer: int, name: str, head: int | None = None) -> Array:
        """The values [units] of one activation at one step."""
        values: Array = self.steps[time].activations[layer, name, head].values[0]
        return values

    def where(self, time: int) -> str:
        """A step in words: “e” (step 4)."""
        return f"“{self.labels[time]}” (step {time})"

    def series(self, layer: int, name: str) -> Array:
        """The values [T, units] of a gate or state at every step."""
        return np.stack([self.at(time, layer, name) for time in range(len(self))])

    def surprisals(self) -> Array:
        """The surprisal of each token in bits [T]; NaN for tokens that were given."""
        return np.array([np.nan if step.surprisal is None else step.surprisal for step in self.steps])


class Recorder:
    """Records what an engine does with the text of a message: one step for each key, none for a backspace.

    Use it in the thread that uses the engine. Recorded steps leave their states in the engine, which does not compute
    them again.
    """

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self._context: list[int] = []
        self._start: State = None
        self._before: Logits | None = None  # [V] of the first token
        self._steps: list[Step] = []

    def record(self, context: WritingContext) -> Recording:
        """What the network did at each token of the text and of what opens the message."""
        engine = self.engine
        before = engine.before(context)
        first = len(before) - len(opening(engine.tokenizer, context.author if engine.kind == "chat" else None))
        self._begin(before[:first])
        tokens = [*before[first:], *engine.tokenizer.encode(context.text)]
        same = sum(1 for _ in takewhile(lambda pair: pair[0].token == pair[1], zip(self._steps, tokens, strict=False)))
        del self._steps[same:]
        given = len(before) - first
        for time in range(same, len(tokens)):
            self._steps.append(self._step(tokens[: time + 1], given=time < given))
        return Recording(
            model=engine.name,
            description=engine.description,
            runtime=engine.runtime,
            tokenizer=engine.tokenizer,
            label=engine.label,
            allowed=engine.allowed,
            steps=tuple(self._steps),
            start=self._start,
            context=tuple(label_of(engine.tokenizer, token) for token in self._context),
            initial=_initial(engine.runtime, self._start),
            folder=engine.folder,
            kind=engine.kind,
            tokens_before=tuple(self._context),
        )

    def _begin(self, context: Sequence[int]) -> None:
        if self._start is not None and list(context) == self._context:
            return
        self._context, self._steps = list(context), []
        if context:
            reached = self.engine.reach(context)
            self._start, self._before = reached.state, reached.logits[0]
        else:
            self._start, self._before = self.engine.runtime.start(), None

    def _step(self, tokens: Sequence[int], *, given: bool) -> Step:
        trace: Trace = []
        reached = self.engine.watch([*self._context, *tokens], trace)
        before = self._steps[-1].logits if self._steps else self._before
        surprisal = None if given or before is None else bits(before, tokens[-1])
        activations = {(a.layer, a.name, a.head): a for a in trace}
        label = label_of(self.engine.tokenizer, tokens[-1])
        return Step(tokens[-1], label, surprisal, reached.logits[0], reached.state, activations)


def record(engine: Engine, context: WritingContext) -> Recording:
    return Recorder(engine).record(context)


def label_of(tokenizer: Tokenizer, token: int) -> str:
    """The label of a token that was read. The end of a message is `</s>` here, but "end" among next tokens."""
    specials = tokenizer.specials
    return visible_line(specials.label(token)) if token < len(specials) else token_label(tokenizer, token)


def bits(logits: Logits, token: int) -> float:
    """The surprisal of `token` in bits, given the logits [V] before it."""
    return float(-log_softmax(logits)[token] / np.log(2))


def _initial(runtime: Runtime, state: State) -> dict[tuple[int, str], Array]:
    if not isinstance(runtime.architecture, Recurrent):
        return {}
    names, layers = runtime.architecture.spec.states, state[: runtime.architecture.num_layers]
    return {
        (layer, name): part[0] for layer, parts in enumerate(layers) for name, part in zip(names, parts, strict=True)
    }
