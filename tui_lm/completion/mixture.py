"""The mixture of the network and the n-grams.

A linear mixture (Jelinek & Mercer 1980): each model is renormalised to what is typed, then they are added with weights
that sum to 1. The weights were fitted on validation messages (docs/decisions.md). A model that knows no word with the
typed beginning leaves its weight to the others.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from tui_lm.completion.ngrams import EVERYONE, Floats, Ngrams, called
from tui_lm.completion.respelling import dressed, lowered
from tui_lm.completion.search import Found
from tui_lm.completion.words import Cursor, is_unspaced
from tui_lm.tokenizers.stream import WritingContext

Indices = NDArray[np.intp]

BEST = 24  # words of the n-grams that become candidates
TRUSTED = 200  # counts at which a model gets half of its weight
SPEAKERS, FADING = 40, 0.8  # latest messages whose authors may be addressed; decay per message
OTHERWISE = 0.2  # weight of a word in another spelling than the typed one
RECENT = 0.95  # share of a name's probability at the start of a message that recency decides, not counts


@dataclass(frozen=True, slots=True)
class Weights:
    """Mixture weights of the network, everyone's n-grams, the author's own n-grams, and the cache of latest words."""

    network: float
    everyone: float
    own: float
    latest: float


NOTHING_TYPED = Weights(0.3, 0.35, 0.33, 0.02)
TYPED = Weights(0.5, 0.26, 0.22, 0.02)


class Mixture:
    """Mixes the n-grams into the units that a network found. Valid until the n-grams learn."""

    def __init__(self, ngrams: Ngrams, context: WritingContext) -> None:
        self._ngrams = ngrams
        self._addressed = _addressed(ngrams, context)
        self._own = ngrams.author_index(context.author)
        self._trust = [_trust(ngrams, EVERYONE), 0.0 if self._own is None else _trust(ngrams, self._own), 1.0]
        self._known: dict[str, list[Floats | None]] = {}
        self._varied: tuple[Cursor, list[int]] | None = None

    def mix(self, at: Cursor, network: Found) -> Found:
        """The units after `at` with their mixed probabilities; `network` may be empty."""
        ids, parts = self.words(at)
        weights = TYPED if at.word else NOTHING_TYPED
        trust = weights.network if network.units or network.complete else 0.0
        total = trust + sum(weight for weight, _ in parts)
        if not parts:
            return network
        scale = trust / total
        mixed = Found({unit: p * scale for unit, p in network.units.items()}, network.complete * scale)
        literal = len(ids) - len(self._variants(at))
        chances = np.sum([probabilities * (weight / total) for weight, probabilities in parts], axis=0)
        vocabulary = self._ngrams.vocabulary
        best = np.argpartition(-chances, BEST)[:BEST] if len(chances) > BEST else np.arange(len(chances))
        typed = len(_token(at))
        texts = {vocabulary.text_of(int(ids[row]))[typed:]: int(row) for row in best if row < literal}
        if len(best) < literal:
            trained, _ = vocabulary.starting_with(_token(at))
            for unit in network.units.keys() - texts.keys():
                token = vocabulary.find(_token(at) + unit, trained)
                if token is not None:
                    texts[unit] = int(ids[:literal].searchsorted(token))
        for unit, row in texts.items():
            mixed.add(unit, float(chances[row]))
        for row in best[best >= literal].tolist():
            word = vocabulary.text_of(int(ids[row])).lstrip(" ")
            word = dressed(word, at.word) if lowered(at.word) else word
            if word.startswith(at.word):
                mixed.add(word[len(at.word) :], float(chances[row]))
            else:
                mixed.respelled[word] = mixed.respelled.get(word, 0.0) + float(chances[row])
        return mixed

    def knows(self, at: Cursor) -> bool:
        """Whether a word begins as typed, in just this spelling."""
        trained, learned = self._ngrams.vocabulary.starting_with(_token(at))
        return trained.start < trained.stop or bool(learned)

    def has_variants(self, at: Cursor) -> bool:
        return len(self._variants(at)) > 0

    @property
    def capitalises(self) -> bool:
        """Whether the author begins sentences with a capital."""
        return self._ngrams.capitalises(EVERYONE if self._own is None else self._own)

    def written(self, units: Mapping[str, float]) -> dict[str, float]:
        """`units` with the chat's own apostrophe."""
        written: dict[str, float] = {}
        for unit, chance in units.items():
            unit = self._ngrams.apostrophe.written(unit)
            written[unit] = written.get(unit, 0.0) + chance
        return written

    def _variants(self, at: Cursor) -> list[int]:
        """The ids of words that begin as typed but for capitals that were typed and accents that were not."""
        if self._varied is None or self._varied[0] != at:
            found: list[int] = []
            if at.word and not is_unspaced(at.word):
                plain = lowered(at.word)
                if plain is not None:
                    trained, learned = self._ngrams.vocabulary.starting_with(_token(replace(at, word=plain)))
                    found = [*range(trained.start, trained.stop), *learned]
                if not at.lead:
                    spelled = (at.word,) if plain is None else (at.word, plain)
                    found += (token for word in spelled for token in self._ngrams.accents.starting_with(word))
            self._varied = at, self._ngrams.written(found)
        return self._varied[1]

    def words(self, at: Cursor) -> tuple[Indices, list[tuple[float, Floats]]]:
        """Ids [M] of the words with the typed beginning, sorted, then of those that begin so in another spelling; and
        for each model its weight and P(word) [M].

        Empty after a mark ("hello,"), where a word and a space compete, and in scripts without spaces.
        """
        if (at.lead and not at.word) or is_unspaced(at.word):
            return np.empty(0, dtype=np.intp), []
        sorted_ids, learned = self._ngrams.vocabulary.starting_with(_token(at))
        variants = self._variants(at)
        ids = np.concatenate(
            [np.arange(sorted_ids.start, sorted_ids.stop), np.array([*learned, *variants], dtype=np.intp)]
        )
        weights = TYPED if at.word else NOTHING_TYPED
        shares = (weights.everyone, weights.own, weights.latest)
        parts: list[tuple[float, Floats]] = []
        for share, trust, chances in zip(shares, self._trust, self._chances(at.before + at.lead), strict=True):
            if chances is None:
                continue
            chosen = np.concatenate([chances[sorted_ids], chances[learned], OTHERWISE * chances[variants]])
            if (total := float(chosen.sum())) > 0:
                parts.append((share * trust, chosen / total))
        return ids, parts

    def _address(self, chances: Floats) -> None:
        """Redistribute the probability of names at the start of a message by who wrote last. Changes `chances`."""
        if not self._addressed:
            return
        names = np.fromiter(self._ngrams.names, np.intp)
        moved = RECENT * float(chances[names].sum())
        chances[names] *= 1.0 - RECENT
        for name, share in self._addressed.items():
            chances[name] += moved * share

    def _chances(self, text: str) -> list[Floats | None]:
        """P(token | text) of everyone's n-grams, the author's own and the cache."""
        known = self._known.get(text)
        if known is None:
            context = self._ngrams.context(text)
            models = [self._ngrams.probabilities(context, EVERYONE)]
            if self._own is not None:
                models.append(self._ngrams.probabilities(context, self._own))
            if not text:
                for chances in models:
                    self._address(chances)
            known = [models[0], None if self._own is None else models[1], self._ngrams.cache()]
            self._known = {text: known}  # only of the word being typed; earlier ones are not needed again
        return known


def _addressed(ngrams: Ngrams, context: WritingContext) -> dict[int, float]:
    """Weights of the names that may begin a message: the authors of the latest messages, by recency."""
    weights: dict[int, float] = {}
    for ago, (other, _) in enumerate(reversed(context.history[-SPEAKERS:])):
        name = None if other == context.author else ngrams.vocabulary.find(called(other))
        if name is not None:
            weights[name] = weights.get(name, 0.0) + FADING**ago
    total = sum(weights.values())
    return {name: weight / total for name, weight in weights.items()}


def _trust(ngrams: Ngrams, author: int) -> float:
    """The share of its weight that an author's model gets: small for a new author or a new model."""
    seen = ngrams.seen(author)
    return seen / (seen + TRUSTED)


def _token(at: Cursor) -> str:
    """The typed word in the n-grams' spelling: with a space before it unless it follows a mark directly."""
    return at.word if at.lead else f" {at.word}"
