"""How a classifier reads a text: `<s> text </s>`, in lower case where its tokens are words."""

from __future__ import annotations

from tui_lm.tokenizers import Tokenizer
from tui_lm.tokenizers.specials import BEGIN, END

LONGEST = 400  # tokens; the rest of a longer text is not read


def normalised(tokenizer_name: str, text: str) -> str:
    """The text that the tokenizer gets: word tables are small, so "Happy" and "happy" are one word."""
    return text.lower() if tokenizer_name == "word" else text


def text_ids(tokenizer: Tokenizer, text: str) -> list[int]:
    """At least two ids."""
    return [BEGIN, *tokenizer.encode(normalised(tokenizer.name, text))[: LONGEST - 2], END]
