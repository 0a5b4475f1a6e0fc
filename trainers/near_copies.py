"""Which messages that a teacher wrote are near copies of real ones."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

WORD = re.compile(r"\w+")
RUN = 4  # words
FEWEST = 5  # words of a message that can be somebody's; shorter ones everybody writes
MOST_SHARED = 0.5  # of a message's runs of words, in real messages


class RealMessages:
    """The runs of words in real messages."""

    def __init__(self, texts: Iterable[str]) -> None:
        self._runs = {run for text in texts for run in _runs(_words(text))}

    def copied(self, text: str) -> bool:
        """Whether more than MOST_SHARED of the runs of RUN words in `text` stand in real messages."""
        words = _words(text)
        if len(words) < FEWEST:
            return False
        runs = list(_runs(words))
        return sum(run in self._runs for run in runs) > MOST_SHARED * len(runs)


def _words(text: str) -> list[str]:
    return WORD.findall(text.casefold())


def _runs(words: list[str]) -> Iterator[tuple[str, ...]]:
    return zip(*(words[i:] for i in range(RUN)), strict=False)
