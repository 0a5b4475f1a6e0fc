"""Bits per character against hand calculations and the definition."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from tui_lm.checkpoint import SavedModel
from tui_lm.corpus import Utterance
from tui_lm.engine import Engine
from tui_lm.evaluation import price
from tui_lm.sampling import log_softmax
from tui_lm.tokenizers.stream import message_ids

CHAT = [Utterance("Ann", "see you"), Utterance("Bob", "ok 👍"), Utterance(None, ""), Utterance("Eve", "नमस्ते")]


@pytest.mark.parametrize("tokenizer", ["char", "subword", "word"])
def test_a_network_of_zeros_gives_uniform_bits_per_char(make_model: Callable[..., SavedModel], tokenizer: str) -> None:
    model = make_model(tokenizer=tokenizer)
    engine = Engine(SavedModel(model.card, model.tokenizers, {k: w * 0 for k, w in model.weights.items()}))
    cost = price(engine, CHAT)
    size = model.tokenizer.vocab_size
    assert cost.tokens == sum(len(model.tokenizer.encode(u.text)) + 1 for u in CHAT)
    assert cost.characters == sum(len(u.text) for u in CHAT)
    assert cost.perplexity == pytest.approx(size)
    assert cost.bits_per_char == pytest.approx(cost.tokens * np.log2(size) / (cost.characters + len(CHAT)))


@pytest.mark.parametrize("window", [None, 5])
def test_the_state_is_carried_across_messages_and_reset_at_windows(
    make_model: Callable[..., SavedModel], window: int | None
) -> None:
    engine = Engine(make_model())
    stream = [token for u in CHAT for token in message_ids(engine.tokenizer, u.text, u.author)]
    nats = 0.0
    for i in range(1, len(stream)):
        start = 0 if window is None else (i - 1) // window * window
        logits, _ = engine.runtime.prefill(stream[start:i])
        counted = stream[i] >= len(engine.specials) or stream[i] == 2
        nats -= float(log_softmax(logits[0])[stream[i]]) * counted
    assert price(engine, CHAT, window=window).nats == pytest.approx(nats, rel=1e-5)


def test_a_transformer_never_loses_the_first_token_of_its_window(make_llama: Callable[..., SavedModel]) -> None:
    engine = Engine(make_llama("char", context=12))
    stream = [token for u in CHAT for token in message_ids(engine.tokenizer, u.text, u.author)]
    begins, nats = 0, 0.0
    for i in range(1, len(stream)):
        if i - begins > 12:
            begins = i - 1 - 6  # half a window is read again
        logits, _ = engine.runtime.prefill(stream[begins:i])
        counted = stream[i] >= len(engine.specials) or stream[i] == 2
        nats -= float(log_softmax(logits[0])[stream[i]]) * counted
    assert price(engine, CHAT).nats == pytest.approx(nats, rel=1e-5)


def test_an_empty_text_has_no_bits_per_char(make_model: Callable[..., SavedModel]) -> None:
    cost = price(Engine(make_model()), [])
    assert cost.bits_per_char is None
    assert cost.perplexity is None
