"""Fixtures for all rooms: a data folder of its own for each test, short texts, small models with random weights."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, settings

from tui_lm import checkpoint, tokenizers
from tui_lm.architecture import Llama, Recurrent, Seq2Seq
from tui_lm.checkpoint import Card, SavedModel
from tui_lm.tokenizers import Specials, Tokenizers

# Networks of a few units run faster in one thread, much faster on a busy machine. Child processes inherit this.
os.environ.setdefault("OMP_NUM_THREADS", "1")

# A background job of a shell ignores SIGINT, and a program under nohup ignores SIGHUP. Programs under test would
# inherit that, and the tests that interrupt them would wait for ever.
for number, hear in ((signal.SIGINT, signal.default_int_handler), (signal.SIGHUP, signal.SIG_DFL)):
    if signal.getsignal(number) is signal.SIG_IGN:
        signal.signal(number, hear)

MORE = int(os.environ.get("TUI_LM_EXAMPLES", "1"))  # factor on the number of random examples; `make torture` raises it
# The same examples at every run of `make test`; `make torture` looks for new ones.
settings.register_profile("tui-lm", derandomize=MORE == 1)
settings.load_profile("tui-lm")
AUTHORS = ("Ann", "Bob")
TEXTS = [
    "see you tomorrow at six",
    "ok see you there 👍",
    "what's for dinner tonight?",
    "pasta, I think... or soup",
    "नमस्ते दोस्त",
    "two\nlines here",
] * 8


def fuzz(examples: int, within: timedelta | None = None) -> settings:
    """Hypothesis settings for `examples` times MORE random examples. A slow machine is no failure."""
    return settings(
        max_examples=examples * MORE,
        deadline=within,
        suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
    )


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A data folder for each test, so that none touches the user's."""
    folder = tmp_path / "home"
    monkeypatch.setenv("TUI_LM_HOME", str(folder))
    return folder


def random_model(
    family: str = "lstm",
    tokenizer: str = "char",
    layers: int = 1,
    dtype: type = np.float32,
    *,
    author_vectors: bool = False,
) -> SavedModel:
    """A recurrent model with random weights, called "small"."""
    fitted = tokenizers.train(tokenizer, TEXTS, Specials(AUTHORS), 600)
    architecture = Recurrent(
        family,
        fitted.vocab_size,
        dim=12,
        hidden_size=16,
        num_layers=layers,
        authors=len(AUTHORS) + 1 if author_vectors else None,
    )
    generator = np.random.default_rng(0)
    weights = {
        name: (generator.standard_normal(shape) * 0.3).astype(dtype) for name, shape in architecture.weights().items()
    }
    card = Card("small", "chat", architecture, tokenizer, me="Ann", authors=AUTHORS)
    return SavedModel(card, Tokenizers.shared(fitted), weights)


@pytest.fixture
def make_model() -> Callable[..., SavedModel]:
    """Makes a recurrent model with random weights, for tests that do not depend on training."""
    return random_model


@pytest.fixture
def make_llama() -> Callable[..., SavedModel]:
    """Makes a mini-LLaMA with random weights, of a width that every export format accepts."""

    def make(tokenizer: str = "char", *, tied: bool = True, context: int = 512) -> SavedModel:
        fitted = tokenizers.train(tokenizer, TEXTS, Specials(AUTHORS), 700)
        architecture = Llama(fitted.vocab_size, 64, 96, 2, 4, 2, context, tie_embeddings=tied)
        generator = np.random.default_rng(3)
        weights = {
            name: (generator.standard_normal(shape) * 0.15 + (len(shape) == 1)).astype(np.float32)
            for name, shape in architecture.weights().items()
        }
        card = Card("small", "chat", architecture, tokenizer, me="Bob", authors=AUTHORS, metrics={"messages": 48})
        return SavedModel(card, Tokenizers.shared(fitted), weights)

    return make


@pytest.fixture
def make_pairs_model() -> Callable[..., SavedModel]:
    """Makes a translator with random weights and a tokenizer for each language."""

    def make(tokenizer: str = "char", attention: str = "general") -> SavedModel:
        target = tokenizers.train(tokenizer, TEXTS, Specials(), 600)
        source = tokenizers.train(tokenizer, [text[::-1] for text in TEXTS], Specials(), 600)
        shape = Seq2Seq(target.vocab_size, source.vocab_size, dim=12, hidden_size=16, attention=attention)  # type: ignore[arg-type]
        generator = np.random.default_rng(5)
        weights = {
            name: (generator.standard_normal(size) * 0.5).astype(np.float32) for name, size in shape.weights().items()
        }
        return SavedModel(Card("french", "pairs", shape, tokenizer), Tokenizers(source, target), weights)

    return make


@pytest.fixture
def make_reply_model() -> Callable[..., SavedModel]:
    """Makes a reply model with random weights."""

    def make(tokenizer: str = "char", attention: str = "general") -> SavedModel:
        fitted = tokenizers.train(tokenizer, TEXTS, Specials(AUTHORS), 600)
        size = fitted.vocab_size
        shape = Seq2Seq(size, size, 12, 16, attention=attention, share_embeddings=True, tie_embeddings=True)  # type: ignore[arg-type]
        generator = np.random.default_rng(6)
        weights = {
            name: (generator.standard_normal(sides) * 0.4).astype(np.float32) for name, sides in shape.weights().items()
        }
        return SavedModel(
            Card("answers", "chat", shape, tokenizer, me="Ann", authors=AUTHORS), Tokenizers.shared(fitted), weights
        )

    return make


@pytest.fixture
def saved_translator(make_pairs_model: Callable[..., SavedModel], home: Path) -> Path:
    """The folder of a saved translator called "french"."""
    model = make_pairs_model()
    folder = home / "models" / "french"
    checkpoint.save(folder, model)
    return folder


@pytest.fixture
def saved(make_model: Callable[..., SavedModel], home: Path) -> Path:
    """The folder of a saved model called "small"."""
    model = make_model()
    folder = home / "models" / "small"
    checkpoint.save(folder, model)
    return folder


@pytest.fixture
def chat_file(tmp_path: Path) -> Path:
    """A WhatsApp export of 600 messages: two people, six sentences."""
    rows = []
    for i in range(600):
        author = AUTHORS[i % 2]
        day, hour, minute = i // 40 + 1, i // 4 % 10 + 8, i % 4 * 10
        rows.append(f"{day:02d}/03/2024, {hour:02d}:{minute:02d} - {author}: {TEXTS[(i * 7 + i // 13) % 6]}")
    path = tmp_path / "WhatsApp Chat with Bob.txt"
    path.write_text("\n".join(rows) + "\n", encoding="utf-8")
    return path
