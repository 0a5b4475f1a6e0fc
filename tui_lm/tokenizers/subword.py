"""Subwords by SentencePiece (Kudo & Richardson 2018; byte-pair encoding, Sennrich et al. 2016), as in LLaMA.

No normalisation, all white space kept, byte fallback: decode(encode(x)) == x. SentencePiece cannot encode NUL, lone
surrogates and its own space mark U+2581, so those characters are spelled in byte tokens here.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Self

import sentencepiece

from tui_lm.errors import TuiLmError
from tui_lm.tokenizers.pieces import Piece, PieceKind, read_pieces, with_pieces
from tui_lm.tokenizers.specials import FIXED, Specials
from tui_lm.tokenizers.tokenizer import Tokenizer, bytes_of, read_json, text_of, write_json

MODEL = "tokenizer.model"
DEFAULT_SIZE = 2000
SPACE = "\N{LOWER ONE EIGHTH BLOCK}"
UNSAFE = re.compile("([\0\u2581\ud800-\udfff]+)")
LONGEST = 4000  # bytes of one training sentence; SentencePiece skips longer ones


def author_piece(number: int) -> Piece:
    """The control piece of an author; the name is kept in tokenizer.json."""
    return Piece(f"<author:{number}>", 0.0, PieceKind.CONTROL)


class SubwordTokenizer(Tokenizer):
    """Ids: specials, the 256 bytes, then the pieces. `encode` puts a space before the text, `decode` takes it off."""

    name = "subword"
    lossless = True

    def __init__(self, specials: Specials, model: bytes) -> None:
        self.specials = specials
        self.model = model
        self._processor: Any = sentencepiece.SentencePieceProcessor()
        self._processor.LoadFromSerializedProto(model)
        self._bytes = len(specials)
        size = self._processor.GetPieceSize()
        pieces = (self._processor.IdToPiece(token) for token in range(self._bytes + 256, size))
        self.surfaces = [
            *(b"" for _ in range(self._bytes)),
            *(bytes([value]) for value in range(256)),
            *(bytes_of(piece.replace(SPACE, " ")) for piece in pieces),
        ]

    @classmethod
    def train(cls, texts: Iterable[str], specials: Specials, vocab_size: int | None = None) -> Self:
        sentences = [
            f" {line}"[i : i + LONGEST // 4]
            for text in texts
            for line in UNSAFE.split(text)[::2]
            if line
            for i in range(0, len(line) + 1, LONGEST // 4)
        ]
        model = io.BytesIO()
        try:
            sentencepiece.SentencePieceTrainer.Train(
                sentence_iterator=iter(sentences),
                model_writer=model,
                vocab_size=max(vocab_size or DEFAULT_SIZE, len(specials) + 512),
                hard_vocab_limit=False,
                model_type="bpe",
                byte_fallback=True,
                character_coverage=0.9995,
                normalization_rule_name="identity",
                remove_extra_whitespaces=False,
                add_dummy_prefix=False,
                split_digits=True,
                control_symbols=[FIXED[3], *(author_piece(i).text for i in range(len(specials.authors)))],
                max_sentence_length=LONGEST,
                num_threads=1,  # the same pieces on every machine
                minloglevel=2,
            )
        except (RuntimeError, OSError) as error:
            raise TuiLmError(
                "the text is too small to learn subwords from",
                "use the char tokenizer, or give more text",
                about="tokenizer",
            ) from error
        return cls(specials, model.getvalue())

    def extended(self, specials: Specials, texts: Iterable[str]) -> Self:
        kept = read_pieces(self.model)
        authors = (author_piece(i) for i in range(len(specials.authors)))
        return type(self)(specials, with_pieces(self.model, [*kept[: len(FIXED)], *authors, *kept[self._bytes :]]))

    def encode(self, text: str) -> list[int]:
        if not text:
            return []
        tokens: list[int] = []
        for i, part in enumerate(UNSAFE.split(f" {text}")):
            if i % 2:
                tokens.extend(self._bytes + value for value in bytes_of(part))
            elif part:
                tokens.extend(self._processor.EncodeAsIds(part))
        return tokens

    def decode(self, ids: Iterable[int]) -> str:
        return text_of(b"".join(self.surfaces[token] for token in ids)).removeprefix(" ")

    def to_files(self, folder: Path) -> None:
        (folder / MODEL).write_bytes(self.model)
        write_json(folder, {"authors": list(self.specials.authors)})

    @classmethod
    def from_files(cls, folder: Path) -> Self:
        authors = tuple(map(str, read_json(folder, authors=list)["authors"]))
        try:
            return cls(Specials(authors), (folder / MODEL).read_bytes())
        except (OSError, RuntimeError) as error:
            raise TuiLmError("the model's tokenizer is missing or damaged", "train the model again") from error
