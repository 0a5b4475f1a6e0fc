"""Word n-grams that learn: interpolated modified Kneser-Ney smoothing (Chen & Goodman 1999) with growing counts.

The tables hold one model of all messages and one of each author, and a cache of the latest words (Kuhn & De Mori 1990).
Lower orders hold continuation counts (Kneser & Ney 1995), which learning updates; the discounts stay as they were
estimated from the training messages.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from tui_lm.completion.counts import MOST_AUTHORS, MOST_ORDER, GrowingCounts, Words, pack
from tui_lm.completion.respelling import Accents, Apostrophe
from tui_lm.completion.vocabulary import BEGIN, END, FIRST, Vocabulary, folded, tokens
from tui_lm.errors import TuiLmError
from tui_lm.tokenizers.tokenizer import text_of

Floats = NDArray[np.float64]
Level = tuple[Words, Floats, float]
"""Words seen after a context, their discounted probabilities, and the mass left to shorter contexts."""

EVERYONE = 0
DECAY = 0.98  # of the cache, per message
FREQUENT = 100  # first words that tell whether someone writes capitals
CAPITALS = 0.8  # share of first words with a capital, from which a writer does so


class Ngrams:
    """`counts[k]` are for contexts of k words; `discounts` [authors + 1, 4, 4] by author, order and min(count, 3)."""

    def __init__(
        self,
        vocabulary: Vocabulary,
        counts: Sequence[GrowingCounts],
        discounts: NDArray[np.float64],
        authors: Sequence[str],
        names: Collection[int] = (),
    ) -> None:
        self.vocabulary = vocabulary
        self.counts = counts
        self.discounts = discounts
        self.authors = list(authors)  # numbered from 1 in `discounts` and in contexts
        self.names = set(names)  # ids of the words that are authors' names
        self.latest: Floats = np.zeros(len(vocabulary))
        self.apostrophe = Apostrophe.in_words(vocabulary)
        self.accents = Accents(vocabulary)
        self._roots: dict[int, Floats] = {}  # caches by author, valid until something is learned
        self._seen: dict[int, int] = {}

    def branch(self) -> Ngrams:
        """A copy that learns independently."""
        other = Ngrams(
            self.vocabulary.branch(),
            [table.branch() for table in self.counts],
            self.discounts,
            self.authors,
            self.names,
        )
        other.latest = self.latest
        return other

    def author_index(self, author: str | None) -> int | None:
        """The number of an author's own model, or None for an author without one."""
        if author is None or author not in self.authors:
            return None
        return 1 + self.authors.index(author)

    def seen(self, author: int = EVERYONE) -> int:
        """The total of an author's lowest-order counts, or of everyone's."""
        if author not in self._seen:
            self._seen[author] = int(self.counts[0].row(pack(author, ()))[1].sum())
        return self._seen[author]

    def context(self, text: str) -> list[int | None]:
        """The latest words of a message being written, oldest first; None for an unknown word."""
        words = [self.vocabulary.find(folded(token)) for token in tokens(self.apostrophe.written(text))[-MOST_ORDER:]]
        return [*[BEGIN] * (MOST_ORDER - len(words)), *words]

    def probabilities(self, context: Sequence[int | None], author: int = EVERYONE) -> Floats:
        """P(token | context) [V + 1] of every id, END included; the last entry is the mass of unknown tokens."""
        chances = self._root(author).copy()
        for words, shares, left in self._after(context, author):
            chances *= left
            chances[words] += shares
        return chances

    def likeliest_glued(self, context: Sequence[int | None]) -> tuple[int, float]:
        """The most frequent token without a space before it after the longest context that has one, and its
        probability; (END, 0) if there is none. Much cheaper than `probabilities`."""
        levels = list(self._after(context, EVERYONE))
        for words, shares, _ in reversed(levels):
            glued = ~self.vocabulary.are_spaced(words) & (words != END)
            if glued.any():
                token = int(words[(shares * glued).argmax()])
                chance = float(self._root(EVERYONE)[token])
                for other, more, left in levels:
                    chance = left * chance + float(more[other == token].sum())
                return token, chance
        return END, 0.0

    def written(self, ids: Sequence[int]) -> list[int]:
        """Those of `ids` that somebody wrote, and that are not only forms of contexts."""
        if not ids:
            return []
        found = np.array(ids, np.int32)
        counted: list[int] = found[np.isin(found, self.counts[0].row(pack(EVERYONE, ()))[0])].tolist()
        return counted

    def capitalises(self, author: int = EVERYONE) -> bool:
        """Whether an author, or everyone, nearly always begins a message with a capital."""
        words, numbers = self.counts[MOST_ORDER].row(pack(author, [BEGIN] * MOST_ORDER))
        cased = capitals = 0
        for row in np.argsort(-numbers)[:FREQUENT].tolist():
            first = self.vocabulary.text_of(int(words[row])).lstrip(" ")[:1] if words[row] != END else ""
            if first.lower() != first.upper():
                cased += int(numbers[row])
                capitals += int(numbers[row]) * first.isupper()
        return cased > 0 and capitals >= CAPITALS * cased

    def cache(self) -> Floats | None:
        """P(token) [V + 1] in the latest messages, or None if nothing was learned yet."""
        total = self.latest.sum()
        if not total:
            return None
        chances = np.zeros(len(self.vocabulary) + 1)
        chances[: len(self.latest)] = self.latest / total
        return chances

    def learn(self, text: str, author: str | None) -> None:
        """Count a sent message."""
        words = tokens(self.apostrophe.written(text))
        if (name := called(author)) and (known := self.vocabulary.learn(name)) is not None:
            self.names.add(known)
        ids = [self.vocabulary.learn(word) for word in words]
        contexts = [self.vocabulary.learn(folded(word)) for word in words]
        self._roots.clear()
        self._seen.clear()
        indices = {EVERYONE, self._index_of(author)}
        for index in indices:
            history: list[int | None] = [BEGIN] * MOST_ORDER
            for word, after in zip([*ids, END], [*contexts, None], strict=True):
                self._count(index, history, word)
                history = [*history[1:], after]
        for index in indices:  # now, so that the next key does not wait for it
            self._root(index)
            self.seen(index)
        grown = np.zeros(len(self.vocabulary))
        grown[: len(self.latest)] = self.latest * DECAY
        np.add.at(grown, [word for word in ids if word is not None], 1.0)
        self.latest = grown

    def forget_word(self, word: str) -> bool:
        """Take a word out of the learned counts, in any capitals. Returns whether it was in them.

        Of several words together, only those that training did not see: the others are common.
        """
        wanted = {folded(token) for token in tokens(self.apostrophe.written(word))}
        learned = [i for i, spelled in enumerate(self.vocabulary.learned) if folded(text_of(spelled)) in wanted]
        ids = {FIRST + self.vocabulary.sorted + i for i in learned}
        if len(wanted) == 1:
            (form,) = wanted
            plain = form.lstrip(" ")
            spellings = (lead + cased for lead in (" ", "") for cased in (plain, plain.capitalize(), plain.upper()))
            ids |= {token for spelling in spellings if (token := self.vocabulary.find(spelling)) is not None}
        gone = np.array(sorted(ids), np.int32)
        found = [table.forget(gone) for table in self.counts]
        self.latest = self.latest.copy()
        self.latest[gone[gone < len(self.latest)]] = 0.0
        self.vocabulary.forget(learned)
        self.names.difference_update(FIRST + self.vocabulary.sorted + i for i in learned)
        self._roots.clear()
        self._seen.clear()
        return any(found) or bool(learned)

    def add_authors(self, authors: Sequence[str]) -> None:
        """Make room for those who wrote nothing in training; their discounts are everyone's."""
        self.authors += authors
        self.discounts = np.concatenate([self.discounts, *[self.discounts[:1]] * len(authors)])

    def _index_of(self, author: str | None) -> int:
        index = self.author_index(author)
        if index is None:
            if author is None or len(self.authors) >= MOST_AUTHORS:
                return EVERYONE
            self.add_authors([author])
            index = len(self.authors)
        return index

    def _count(self, author: int, history: Sequence[int | None], word: int | None) -> None:
        """Once more in the longest context; in a shorter one as well where this is new in the longer."""
        for order in range(MOST_ORDER, -1, -1):
            latest = [known for known in history[MOST_ORDER - order :] if known is not None]
            if word is None or len(latest) < order:
                continue
            if self.counts[order].add(pack(author, latest), word):
                return

    def _root(self, author: int) -> Floats:
        """The distribution in no context, over a uniform one of all ids and the rest."""
        if author not in self._roots:
            chances = np.full(len(self.vocabulary) + 1, 1.0 / (len(self.vocabulary) + 1))
            for words, shares, left in self._discounted(author, 0, ()):
                chances *= left
                chances[words] += shares
            self._roots[author] = chances
        return self._roots[author]

    def _after(self, context: Sequence[int | None], author: int) -> Iterator[Level]:
        """The levels to interpolate, from the latest word alone to the longest context that was seen."""
        for order in range(1, MOST_ORDER + 1):
            known = [word for word in context[MOST_ORDER - order :] if word is not None]
            level = list(self._discounted(author, order, known)) if len(known) == order else []
            if not level:
                return
            yield level[0]

    def _discounted(self, author: int, order: int, context: Sequence[int]) -> Iterator[Level]:
        """The counts after a context as a level, if there are any."""
        words, numbers = self.counts[order].row(pack(author, context))
        if len(words):
            if words.min() < 0 or words.max() >= len(self.vocabulary) or numbers.min() < 1:
                raise TuiLmError("the n-grams of the model are damaged", "train the model again")
            taken = self.discounts[author, order][np.minimum(numbers, 3)]
            total = float(numbers.sum())
            yield words, (numbers - taken) / total, float(taken.sum()) / total


def called(author: str | None) -> str:
    """The token that addresses an author at the start of a message, "" for None."""
    return next(iter(tokens(author or "")), "")
