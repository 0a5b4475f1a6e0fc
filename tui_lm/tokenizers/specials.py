"""The tokens that are no text: ends of messages and names of authors.

Ids, the same in every tokenizer and those of LLaMA's where they overlap:
0 `<unk>`, 1 `<s>` begins a message, 2 `</s>` ends it, 3 `[other]` any author without a token, 4 ... the authors.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

UNKNOWN, BEGIN, END, OTHER = range(4)
FIXED = ("<unk>", "<s>", "</s>", "[other]")
MOST_AUTHORS = 64
FEWEST_MESSAGES = 20  # an author who wrote less has no voice that a token could learn


@dataclass(frozen=True, slots=True)
class Specials:
    """`authors` have a token each, most frequent first."""

    authors: tuple[str, ...] = ()

    @classmethod
    def of_authors(cls, wrote: Iterable[str | None]) -> Specials:
        """Give a token to those who wrote most; `wrote` names the author of each training message."""
        counts = Counter(author for author in wrote if author is not None)
        return cls(tuple(name for name, n in counts.most_common(MOST_AUTHORS) if n >= FEWEST_MESSAGES))

    def __len__(self) -> int:
        return len(FIXED) + len(self.authors)

    def author_id(self, author: str) -> int:
        """The id of an author's token, `[other]` for one who has none."""
        try:
            return len(FIXED) + self.authors.index(author)
        except ValueError:
            return OTHER

    def label(self, token: int) -> str:
        return FIXED[token] if token < len(FIXED) else f"[{self.authors[token - len(FIXED)]}]"
