"""Reads and changes the pieces of a SentencePiece model without its protocol buffers.

`tokenizer.model` is a message of the wire format (protobuf.dev/programming-guides/encoding): field 1, repeated, holds
the pieces in the order of their ids; field 2 how it was trained; field 3 how text is normalised. Where a scalar occurs
twice the later one counts, so a setting is changed by adding it at the end.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import IntEnum

PIECE, TRAINER, NORMALIZER = 1, 2, 3
MODEL_TYPE, ADD_DUMMY_PREFIX = 3, 3  # fields of the trainer's and of the normaliser's settings
VARINT, FIXED64, BYTES, FIXED32 = 0, 1, 2, 5


class PieceKind(IntEnum):
    NORMAL, UNKNOWN, CONTROL, USER_DEFINED, UNUSED, BYTE = range(1, 7)


@dataclass(frozen=True, slots=True)
class Piece:
    text: str
    score: float
    kind: PieceKind


def read_pieces(model: bytes) -> list[Piece]:
    """The pieces by id. Raises ValueError if `model` is not a SentencePiece model."""
    pieces = []
    try:
        for number, content in _fields(model):
            if number == PIECE and isinstance(content, bytes):
                values = dict(_fields(content))
                text, score = values.get(1, b""), values.get(2, b"\0\0\0\0")
                assert isinstance(text, bytes) and isinstance(score, bytes)
                kind = values.get(3, PieceKind.NORMAL)
                pieces.append(Piece(text.decode("utf-8"), struct.unpack("<f", score)[0], PieceKind(int(kind))))
    except (AssertionError, IndexError, TypeError, struct.error) as error:
        raise ValueError("this is no SentencePiece model") from error
    return pieces


def is_bpe(model: bytes) -> bool:
    """Whether pieces are merged in pairs, as LLaMA's are, rather than chosen by a unigram model."""
    return any(
        dict(_fields(content)).get(MODEL_TYPE) == 2
        for number, content in _fields(model)
        if number == TRAINER and isinstance(content, bytes)
    )


def with_pieces(model: bytes, pieces: Sequence[Piece]) -> bytes:
    """The model with other pieces and all its settings."""
    parts = [_field(PIECE, _encoded(piece)) for piece in pieces]
    parts += [_field(n, c) for n, c in _fields(model) if n != PIECE and isinstance(c, bytes)]
    return b"".join(parts)


def with_first_space(model: bytes, added: bool) -> bytes:
    """The model with or without a space of its own before the text."""
    return model + _field(NORMALIZER, _varint(ADD_DUMMY_PREFIX << 3 | VARINT) + _varint(added))


def _fields(message: bytes) -> Iterator[tuple[int, bytes | int]]:
    """Number and content of every field: varints as numbers, all others as their bytes."""
    i = 0
    while i < len(message):
        tag, i = _read_varint(message, i)
        kind = tag & 7
        if kind == VARINT:
            value, i = _read_varint(message, i)
            yield tag >> 3, value
            continue
        if kind == BYTES:
            length, i = _read_varint(message, i)
        elif kind in (FIXED32, FIXED64):
            length = 4 if kind == FIXED32 else 8
        else:
            raise ValueError("this is no SentencePiece model")
        if i + length > len(message):
            raise ValueError("this SentencePiece model is cut short")
        yield tag >> 3, message[i : i + length]
        i += length


def _read_varint(message: bytes, i: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        value |= (message[i] & 127) << shift
        i += 1
        if message[i - 1] < 128:
            return value, i
        shift += 7


def _varint(value: int) -> bytes:
    parts = bytearray()
    while value > 127:
        parts.append(value & 127 | 128)
        value >>= 7
    return bytes([*parts, value])


def _field(number: int, content: bytes) -> bytes:
    return _varint(number << 3 | BYTES) + _varint(len(content)) + content


def _encoded(piece: Piece) -> bytes:
    score = _varint(2 << 3 | FIXED32) + struct.pack("<f", piece.score)
    return _field(1, piece.text.encode("utf-8")) + score + _varint(3 << 3 | VARINT) + _varint(piece.kind)
