"""The interface of all tokenizers."""

from __future__ import annotations

import json
from abc import ABC, abstractmethod
from collections.abc import Iterable, Sequence
from functools import cached_property
from itertools import pairwise
from pathlib import Path
from typing import Any, ClassVar, Self

from tui_lm.errors import DAMAGE, TuiLmError
from tui_lm.tokenizers.specials import FIXED, Specials

FILE = "tokenizer.json"
NEW = -1  # in place of an id in another tokenizer, which has no such token


class Tokenizer(ABC):
    """Text to token ids and back.

    Ids below `len(specials)` are special tokens; `encode` never yields them, except for `<unk>` of the word tokenizer.
    `surfaces[id]` are the bytes that a token spells (UTF-8, perhaps a part of a character); specials spell nothing.
    """

    name: ClassVar[str]
    lossless: ClassVar[bool]  # decode(encode(x)) == x for every string

    specials: Specials
    surfaces: Sequence[bytes]

    @property
    def vocab_size(self) -> int:
        return len(self.surfaces)

    @cached_property
    def spaced_start(self) -> bool:
        """Whether `encode` puts a space before the text, which `decode` takes off again."""
        return b"".join(self.surfaces[token] for token in self.encode("a")).startswith(b" ")

    @classmethod
    @abstractmethod
    def train(cls, texts: Iterable[str], specials: Specials, vocab_size: int | None = None) -> Self: ...

    @abstractmethod
    def extended(self, specials: Specials, texts: Iterable[str]) -> Self:
        """This tokenizer with other authors, then the same tokens, then new ones that `texts` need."""

    def trimmed(self, specials: Specials, texts: Iterable[str]) -> Self:
        """As `extended`, without tokens that `texts` do not need, where the tokenizer can do without them."""
        return self.extended(specials, texts)

    def ids_in(self, base: Tokenizer) -> list[int]:
        """The id that `base`, which this tokenizer extends, has for each of its tokens, or NEW.

        An author whom the base does not know is its `[other]`.
        """
        authors = [base.specials.author_id(author) for author in self.specials.authors]
        ids = [*range(len(FIXED)), *authors, *range(len(base.specials), base.vocab_size)]
        return [*ids, *[NEW] * (self.vocab_size - len(ids))]

    @abstractmethod
    def encode(self, text: str) -> list[int]: ...

    def decode(self, ids: Iterable[int]) -> str:
        """The text of `ids`, without specials. Bytes that do not form a whole character become U+FFFD."""
        return text_of(b"".join(self.surfaces[token] for token in ids))

    def spans(self, text: str) -> list[tuple[int, int]]:
        """The span in `text`, in characters, of each token of `encode(text)`. A part of a character has all of it."""
        bounds = [0]
        for token in self.encode(text):
            bounds.append(bounds[-1] + len(self.surfaces[token]))
        at = [0] * self.spaced_start  # the index of the character that each byte belongs to
        for index, character in enumerate(text):
            at.extend([index] * len(bytes_of(character)))
        return [
            (at[begin], at[end - 1] + 1) if begin < end <= len(at) else (len(text), len(text))
            for begin, end in pairwise(bounds)
        ]

    @abstractmethod
    def to_files(self, folder: Path) -> None: ...

    @classmethod
    @abstractmethod
    def from_files(cls, folder: Path) -> Self: ...


def bytes_of(text: str) -> bytes:
    """UTF-8 that keeps lone surrogates, which exports of some programs contain."""
    return text.encode("utf-8", "surrogatepass")


def text_of(data: bytes) -> str:
    try:
        return data.decode("utf-8", "surrogatepass")
    except UnicodeDecodeError:
        return data.decode("utf-8", "replace")


def write_json(folder: Path, values: dict[str, Any]) -> None:
    (folder / FILE).write_text(json.dumps(values, ensure_ascii=True, indent=0), encoding="ascii")


def read_json(folder: Path, **kinds: type) -> dict[str, Any]:
    """The values of `tokenizer.json`. Raises TuiLmError if one is missing or not of the type in `kinds`."""
    try:
        values = json.loads((folder / FILE).read_text("ascii"))
        if all(isinstance(values[name], kind) for name, kind in kinds.items()):
            return dict(values)
    except (OSError, *DAMAGE):
        pass
    raise TuiLmError("the model's tokenizer is missing or damaged", "train the model again")
