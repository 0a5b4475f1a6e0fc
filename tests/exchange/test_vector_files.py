"""Files of word vectors of other programs are read, written, and refused if they are damaged."""

from __future__ import annotations

import struct
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.conftest import fuzz
from tui_lm import checkpoint
from tui_lm.architecture import WordVectors
from tui_lm.errors import TuiLmError
from tui_lm.exchange import vector_files
from tui_lm.vectors.subwords import bucket, parts
from tui_lm.vectors.words import Words

WORDS = ["the", "größe", "हु"]
VECTORS = np.array([[0.5, -1.25], [2.0, 3e-5], [-0.75, 8.0]], np.float32)
BUCKETS = 7
TEXT = "3 2\nthe 0.5 -1.25\ngröße 2 3e-05\nहु -0.75 8\n".encode()
BINARY = b"3 2\n" + b"".join(w.encode() + b" " + v.tobytes() + b"\n" for w, v in zip(WORDS, VECTORS, strict=True))


def fasttext(*, version: int = 12, quantized: bool = False) -> bytes:
    """A .bin file of fastText as its Model::saveModel writes it: 3 words, `BUCKETS` rows of n-grams, one label."""
    table = np.concatenate([VECTORS, np.arange(2 * BUCKETS, dtype=np.float32).reshape(BUCKETS, 2)])
    settings = struct.pack("<12id", 2, 5, 5, 1, 5, 1, 2, 2, BUCKETS, 3, 4, 100, 1e-4)
    entries = [(word, 9, 0) for word in WORDS] + [("__label__x", 1, 1)]
    dictionary = struct.pack("<3i2q", 4, 3, 1, 100, -1)
    dictionary += b"".join(word.encode() + b"\0" + struct.pack("<qb", count, kind) for word, count, kind in entries)
    matrix = struct.pack("<?2q", quantized, *table.shape) + table.tobytes()
    return struct.pack("<ii", 793712314, version) + settings + dictionary + matrix


FILES = {
    "word2vec text": TEXT,
    "word2vec binary": BINARY,
    "GloVe text": TEXT.split(b"\n", 1)[1],
    "fastText binary": fasttext(),
}


def read(folder: Path, data: bytes, **options: int) -> Words:
    path = folder / "vectors.bin"
    path.write_bytes(data)
    return Words.of(vector_files.read(path, "vectors", **options))


@pytest.mark.parametrize("form", FILES)
def test_each_form_is_recognised_by_its_beginning(tmp_path: Path, form: str) -> None:
    (tmp_path / "file").write_bytes(FILES[form])
    assert vector_files.form_of(tmp_path / "file") == form


@pytest.mark.parametrize("form", ["word2vec text", "word2vec binary", "GloVe text"])
def test_words_and_numbers_are_read_exactly(tmp_path: Path, form: str) -> None:
    words = read(tmp_path, FILES[form])
    assert words.names == WORDS
    assert np.array_equal(words.matrix, VECTORS)
    assert read(tmp_path, FILES[form], limit=2).names == WORDS[:2]


def test_binary_files_without_line_breaks_are_read_too(tmp_path: Path) -> None:
    data = b"3 2\n" + b"".join(w.encode() + b" " + v.tobytes() for w, v in zip(WORDS, VECTORS, strict=True))
    assert np.array_equal(read(tmp_path, data).matrix, VECTORS)


def test_words_of_glove_with_spaces_keep_them(tmp_path: Path) -> None:
    assert read(tmp_path, b"the 1 2\n. . . 3 4\n").names == ["the", ". . ."]


def test_a_fasttext_model_has_finished_vectors_and_composes_unknown_words(tmp_path: Path) -> None:
    words = read(tmp_path, fasttext())
    rows = np.arange(2 * BUCKETS, dtype=np.float32).reshape(BUCKETS, 2)
    for word, own in zip(WORDS, VECTORS, strict=True):
        grams = [rows[bucket(part, BUCKETS)] for part in parts(word, 3, 4)]
        np.testing.assert_allclose(words.vector(word), np.mean([own, *grams], axis=0), rtol=1e-6)
    unknown = [rows[bucket(part, BUCKETS)] for part in parts("these", 3, 4)]
    np.testing.assert_allclose(words.vector("these"), np.mean(unknown, axis=0), rtol=1e-6)
    assert words.names == WORDS


def test_an_imported_fasttext_model_is_stored_and_loaded(tmp_path: Path) -> None:
    (tmp_path / "model.bin").write_bytes(fasttext())
    model = vector_files.read(tmp_path / "model.bin", "ft")
    checkpoint.save(tmp_path / "ft", model)
    loaded = checkpoint.load(tmp_path / "ft")
    assert isinstance(loaded.card.architecture, WordVectors)
    assert loaded.card.purpose == "vectors"
    assert np.array_equal(Words.of(loaded).vector("these"), Words.of(model).vector("these"))


def test_words_are_written_as_word2vec_writes_them(tmp_path: Path) -> None:
    words = Words([*WORDS, "two words"], np.concatenate([VECTORS, VECTORS[:1]]))
    assert vector_files.export_word2vec(words, tmp_path / "out.txt") == 3
    assert (tmp_path / "out.txt").read_bytes() == TEXT.replace(b"3e-05", b"2.99999992e-05")
    vector_files.export_word2vec(words, tmp_path / "out.bin")
    assert (tmp_path / "out.bin").read_bytes() == BINARY
    with pytest.raises(TuiLmError, match="exists"):
        vector_files.export_word2vec(words, tmp_path / "out.bin")


@pytest.mark.parametrize("name", ["out.txt", "out.bin"])
def test_gensim_reads_what_is_exported(tmp_path: Path, name: str) -> None:
    models = pytest.importorskip("gensim.models")
    vector_files.export_word2vec(Words(WORDS, VECTORS), tmp_path / name)
    read = models.KeyedVectors.load_word2vec_format(str(tmp_path / name), binary=name.endswith(".bin"))
    assert read.index_to_key == WORDS
    assert np.array_equal(read.vectors, VECTORS)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"just some text\nand more\n",
        b"999999999999 2\nthe 1 2\n",
        b"99999999 300\nthe " + bytes(1200),
        b"3 99999999\nthe 1 2\n",
        TEXT.replace(b"-1.25", b"-x"),
        TEXT.replace(b" 8", b""),
        TEXT.replace(b"0.5", b"nan"),
        BINARY[:-6],
        BINARY.replace(b" ", b"_"),
        fasttext()[:-4],
        fasttext()[:80],
        fasttext(version=99),
        fasttext(quantized=True),
        fasttext().replace(struct.pack("<3i", 4, 3, 1), struct.pack("<3i", 1 << 30, 1 << 30, 0)),
        fasttext().replace(struct.pack("<2q", 10, 2), struct.pack("<2q", 1 << 40, 2)),
    ],
)
def test_a_file_that_is_damaged_or_claims_too_much_is_an_error(tmp_path: Path, data: bytes) -> None:
    with pytest.raises(TuiLmError) as error:
        read(tmp_path, data)
    assert error.value.hint


@fuzz(60)
@given(form=st.sampled_from(sorted(FILES)), where=st.integers(0, 200), data=st.binary(max_size=8))
def test_random_damage_is_an_error_or_other_numbers_but_never_a_crash(
    tmp_path: Path, form: str, where: int, data: bytes
) -> None:
    whole = FILES[form]
    where %= len(whole)
    try:
        words = read(tmp_path, whole[:where] + data + whole[where + len(data) :])
    except TuiLmError:
        return
    assert np.isfinite(words.matrix).all()
    assert len(words.names) == len(words.matrix)


def test_the_first_of_two_equal_words_is_kept(tmp_path: Path) -> None:
    words = read(tmp_path, b"3 1\na 1\nb 2\na 3\n")
    assert (words.names, words.matrix.ravel().tolist()) == (["a", "b"], [1, 2])
