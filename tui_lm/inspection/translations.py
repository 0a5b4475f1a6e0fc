"""Records a translator on a sentence and its translation."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from tui_lm.architecture import Seq2Seq
from tui_lm.checkpoint import SavedModel
from tui_lm.engine import token_label
from tui_lm.errors import TuiLmError
from tui_lm.inspection.recording import Recording, Step, bits, label_of
from tui_lm.runtime import Logits
from tui_lm.runtime.seq2seq import Seq2SeqRuntime, Seq2SeqState
from tui_lm.tokenizers.specials import BEGIN, END
from tui_lm.trace import Trace
from tui_lm.translation import BeamOptions, Translator
from tui_lm.translation.answer import cleaned

Array = NDArray[np.floating]


def record_translation(
    model: SavedModel, text: str, *, answer: str | None = None, beam: int = 5, folder: Path | None = None
) -> Recording:
    """Record a translator on `text` and its own translation, or on `answer` in place of it.

    Raises TuiLmError if `text` is empty.
    """
    architecture = model.card.architecture
    assert isinstance(architecture, Seq2Seq)  # of every translator
    runtime = Seq2SeqRuntime(architecture, model.weights)
    translator = Translator(model, runtime)
    read = cleaned(text)
    if not read:
        raise TuiLmError("the text to translate is empty", "give a sentence", exit_code=2)
    source = [*translator.tokenizers.source.encode(read), END]
    trace: Trace = []
    start = runtime.encode([source], trace)
    if answer is None:
        written = list(translator.hypotheses([source], BeamOptions(beam=beam))[0][0].tokens)
    else:
        written = model.tokenizer.encode(cleaned(answer))
    return Recording(
        model=model.card.name,
        description=model.card.description,
        runtime=runtime,
        tokenizer=model.tokenizer,
        label=partial(token_label, model.tokenizer),
        allowed=partial(_allowed, len(model.tokenizer.specials)),
        steps=_steps(runtime, model, start, [BEGIN, *written]),
        start=start,
        initial=_initial(start, architecture.spec.states),
        source=tuple(label_of(translator.tokenizers.source, token) for token in source),
        source_tokens=tuple(source),
        encoder={(a.layer, a.name): a.values[0] for a in trace},
        folder=folder,
    )


def _steps(runtime: Seq2SeqRuntime, model: SavedModel, state: Seq2SeqState, tokens: list[int]) -> tuple[Step, ...]:
    """The decoder's steps. The first token is given; the others have a surprisal."""
    steps: list[Step] = []
    for token in tokens:
        trace: Trace = []
        logits, state = runtime.step([token], state, trace)
        surprisal = bits(steps[-1].logits, token) if steps else None
        activations = {(a.layer, a.name, a.head): a for a in trace}
        steps.append(Step(token, label_of(model.tokenizer, token), surprisal, logits[0], state, activations))
    return tuple(steps)


def _allowed(specials: int, logits: Logits) -> Logits:
    """Logits [V] that allow only text and the end of the answer."""
    logits = logits.copy()
    logits[[token for token in range(specials) if token != END]] = -np.inf
    return logits


def _initial(start: Seq2SeqState, states: tuple[str, ...]) -> dict[tuple[int, str], Array]:
    return {
        (layer, name): part[0]
        for layer, parts in enumerate(start.layers)
        for name, part in zip(states, parts, strict=True)
    }
