"""Counts the n-grams of a training part: the tables of `Ngrams`, and their discounts."""

from __future__ import annotations

from array import array
from collections import Counter
from collections.abc import Iterable
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from tui_lm.completion.counts import (
    AUTHOR_SHIFT,
    MOST_AUTHORS,
    MOST_ORDER,
    WORD_BITS,
    Counts,
    GrowingCounts,
    Keys,
    Words,
    pack,
    shorten,
)
from tui_lm.completion.ngrams import EVERYONE, Ngrams, called
from tui_lm.completion.respelling import CURLY, STRAIGHT, Apostrophe
from tui_lm.completion.vocabulary import BEGIN, END, Vocabulary, folded, tokens

if TYPE_CHECKING:
    from tui_lm.utterances import Utterance


def build(utterances: Iterable[Utterance]) -> Ngrams:
    """Count the messages of a training part."""
    numbers: dict[str, int] = {}  # of the words, in order of appearance
    found, lengths, wrote = array("i"), array("i"), Counter[str]()
    writers: list[str | None] = []
    for utterance in utterances:
        words = tokens(utterance.text)
        found.extend(numbers.setdefault(word, len(numbers)) for word in words)
        lengths.append(len(words))
        writers.append(utterance.author)
        if utterance.author is not None:
            wrote[utterance.author] += len(words)
    authors = sorted(wrote, key=lambda author: (-wrote[author], author))[:MOST_AUTHORS]
    names = {called(author) for author in wrote} - {""}
    times = np.bincount(np.array(found, np.int64), minlength=len(numbers)).tolist()
    straight, curly = (sum(n for word, n in zip(numbers, times, strict=True) if c in word) for c in (STRAIGHT, CURLY))
    spelled = list(map(Apostrophe.most(straight, curly).written, numbers))
    vocabulary = Vocabulary.of([*names, *spelled])
    indices: dict[str | None, int] = {author: i for i, author in enumerate(authors, start=1)}
    own, followed = _rows(
        np.array([indices.get(author, EVERYONE) for author in writers], np.uint64),
        np.array(lengths, np.int64),
        np.array(found, np.int64),
        vocabulary.ids(spelled),
        vocabulary.ids(map(folded, spelled)),
    )
    together = own & np.uint64((1 << AUTHOR_SHIFT) - 1)
    named = own != together
    tables = [Counts.of(np.concatenate([together, own[named]]), np.concatenate([followed, followed[named]]))]
    for order in range(MOST_ORDER - 1, -1, -1):
        tables.insert(0, Counts.of(shorten(tables[0].keys, order), tables[0].words))
    discounts = np.stack([[_discounts(table, author) for table in tables] for author in range(len(authors) + 1)])
    name_ids = [known for name in names if (known := vocabulary.find(name)) is not None]
    return Ngrams(vocabulary, [GrowingCounts(table) for table in tables], discounts, authors, name_ids)


def _rows(
    authors: Keys, lengths: NDArray[np.int64], words: NDArray[np.int64], ids: Words, folded_ids: Words
) -> tuple[Keys, Words]:
    """The keys of the contexts and the words that followed: a row for each word and each end of a message.

    `authors` and `lengths` have an entry per message. `words` are the words of all messages, numbered; `ids` and
    `folded_ids` map those numbers to ids.
    """
    ends = np.cumsum(lengths + 1) - 1
    followed = np.full(int((lengths + 1).sum()), END, np.int32)
    before = np.full(len(followed), END, np.uint64)
    is_word = np.ones(len(followed), dtype=bool)
    is_word[ends] = False
    followed[is_word] = ids[words]
    before[is_word] = folded_ids[words].astype(np.uint64)
    nth = np.arange(len(followed)) - np.repeat(ends - lengths, lengths + 1)
    keys: Keys = np.repeat(authors, lengths + 1)
    for back in range(MOST_ORDER, 0, -1):
        latest = np.where(nth >= back, np.roll(before, back), np.uint64(BEGIN))
        keys = keys << np.uint64(WORD_BITS) | latest
    return keys, followed


def _discounts(table: Counts, author: int) -> list[float]:
    """The discounts of counts 0, 1, 2 and 3 or more (Chen & Goodman 1999)."""
    low, high = table.keys.searchsorted(np.array([pack(author, ()), pack(author + 1, ())], dtype=np.uint64))
    of = np.bincount(np.minimum(table.numbers[low:high], 5), minlength=6)[1:5]
    share = of[0] / (of[0] + 2 * of[1]) if of[0] else 0.5
    found = [
        min(max(i - (i + 1) * share * more / many, 0.05), i - 0.05) if many else 0.5
        for i, (many, more) in enumerate(pairwise(of.tolist()), start=1)
    ]
    return [0.0, *found]
