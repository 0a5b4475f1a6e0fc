"""What a unit may track: properties of a text that are known after each token of a message."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tui_lm.errors import TuiLmError
from tui_lm.tokenizers import Tokenizer
from tui_lm.utterances import Utterance

Array = NDArray[np.floating]
OfText = Callable[[str], Sequence[float]]
"""A value after each character of a text."""

PAIRS = {"(": ")", "[": "]", "{": "}"}
CLOSING = {"“": "”", "«": "»", "„": "“", '"': '"'}
APOSTROPHES = "'’"


def _inside_quotes(text: str) -> list[float]:
    values, closed_by = [], ""
    for character in text:
        if not closed_by:
            closed_by = CLOSING.get(character, "")
        elif character == closed_by:
            closed_by = ""
        values.append(float(bool(closed_by)))
    return values


def _inside_brackets(text: str) -> list[float]:
    values, open_ = [], list[str]()
    for character in text:
        if character in PAIRS:
            open_.append(PAIRS[character])
        elif open_ and character == open_[-1]:
            open_.pop()
        values.append(float(bool(open_)))
    return values


def _word_length(text: str) -> list[float]:
    values, length = [], 0
    for character in text:
        length = length + 1 if character.isalnum() or (length and character in APOSTROPHES) else 0
        values.append(float(length))
    return values


def _inside_word(text: str) -> list[float]:
    return [float(length > 0) for length in _word_length(text)]


def _line_position(text: str) -> list[float]:
    values, position = [], 0
    for character in text:
        position = 0 if character == "\n" else position + 1
        values.append(float(position))
    return values


def _message_length(text: str) -> list[float]:
    return [float(length) for length in range(1, len(text) + 1)]


PROPERTIES: Mapping[str, OfText] = {
    "inside a word": _inside_word,
    "word length so far": _word_length,
    "message length so far": _message_length,
    "line position": _line_position,
    "inside quotes": _inside_quotes,
    "inside brackets": _inside_brackets,
}
FORMS = ("author = NAME", 'after "TEXT"')  # properties with a name or a text in them
HINT = f"properties: {', '.join([*PROPERTIES, *FORMS])}"


@dataclass(frozen=True, slots=True)
class Property:
    """What is tracked, by its name. Lengths are in characters; what is inside something is 1 there and 0 elsewhere."""

    name: str

    @classmethod
    def parse(cls, written: str) -> Property:
        """Raises TuiLmError if there is no such property."""
        name = " ".join(written.split())
        found = cls(name)
        if name.casefold() in PROPERTIES:
            return cls(name.casefold())
        if found.author is None and found.said is None:
            raise TuiLmError("there is no such property to track", HINT, exit_code=2)
        return found

    @property
    def author(self) -> str | None:
        match = re.fullmatch(r"author ?= ?(.+)", self.name, re.IGNORECASE)
        return match[1] if match else None

    @property
    def said(self) -> str | None:
        """The text of "after TEXT"."""
        match = re.fullmatch(r"after [\"“](.+)[\"”]", self.name, re.IGNORECASE)
        return match[1] if match else None

    def of(self, tokenizer: Tokenizer, utterance: Utterance, tokens: Sequence[int]) -> Array:
        """The value after each of the message's `tokens` [T]."""
        if self.author is not None:
            return np.full(len(tokens), float((utterance.author or "").casefold() == self.author.casefold()))
        text, ends = _read(tokenizer, tokens)
        if self.said is not None:
            begin = text.casefold().find(self.said.casefold())
            end = begin + len(self.said) if begin >= 0 else len(text) + 1
            return np.array([float(at >= end) for at in ends])
        values = np.array([0.0, *PROPERTIES[self.name](text)])
        return values[np.minimum(ends, len(text))]


def _read(tokenizer: Tokenizer, tokens: Sequence[int]) -> tuple[str, NDArray[np.intp]]:
    """The text of the tokens, and how many of its characters have begun after each of them."""
    spelled = [tokenizer.surfaces[token] for token in tokens]
    whole = b"".join(spelled)
    begins = np.concatenate([[0], np.cumsum([byte & 0xC0 != 0x80 for byte in whole])]).astype(np.intp)
    ends = begins[np.cumsum([len(piece) for piece in spelled], dtype=np.intp)] if spelled else np.zeros(0, np.intp)
    text = whole.decode("utf-8", "replace")
    if tokenizer.spaced_start and text.startswith(" "):
        return text[1:], np.maximum(ends - 1, 0)
    return text, ends
