"""Engines of every network family with every tokenizer that it is used with."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tui_lm.checkpoint import SavedModel
from tui_lm.engine import Engine

KINDS = (
    "lstm char",
    "lstm word",
    "lstm subword",
    "gru char",
    "gru subword",
    "rnn char",
    "rnn word",
    "llama char",
    "llama subword",
    "seq2seq char",
    "seq2seq word",
    "seq2seq subword",
)


@pytest.fixture(params=KINDS)
def engine(
    request: pytest.FixtureRequest,
    make_model: Callable[..., SavedModel],
    make_llama: Callable[..., SavedModel],
    make_reply_model: Callable[..., SavedModel],
) -> Engine:
    """A network with random weights; the seq2seq is one of replies."""
    family, tokenizer = request.param.split()
    if family == "llama":
        return Engine(make_llama(tokenizer, context=32))
    if family == "seq2seq":
        return Engine(make_reply_model(tokenizer))
    return Engine(make_model(family, tokenizer))
