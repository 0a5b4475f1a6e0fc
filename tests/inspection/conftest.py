"""Models of every family with random weights, and recordings of one text by each of them."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from tests.conftest import AUTHORS, TEXTS
from tui_lm import tokenizers
from tui_lm.architecture import Gpt2, Llama, Recurrent, Seq2Seq
from tui_lm.checkpoint import Card, SavedModel
from tui_lm.engine import Engine
from tui_lm.inspection.recording import Recording, record
from tui_lm.inspection.translations import record_translation
from tui_lm.tokenizers import Specials, Tokenizers
from tui_lm.tokenizers.stream import WritingContext

TEXT = "see you tomorrow"
WITH_AUTHORS = "lstm-authors"  # an LSTM of three layers that adds the author's vector at every step
RECURRENT = [f"{family}-{layers}" for family in ("rnn", "lstm", "gru", "mingru") for layers in (1, 3)]
TRANSLATORS = ["seq2seq-none", "seq2seq-bahdanau", "seq2seq-dot", "seq2seq-general", "seq2seq-gru"]
TRANSFORMERS = ["llama-grouped", "llama-plain", "gpt2"]
Make = Callable[..., SavedModel]


@pytest.fixture(scope="session")
def build() -> Make:
    """A model by name, such as "lstm-3" or "llama-grouped"; float64 for golden tests."""

    def make(name: str, dtype: type = np.float32, tokenizer: str = "char", context: int = 64) -> SavedModel:
        fitted = tokenizers.train(tokenizer, TEXTS, Specials(AUTHORS), 600)
        size = fitted.vocab_size
        family, _, kind = name.partition("-")
        shapes = {
            "llama": lambda: Llama(size, 32, 40, 3, 4, 2 if kind == "grouped" else 4, context),
            "gpt2": lambda: Gpt2(size, 32, 40, 2, 4, context),
            "seq2seq": lambda: Seq2Seq(
                size,
                size,
                10,
                16,
                2,
                cell="gru" if kind == "gru" else "lstm",
                attention="general" if kind == "gru" else kind,
                input_feeding=kind == "dot",
            ),
        }
        if kind == "authors":
            shapes[family] = lambda: Recurrent(family, size, 12, 16, 3, authors=len(AUTHORS) + 1)
        architecture = shapes.get(family, lambda: Recurrent(family, size, 12, 16, int(kind)))()
        generator = np.random.default_rng(7)
        weights = {
            weight: (generator.standard_normal(shape) * 0.3 + ("norm" in weight or "ln_" in weight)).astype(dtype)
            for weight, shape in architecture.weights().items()
        }
        corpus = "pairs" if family == "seq2seq" else "chat"
        return SavedModel(
            Card(name, corpus, architecture, tokenizer, "Ann", AUTHORS), Tokenizers.shared(fitted), weights
        )

    return make


@pytest.fixture
def recording_of(build: Make) -> Callable[..., Recording]:
    """What a model by name did with `TEXT`, in float64 unless asked otherwise."""

    def make(name: str, text: str = TEXT, dtype: type = np.float64, **options: object) -> Recording:
        model = build(name, dtype, **options)
        if model.card.kind == "pairs":
            return record_translation(model, text, answer="ok see you there")
        return record(Engine(model), WritingContext(text, "Ann"))

    return make
