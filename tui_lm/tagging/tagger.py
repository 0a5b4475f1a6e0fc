"""A tagger ready to use: sentences of words in, their tags out."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from tui_lm import checkpoint
from tui_lm.architecture import Tagger
from tui_lm.checkpoint import Card, SavedModel
from tui_lm.linear.tag_model import LinearTagModel
from tui_lm.runtime.cells import Array
from tui_lm.runtime.crf import Chain
from tui_lm.runtime.tagger import TaggerRuntime
from tui_lm.tagging.mixture import Scored, TagMixture
from tui_lm.tagging.words import word_ids
from tui_lm.tokenizers.word import WordTokenizer

_WORD = re.compile(r"https?://\S+|[@#]?\w+(?:[.\-]\w+)*|['’]\w+|[^\w\s]")


@dataclass(frozen=True, slots=True)
class Tagged:
    """A text, the span of each word in it, the words and their tags, and the probability of each tag at its word."""

    text: str
    spans: tuple[tuple[int, int], ...]
    tokens: tuple[str, ...]
    tags: tuple[str, ...]
    probabilities: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class SentenceTagger:
    """`network` and `linear` give scores, `mixture` weighs them; `chain` has their moves, without forbidden ones."""

    card: Card
    table: WordTokenizer
    network: TaggerRuntime
    linear: LinearTagModel
    mixture: TagMixture
    chain: Chain

    @classmethod
    def open(cls, folder: Path) -> SentenceTagger:
        """Raises TuiLmError for a folder that is damaged or holds no tagger."""
        model = checkpoint.load(folder)
        return cls.of(model, LinearTagModel.load(folder, len(model.card.labels)), TagMixture.load(folder))

    @classmethod
    def of(cls, model: SavedModel, linear: LinearTagModel, mixture: TagMixture) -> SentenceTagger:
        assert isinstance(model.card.architecture, Tagger) and isinstance(model.tokenizer, WordTokenizer)
        network = TaggerRuntime(model.card.architecture, model.weights)
        chain = mixture.chain(network.chain, Chain(linear.first, linear.last, linear.transitions))
        return cls(model.card, model.tokenizer, network, linear, mixture, chain.allowing(model.card.labels))

    @property
    def labels(self) -> tuple[str, ...]:
        return self.card.labels

    def tag(self, texts: Iterable[str], window: int = 1) -> Iterator[Tagged]:
        """Each text with its tags, in their order. `window` texts are read together, which is faster."""
        rest = iter(texts)
        while together := list(islice(rest, window)):
            spans = [tuple(match.span() for match in _WORD.finditer(text)) for text in together]
            words = [[text[slice(*span)] for span in own] for text, own in zip(together, spans, strict=True)]
            for text, own, row, scores in zip(together, spans, words, self.scores(words), strict=True):
                yield self._tagged(text, own, row, scores)

    def tags(self, sentences: Sequence[Sequence[str]]) -> list[list[str]]:
        """The tags of sentences that are words already."""
        return [self._best(scores) for scores in self.scores(sentences)]

    def scores(self, sentences: Sequence[Sequence[str]]) -> list[Array]:
        """The scores [T, K] of each sentence by the mixture; an empty one has T = 0."""
        there = [words for words in sentences if words]
        found = iter([self.mixture.scores(scored, self.labels) for scored in self.parts(there)])
        return [next(found) if words else self.linear.weights[:0] for words in sentences]

    def parts(self, sentences: Sequence[Sequence[str]]) -> list[Scored]:
        """The scores by both parts, of sentences of at least one word."""
        return scored(self.network, self.linear, self.table, sentences)

    def _best(self, scores: Array) -> list[str]:
        return [self.labels[tag] for tag in self.chain.viterbi(scores)[0]] if len(scores) else []

    def _tagged(self, text: str, spans: tuple[tuple[int, int], ...], words: Sequence[str], scores: Array) -> Tagged:
        if not len(scores):
            return Tagged(text, (), (), (), ())
        tags, _ = self.chain.viterbi(scores)
        p = self.chain.marginals(scores)[range(len(tags)), tags]
        return Tagged(text, spans, tuple(words), tuple(self.labels[tag] for tag in tags), tuple(p.tolist()))


def scored(
    network: TaggerRuntime,
    linear: LinearTagModel,
    table: WordTokenizer,
    sentences: Sequence[Sequence[str]],
    together: int = 64,
) -> list[Scored]:
    """The scores by both parts, of sentences of at least one word."""
    order = sorted(range(len(sentences)), key=lambda i: len(sentences[i]))
    found: dict[int, Scored] = {}
    for at in range(0, len(order), together):
        chosen = order[at : at + together]
        words = [sentences[i] for i in chosen]
        of_network = network.scores(words, [word_ids(table, row) for row in words])
        for i, row, scores in zip(chosen, words, of_network, strict=True):
            found[i] = Scored(scores, linear.scores(row))
    return [found[i] for i in range(len(sentences))]
