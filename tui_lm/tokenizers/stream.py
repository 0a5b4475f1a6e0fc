"""A chat as one stream of tokens: `<s> [author] text </s>` for each message, in time order."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from tui_lm.tokenizers.specials import BEGIN, END
from tui_lm.tokenizers.tokenizer import Tokenizer

History = Sequence[tuple[str | None, str]]
"""Messages before the current one as (author, text), oldest first."""


@dataclass(frozen=True, slots=True)
class WritingContext:
    """A message while it is written: its `text` so far, who writes it, and the messages before it.

    `author` is None for no particular author. `text` ends at the cursor.
    """

    text: str = ""
    author: str | None = None
    history: History = ()

    def with_text(self, text: str) -> WritingContext:
        """The same message with another text."""
        return replace(self, text=text)


def opening(tokenizer: Tokenizer, author: str | None) -> list[int]:
    """The tokens before the text of a message: `<s> [author]`, or `<s>` alone if no author is named."""
    return [BEGIN] if author is None else [BEGIN, tokenizer.specials.author_id(author)]


def message_ids(tokenizer: Tokenizer, text: str, author: str | None) -> list[int]:
    return [*opening(tokenizer, author), *tokenizer.encode(text), END]


def history_ids(tokenizer: Tokenizer, history: Iterable[tuple[str | None, str]]) -> list[int]:
    return [token for author, text in history for token in message_ids(tokenizer, text, author)]


def latest_messages(ids: Sequence[int], most: int) -> Sequence[int]:
    """As many of the last whole messages of `ids` as fit into `most` tokens; the end of the last one if it is longer.

    Truncating `ids` with a larger `most` first does not change the result.
    """
    ids = ids[-most:]
    return next((ids[position:] for position, token in enumerate(ids) if token == BEGIN), ids)
