"""Models of every family with random weights, and recordings of one text by each of them."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from tests.conftest import AUTHORS, TEXTS
from tui_lm import tokenizers
from tui_lm.architecture import Gpt2, Llama, Recurrent
from tui_lm.checkpoint import Card, SavedModel
from tui_lm.engine import Engine
from tui_lm.inspection import Recording, record
from tui_lm.tokenizers import Specials

TEXT = "see you tomorrow"
RECURRENT = [f"{family}-{layers}" for family in ("rnn", "lstm", "gru") for layers in (1, 3)]
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
        }
        architecture = shapes.get(family, lambda: Recurrent(family, size, 12, 16, int(kind)))()
        generator = np.random.default_rng(7)
        weights = {
            weight: (generator.standard_normal(shape) * 0.3 + ("norm" in weight or "ln_" in weight)).astype(dtype)
            for weight, shape in architecture.weights().items()
        }
        return SavedModel(Card(name, "chat", architecture, tokenizer, "Ann", AUTHORS), fitted, weights)

    return make


@pytest.fixture
def recording_of(build: Make) -> Callable[..., Recording]:
    """What a model by name did with `TEXT`, in float64 unless asked otherwise."""

    def make(name: str, text: str = TEXT, dtype: type = np.float64, **options: object) -> Recording:
        return record(Engine(build(name, dtype, **options)), text, author="Ann")

    return make
