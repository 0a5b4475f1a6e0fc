"""fastText's binary models (version 11 and 12): the words, their rows, and the rows of the n-grams."""

from __future__ import annotations

import struct
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple

import numpy as np
from numpy.typing import NDArray

from tui_lm.architecture import WordVectors
from tui_lm.architecture.word_vectors import MOST_ROWS
from tui_lm.errors import TuiLmError
from tui_lm.tokenizers.specials import FIXED
from tui_lm.vectors.subwords import composed, subwords

MAGIC = struct.pack("<i", 793712314)
VERSIONS = (11, 12)
SETTINGS = struct.Struct("<12id")
SIZES = struct.Struct("<3i2q")
LONGEST_WORD = 1 << 12  # bytes
SUPERVISED = 3
WORD = 0  # the type of an entry that is no label
END_OF_LINE = "</s>"  # a word without n-grams
BLOCK = 4096  # words composed at once


class FastText(NamedTuple):
    """`matrix` [specials + words, D] holds finished vectors, `ngrams` [buckets, D] is a view of the file."""

    words: list[str]
    matrix: NDArray[np.float32]
    ngrams: NDArray[np.float32] | None
    shape: WordVectors


def read(path: Path, limit: int | None = None) -> FastText:
    """Read a .bin file. Raises TuiLmError for a version or form that is not known, ValueError if it is damaged."""
    with path.open("rb") as file:
        file.seek(len(MAGIC))
        (version,) = _unpack(file, struct.Struct("<i"))
        if version not in VERSIONS:
            raise TuiLmError(f"fastText's file has version {version}", "versions 11 and 12 are read")
        dim, _, _, _, _, _, _, model, buckets, shortest, longest, _, _ = _unpack(file, SETTINGS)
        if version == VERSIONS[0] and model == SUPERVISED:
            longest = 0
        entries, count, labels, _, pruned = _unpack(file, SIZES)
        if not (0 < count <= entries <= MOST_ROWS and count + labels == entries and 0 <= buckets <= MOST_ROWS):
            raise ValueError("the sizes contradict each other")
        words = _words(file, entries, count)
        if pruned > 0 or _unpack(file, struct.Struct("<?"))[0]:
            raise TuiLmError(
                "this is a quantized fastText model", "give the .bin file that it was made from, or a .vec"
            )
        rows, width = _unpack(file, struct.Struct("<2q"))
        if width != dim or rows < count or path.stat().st_size < file.tell() + 4 * rows * width:
            raise ValueError("the matrix is cut short")
        table = np.memmap(path, "<f4", "r", file.tell(), (rows, width))
    if longest < 1 or rows < count + buckets:
        buckets = 0
    count = min(count, limit) if limit is not None else count
    words = words[:count]
    shape = WordVectors("fasttext", len(FIXED) + count, dim, buckets, max(1, shortest), max(1, shortest, longest))
    matrix = np.zeros((len(FIXED) + count, dim), np.float32)
    if not buckets:
        matrix[len(FIXED) :] = table[:count]
        return FastText(words, matrix, None, shape)
    ngrams: NDArray[np.float32] = table[rows - buckets :]
    for begin in range(0, count, BLOCK):
        own = np.asarray(table[begin : min(count, begin + BLOCK)])
        grams = subwords(words[begin : begin + BLOCK], shape.shortest, shape.longest, buckets)
        matrix[len(FIXED) + begin :][: len(own)] = composed(ngrams, grams, own)
    if END_OF_LINE in words:
        matrix[len(FIXED) + words.index(END_OF_LINE)] = table[words.index(END_OF_LINE)]
    return FastText(words, matrix, ngrams, shape)


def _words(file: BinaryIO, entries: int, count: int) -> list[str]:
    """The words of the dictionary, without labels, which come last."""
    words = []
    for _ in range(entries):
        spelling = bytearray()
        while (byte := file.read(1)) != b"\0":
            if not byte or len(spelling) > LONGEST_WORD:
                raise ValueError("a word has no end")
            spelling += byte
        _, kind = _unpack(file, struct.Struct("<qb"))
        if kind == WORD:
            words.append(spelling.decode("utf-8", "replace"))
    if len(words) != count:
        raise ValueError("the dictionary is not as long as it says")
    return words


def _unpack(file: BinaryIO, form: struct.Struct) -> tuple[Any, ...]:
    data = file.read(form.size)
    if len(data) < form.size:
        raise ValueError("the file is cut short")
    return form.unpack(data)
