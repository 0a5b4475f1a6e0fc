"""Special tokens: the ends of messages and the authors.

Ids are the same in every tokenizer, and equal to LLaMA's where they overlap:
0 `<unk>`, 1 `<s>` begins a message, 2 `</s>` ends it, 3 `[other]` an author without a token, 4 ... the authors.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

UNKNOWN, BEGIN, END, OTHER = range(4)
FIXED = ("<unk>", "<s>", "</s>", "[other]")
MOST_AUTHORS = 64
FEWEST_MESSAGES = 20  # too few messages to train an author's token


@dataclass(frozen=True, slots=True)
class Specials:
    """The special tokens of a model. `authors` have a token each, most frequent first."""

    authors: tuple[str, ...] = ()

    @classmethod
    def of_authors(cls, wrote: Iterable[str | None]) -> Specials:
        """Specials with a token for the most frequent authors; `wrote` names the author of each training message."""
        counts = Counter(author for author in wrote if author is not None)
        return cls(tuple(name for name, n in counts.most_common(MOST_AUTHORS) if n >= FEWEST_MESSAGES))

    def __len__(self) -> int:
        return len(FIXED) + len(self.authors)

    def author_id(self, author: str) -> int:
        """The id of an author's token, or of `[other]` for an author without one."""
        try:
            return len(FIXED) + self.authors.index(author)
        except ValueError:
            return OTHER

    def label(self, token: int) -> str:
        return FIXED[token] if token < len(FIXED) else f"[{self.authors[token - len(FIXED)]}]"
