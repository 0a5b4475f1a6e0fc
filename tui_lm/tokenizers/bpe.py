"""Byte-pair encoding (Sennrich et al. 2016; over bytes: Radford et al. 2019) of pretrained models.

Their `tokenizer.json` runs in the package `tokenizers`, which only imported models need.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Self

from tui_lm.errors import TuiLmError
from tui_lm.tokenizers.specials import FIXED, Specials
from tui_lm.tokenizers.tokenizer import NEW, Tokenizer, bytes_of, read_json, write_json

MODEL = "bpe.json"
FIRST_MERGES = 8000  # merges that a trimmed vocabulary keeps whether its text has them or not
SPACE = "\N{LOWER ONE EIGHTH BLOCK}"
SURROGATES = re.compile("([\ud800-\udfff]+)")
BYTE = re.compile(r"<0x([0-9A-F]{2})>")


class BpeTokenizer(Tokenizer):
    """Ids: our specials, then the pretrained model's tokens in their order, without its own specials.

    `theirs[i]` is the pretrained model's id of our token `len(specials) + i`.
    """

    name = "bpe"
    lossless = True

    def __init__(self, specials: Specials, model: str) -> None:
        try:
            import tokenizers
        except ImportError as error:
            raise TuiLmError(
                "this model's tokenizer needs the package tokenizers", "pip install 'tui-lm[import]'"
            ) from error
        self.specials = specials
        self.model = model
        values = json.loads(model)
        vocabulary = dict(values["model"]["vocab"])
        vocabulary |= {token["content"]: token["id"] for token in values["added_tokens"]}
        special = {token["id"] for token in values["added_tokens"] if token.get("special")}
        # Strings that look like special tokens are ordinary text, so the package is not told about special tokens.
        values["added_tokens"] = [token for token in values["added_tokens"] if not token.get("special")]
        values["post_processor"] = values["truncation"] = values["padding"] = None
        self._tokenizer: Any = tokenizers.Tokenizer.from_str(json.dumps(values))
        texts = {token: text for text, token in vocabulary.items() if token not in special}
        self.theirs = sorted(texts)
        self._ours = {token: len(specials) + i for i, token in enumerate(self.theirs)}
        spell = (
            _spelled_in_bytes if "ByteLevel" in json.dumps([values["pre_tokenizer"], values["decoder"]]) else _spelled
        )
        self.surfaces = [*(b"" for _ in range(len(specials))), *(spell(texts[token]) for token in self.theirs)]
        self._bytes = {surface[0]: i for i, surface in reversed([*enumerate(self.surfaces)]) if len(surface) == 1}
        self._spaced = self.surfaces[self.encode("a")[0]].startswith(b" ")

    @classmethod
    def train(cls, texts: Iterable[str], specials: Specials, vocab_size: int | None = None) -> Self:
        raise TuiLmError("this tokenizer comes with pretrained models", "use subword", exit_code=2, about="tokenizer")

    def extended(self, specials: Specials, texts: Iterable[str]) -> Self:
        return type(self)(specials, self.model)

    def trimmed(self, specials: Specials, texts: Iterable[str], most_frequent: int | None = None) -> Self:
        """This tokenizer with other authors and a part of its tokens, by which `texts` are cut as they were.

        Kept are the tokens of `texts`, those of the first merges, which other texts need most, and single bytes or
        characters; then all tokens that these are merged from, so that no merge that led to one of them is missing.
        """
        values = json.loads(self.model)
        vocabulary: dict[str, int] = values["model"]["vocab"]
        merges = [
            tuple(merge.split(" ", 1)) if isinstance(merge, str) else tuple(merge)
            for merge in values["model"]["merges"]
        ]
        made_from: dict[str, list[tuple[str, ...]]] = {}
        for merge in merges:
            made_from.setdefault("".join(merge), []).append(merge)
        named = {token: text for text, token in vocabulary.items()}
        used = {self.theirs[token - len(self.specials)] for text in texts for token in set(self.encode(text))}
        added = {token["content"] for token in values["added_tokens"]}
        wanted = [named[token] for token in used if token in named]
        wanted += ["".join(merge) for merge in merges[: FIRST_MERGES if most_frequent is None else most_frequent]]
        wanted += [text for text in vocabulary if text not in made_from]
        kept: set[str] = set()
        while wanted:
            text = wanted.pop()
            if text in vocabulary and text not in kept:
                kept.add(text)
                wanted += [part for merge in made_from.get(text, ()) for part in merge]
        values["model"]["vocab"] = {text: i for text, i in vocabulary.items() if text in kept or text in added}
        values["model"]["merges"] = [" ".join(merge) for merge in merges if "".join(merge) in kept]
        return type(self)(specials, json.dumps(values))

    def ids_in(self, base: Tokenizer) -> list[int]:
        if not isinstance(base, BpeTokenizer):
            return super().ids_in(base)
        authors = [base.specials.author_id(author) for author in self.specials.authors]
        return [*range(len(FIXED)), *authors, *(base._ours.get(token, NEW) for token in self.theirs)]

    def encode(self, text: str) -> list[int]:
        tokens: list[int] = []
        for i, part in enumerate(SURROGATES.split(text)):
            if i % 2:
                tokens.extend(self._bytes[value] for value in bytes_of(part))
            elif part:
                tokens.extend(self._ours[token] for token in self._tokenizer.encode(part).ids)
        return tokens

    def decode(self, ids: Iterable[int]) -> str:
        text = super().decode(ids)
        return text.removeprefix(" ") if self._spaced else text

    def to_files(self, folder: Path) -> None:
        (folder / MODEL).write_text(self.model, "utf-8")
        write_json(folder, {"authors": list(self.specials.authors)})

    @classmethod
    def from_files(cls, folder: Path) -> Self:
        authors = tuple(map(str, read_json(folder, authors=list)["authors"]))
        try:
            return cls(Specials(authors), (folder / MODEL).read_text("utf-8"))
        except TuiLmError:
            raise
        except Exception as error:  # the package raises bare Exceptions on malformed input
            raise TuiLmError(
                "the model's tokenizer is missing or damaged", "import or train the model again"
            ) from error


def _byte_of() -> dict[str, int]:
    """The characters that represent bytes in byte-level vocabularies: printable bytes themselves, others from 256."""
    plain = [*range(ord("!"), ord("~") + 1), *range(ord("¡"), ord("¬") + 1), *range(ord("®"), ord("ÿ") + 1)]
    others = [value for value in range(256) if value not in plain]
    return {chr(value): value for value in plain} | {chr(256 + i): value for i, value in enumerate(others)}


BYTES = _byte_of()


def _spelled_in_bytes(token: str) -> bytes:
    """GPT-2's spelling: one character per byte. Added tokens are plain text."""
    try:
        return bytes(BYTES[character] for character in token)
    except KeyError:
        return bytes_of(token)


def _spelled(token: str) -> bytes:
    """SentencePiece's spelling: U+2581 is a space, <0x0A> is a byte."""
    if match := BYTE.fullmatch(token):
        return bytes([int(match[1], 16)])
    return bytes_of(token.replace(SPACE, " "))
