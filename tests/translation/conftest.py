"""Scripted decoders."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pytest

from tui_lm import tokenizers
from tui_lm.architecture import Seq2Seq
from tui_lm.checkpoint import Card, SavedModel
from tui_lm.tokenizers import Specials, Tokenizer, Tokenizers
from tui_lm.tokenizers.specials import BEGIN, END
from tui_lm.trace import Activation, Trace
from tui_lm.translation import Translator

Ids = tuple[int, ...]
Chances = Mapping[int, float]
Says = Callable[[Ids, Ids], Chances]
"""Returns the probabilities of some next tokens, given a source and the tokens so far."""


@dataclass
class Scripted:
    """Decodes as `says` says. With `looks` it has attention: the source position, from source and prefix."""

    size: int
    says: Says
    looks: Callable[[Ids, Ids], int] | None = None
    batches: list[int] = field(default_factory=list)  # rows of each step

    def encode(self, sources: Sequence[Sequence[int]]) -> list[tuple[Ids, Ids]]:
        return [(tuple(source), ()) for source in sources]

    def step(
        self, tokens: Sequence[int], state: list[tuple[Ids, Ids]], trace: Trace | None = None
    ) -> tuple[Any, list[tuple[Ids, Ids]]]:
        self.batches.append(len(tokens))
        after = [
            (source, () if token == BEGIN else (*prefix, token))
            for token, (source, prefix) in zip(tokens, state, strict=True)
        ]
        logits = np.full((len(tokens), self.size), -60.0, dtype=np.float32)
        for row, (source, prefix) in enumerate(after):
            for token, chance in self.says(source, prefix).items():
                logits[row, token] = np.log(chance)
        if trace is not None and self.looks is not None:
            values = np.zeros((len(after), max(len(source) for source, _ in after)), dtype=np.float32)
            for row, (source, prefix) in enumerate(after):
                values[row, min(self.looks(source, prefix), len(source) - 1)] = 1
            trace.append(Activation(0, "attention", "attention", values))
        return logits, after

    def select(self, state: list[tuple[Ids, Ids]], rows: Sequence[int]) -> list[tuple[Ids, Ids]]:
        return [state[row] for row in rows]


def noisy(size: int) -> Says:
    """A distribution over all tokens that depends on every token before, and on nothing else."""

    def says(source: Ids, prefix: Ids) -> Chances:
        seed = hashlib.blake2b(repr((source, prefix)).encode(), digest_size=8).digest()
        weights = np.random.default_rng(int.from_bytes(seed, "big")).exponential(size=size) ** 2
        return dict(enumerate((weights / weights.sum()).tolist()))

    return says


def echo(source: Ids, prefix: Ids) -> Chances:
    """Says the source again, token by token, and ends."""
    return {source[len(prefix)]: 1.0}


def same_place(source: Ids, prefix: Ids) -> int:
    return len(prefix)


@pytest.fixture
def make_translator() -> Callable[..., Translator]:
    """Makes a translator with a scripted decoder; by default it repeats the source."""

    def make(
        tokenizer: Tokenizer | None = None,
        says: Says = echo,
        looks: Callable[[Ids, Ids], int] | None = same_place,
        source: Tokenizer | None = None,
    ) -> Translator:
        tokenizer = tokenizer or tokenizers.train("char", ["abcdefghijklmnopqrstuvwxyz ,.!?'-é"] * 3, Specials())
        reads = (source or tokenizer).vocab_size
        attention = "none" if looks is None else "dot"
        architecture = Seq2Seq(tokenizer.vocab_size, reads, dim=4, hidden_size=4, attention=attention)
        model = SavedModel(
            Card("t", "pairs", architecture, tokenizer.name), Tokenizers(source or tokenizer, tokenizer), {}
        )
        return Translator(model, Scripted(tokenizer.vocab_size, says, looks))

    return make


__all__ = ["BEGIN", "END", "Scripted", "echo", "noisy", "same_place"]
