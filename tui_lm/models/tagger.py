"""The tagger as it is trained (Lample et al. 2016).

Shapes: T words, B sentences, U distinct words, S characters, K tags.
"""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor, nn

from tui_lm.architecture import Tagger
from tui_lm.architecture.tagger import CHARACTERS
from tui_lm.models.crf import Crf
from tui_lm.models.dropout import embed, locked_dropout
from tui_lm.models.model import Model, State
from tui_lm.models.rates import DropoutRates
from tui_lm.models.reader import cells, read


class Spelled(NamedTuple):
    """Stands in place of a state: the lengths of the sentences, and how their words are spelled."""

    lengths: Tensor  # [B]
    characters: Tensor  # [S, U] rows of the table of characters
    word_lengths: Tensor  # [U]
    which: Tensor  # [T, B]: the column of `characters` that spells each word


class TaggerModel(Model):
    """words and characters -> cells -> linear to scores. The CRF is asked for the loss."""

    def __init__(self, architecture: Tagger, rates: DropoutRates | None = None) -> None:
        super().__init__()
        self.architecture, self.rates = architecture, rates or DropoutRates()
        shape = architecture
        self.embedding = nn.Embedding(shape.vocab_size, shape.dim)
        self.characters = nn.Embedding(CHARACTERS, shape.character_dim)
        self.spelling = cells(shape.spec, shape.character_dim, shape.character_size, 1, bidirectional=True)
        self.rnn = cells(shape.spec, shape.word_width, shape.hidden_size, 1, shape.bidirectional)
        self.head = nn.Linear(shape.width, shape.num_tags)
        self.crf = Crf(shape.num_tags)

    def forward(self, inputs: Tensor, state: State | None = None) -> tuple[Tensor, State]:
        """Word ids [T, B] with their `Spelled` -> scores [T, B, K]."""
        if not isinstance(state, Spelled):
            raise ValueError("a tagger needs the spelling of its words")
        rates, spec = self.rates, self.architecture.spec
        characters = self.characters(state.characters)
        spelled = read(spec, self.spelling, characters, state.word_lengths, 0.0, self.training).last
        words = embed(inputs, self.embedding.weight, rates.embedding, self.training)
        x = torch.cat([words, spelled[state.which].type_as(words)], dim=-1)
        x = locked_dropout(x, rates.input, self.training, time=0)
        states = read(spec, self.rnn, x, state.lengths, 0.0, self.training).states
        scores: Tensor = self.head(locked_dropout(states, rates.output, self.training, time=0))
        return scores.float(), ()

    def carry(self, state: State, fresh: Tensor) -> State:
        return ()
