"""Files of word vectors: word2vec's text and binary form, GloVe's text, fastText's .vec and .bin.

word2vec's text is a line "words dimensions", then a word and its numbers a line; fastText's .vec is the same, GloVe's
has no first line. word2vec's binary form has the same first line, then each word, a space, and little-endian float32.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import BinaryIO, Literal

import numpy as np
from numpy.typing import NDArray

from tui_lm.architecture import WordVectors
from tui_lm.architecture.word_vectors import MOST_ROWS, WIDEST
from tui_lm.checkpoint import Card, SavedModel
from tui_lm.errors import DAMAGE, TuiLmError
from tui_lm.exchange import fasttext_file
from tui_lm.exchange.writing import new_file
from tui_lm.tokenizers import Tokenizers
from tui_lm.tokenizers.specials import FIXED, Specials
from tui_lm.tokenizers.vocabulary import VocabularyTokenizer
from tui_lm.vectors.words import Words

Form = Literal["word2vec text", "word2vec binary", "GloVe text", "fastText binary"]
Floats = NDArray[np.float32]
LONGEST_LINE = 1 << 20  # bytes
LONGEST_WORD = 1 << 12  # bytes
SEEN = 1 << 12  # bytes after the first line, which tell numbers in binary from text
CONTROL = frozenset(range(32)) - frozenset(b"\t\n\r\x0b\x0c")
CASED = 10_000  # words from which it is seen whether the vocabulary keeps case


def form_of(path: Path) -> Form | None:
    """The form of a file, by its beginning; None if it holds no word vectors. Raises TuiLmError if it is unreadable."""
    with _readable(path), path.open("rb") as file:
        if file.read(len(fasttext_file.MAGIC)) == fasttext_file.MAGIC:
            return "fastText binary"
        file.seek(0)
        first, second = file.readline(LONGEST_LINE), file.read(SEEN)
    header = _header(first)
    if header is None:
        return "GloVe text" if len(_numbers(first)) >= 2 else None
    if b" " not in second:
        return None
    return "word2vec binary" if CONTROL & set(second) else "word2vec text"


def read(path: Path, name: str, *, limit: int | None = None) -> SavedModel:
    """The vectors of a file as a model called `name`; only those of its first `limit` words, if that is given.

    Raises TuiLmError for a file that holds none, is cut short or has numbers that are none.
    """
    form = form_of(path)
    if form is None:
        raise _damaged("it is not in a form that is known")
    with _readable(path):
        if form == "fastText binary":
            found = fasttext_file.read(path, limit)
            return _model(name, form, found.words, found.matrix, found.ngrams, found.shape)
        words, matrix = _read_binary(path, limit) if form == "word2vec binary" else _read_text(path, form, limit)
    return _model(name, form, words, matrix)


def _model(
    name: str,
    form: Form,
    words: Sequence[str],
    matrix: Floats,
    ngrams: Floats | None = None,
    shape: WordVectors | None = None,
) -> SavedModel:
    """`matrix` [specials + words, D]; the first of two equal words is kept."""
    if not np.isfinite(matrix).all() or (ngrams is not None and not np.isfinite(ngrams).all()):
        raise _damaged("some of its numbers are not finite")
    first = {word: i for i, word in reversed([*enumerate(words)]) if word}
    kept = sorted(first.values())
    if not kept:
        raise _damaged("it has no words")
    if len(kept) < len(words):
        matrix = matrix[[*range(len(FIXED)), *(len(FIXED) + i for i in kept)]]
        words = [words[i] for i in kept]
    lowercase = all(word == word.lower() for word in words[:CASED])
    tokenizer = VocabularyTokenizer(Specials(), words, lowercase=lowercase)
    family = "glove" if form == "GloVe text" else "word2vec"
    vocab_size, dim = matrix.shape
    shape = WordVectors(family, vocab_size, dim) if shape is None else shape
    weights = {"embedding.weight": matrix} if ngrams is None else {"embedding.weight": matrix, "ngrams.weight": ngrams}
    training = {"imported": form}
    metrics = {"words": len(words)}
    card = Card(name, "prose", shape, tokenizer.name, training=training, metrics=metrics)
    return SavedModel(card, Tokenizers.shared(tokenizer), weights)


def _read_text(path: Path, form: Form, limit: int | None) -> tuple[list[str], Floats]:
    """The numbers of a line are its last D fields: some words of GloVe's files contain spaces."""
    words: list[str] = []
    rows: list[Floats] = []
    dim = 0
    for number, line in enumerate(_lines(path)):
        if number == 0:
            header = _header(line) if form == "word2vec text" else None
            dim = _require_dim(len(_numbers(line)) if header is None else header[1])
            if header is not None:
                continue
        if limit is not None and len(words) >= limit:
            break
        word, *numbers = line.rstrip(b"\r\n ").rsplit(b" ", dim)
        if len(numbers) != dim:
            if not line.strip():
                continue
            raise _damaged(f"line {number + 1} has {len(numbers)} numbers, not {dim}")
        try:
            rows.append(np.array([float(value) for value in numbers], np.float32))
        except ValueError as error:
            raise _damaged(f"line {number + 1} holds something else than numbers") from error
        words.append(word.decode("utf-8", "replace"))
        if len(words) > MOST_ROWS:
            raise _damaged(f"it has more than {MOST_ROWS:,} words")
    return words, np.stack([*[np.zeros(dim, np.float32)] * len(FIXED), *rows])


def _read_binary(path: Path, limit: int | None) -> tuple[list[str], Floats]:
    with path.open("rb") as file:
        header = _header(file.readline(LONGEST_LINE))
        assert header is not None, "form_of has found it"
        count, dim = header[0], _require_dim(header[1])
        if count > MOST_ROWS or count * (4 * dim + 1) > path.stat().st_size:
            raise _damaged("it is shorter than its first line says")
        count = min(count, limit) if limit is not None else count
        words = []
        matrix = np.zeros((len(FIXED) + count, dim), np.float32)
        for row in range(count):
            words.append(_word(file).decode("utf-8", "replace"))
            data = file.read(4 * dim)
            if len(data) < 4 * dim:
                raise _damaged("it is shorter than its first line says")
            matrix[len(FIXED) + row] = np.frombuffer(data, "<f4")
        if count == header[0] and file.read(2) not in (b"", b"\n"):
            raise _damaged("it is longer than its first line says")
    return words, matrix


def _word(file: BinaryIO) -> bytes:
    """The bytes up to a space; a line break before them ends the word before."""
    found = bytearray()
    while (byte := file.read(1)) != b" ":
        if not byte or len(found) > LONGEST_WORD:
            raise _damaged("a word has no end")
        if byte != b"\n":
            found += byte
    return bytes(found)


def _lines(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while line := file.readline(LONGEST_LINE):
            yield line


def _header(line: bytes) -> tuple[int, int] | None:
    """(words, dimensions) of a first line, or None if it is no such line."""
    fields = line.split()
    if len(fields) != 2 or not all(field.isdigit() and len(field) < 12 for field in fields):
        return None
    return int(fields[0]), int(fields[1])


def _numbers(line: bytes) -> list[float]:
    """The numbers at the end of a line; none if it is not a word and numbers."""
    found: list[float] = []
    for field in reversed(line.split()[1:]):
        try:
            found.append(float(field))
        except ValueError:
            break
    return found if line.endswith(b"\n") or found else []


def _require_dim(dim: int) -> int:
    if not 1 <= dim <= WIDEST:
        raise _damaged(f"its vectors would have {dim:,} numbers")
    return dim


class _readable:
    """Turns what can go wrong with reading a file into messages."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __enter__(self) -> None:
        return

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        if isinstance(error, OSError):
            raise TuiLmError(
                f"{self.path.name} cannot be read: {error.strerror}", "check the path and its permissions"
            ) from error
        if isinstance(error, DAMAGE) and not isinstance(error, TuiLmError):
            raise _damaged("it is cut short or damaged") from error


def _damaged(reason: str) -> TuiLmError:
    return TuiLmError(
        f"this file of word vectors cannot be read: {reason}",
        "word2vec's text and binary, GloVe's text and fastText's .vec and .bin are read; unpack a .gz or .zip first",
    )


def export_word2vec(words: Words, path: Path) -> int:
    """Write words and vectors as word2vec's program does: its binary form if the name ends in .bin, else its text.

    Words with white space in them are left out, because the format has no way to write them. Returns the number of
    words written. Raises TuiLmError if the file exists or cannot be written.
    """
    written = [i for i, name in enumerate(words.names) if not any(c.isspace() for c in name)]
    dim = words.matrix.shape[1]
    with new_file(path) as new, new.open("wb") as file:
        file.write(f"{len(written)} {dim}\n".encode())
        for i in written:
            row = np.asarray(words.matrix[i], "<f4")
            file.write(words.names[i].encode("utf-8", "replace") + b" ")
            if path.suffix == ".bin":
                file.write(row.tobytes() + b"\n")
            else:
                file.write(" ".join(f"{value:.9g}" for value in row.tolist()).encode() + b"\n")
    return len(written)
