"""The n-grams in a model folder: `ngrams.safetensors`, memory-mapped, and `learned.safetensors`, private, beside it.

Both hold words, names of authors and counts, and no messages. What was learned is kept apart so that it can be
deleted, and so that a model that is passed on does not carry it.
"""

from __future__ import annotations

import json
import mmap
import os
import shutil
import struct
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tui_lm import atomic_file, locks
from tui_lm.completion.counts import MOST_ORDER, Counts, GrowingCounts
from tui_lm.completion.ngrams import Ngrams, build
from tui_lm.completion.vocabulary import Vocabulary
from tui_lm.errors import DAMAGE, TuiLmError
from tui_lm.tokenizers.tokenizer import bytes_of, text_of

NGRAMS, LEARNED = "ngrams.safetensors", "learned.safetensors"
TYPES = {"U8": np.uint8, "U32": np.uint32, "U64": np.uint64, "I32": np.int32, "F64": np.float64}
LONGEST_HEADER = 1 << 20
ARRAYS = {  # what they hold, and how many dimensions
    "words": ("U8", 1),
    "offsets": ("U32", 1),
    "authors": ("U8", 1),
    "discounts": ("F64", 3),
    "names": ("I32", 1),
    "latest": ("F64", 1),
    "after": ("U64", 1),
    **{f"keys{order}": ("U64", 1) for order in range(MOST_ORDER + 1)},
    **{f"{name}{order}": ("I32", 1) for name in ("words", "numbers") for order in range(MOST_ORDER + 1)},
}

Arrays = Mapping[str, NDArray[Any]]


def save(ngrams: Ngrams, folder: Path) -> None:
    """Write what was counted in training. `folder` exists; raises OSError or safetensors' own error on a full disk."""
    from safetensors.numpy import save_file

    arrays: dict[str, NDArray[Any]] = {
        "words": ngrams.vocabulary.text,
        "offsets": ngrams.vocabulary.offsets,
        "authors": _packed_names(ngrams.authors),
        "discounts": ngrams.discounts,
        "names": np.array(sorted(ngrams.names), dtype=np.int32),
        **_tables([table.base for table in ngrams.counts]),
    }
    save_file(arrays, folder / NGRAMS)


def pass_on(old: Path, new: Path) -> None:
    """Let the model folder `new` have what was counted and learned for `old`, if anything, without writing it again."""
    for name in (NGRAMS, LEARNED):
        try:
            os.link(old / name, new / name)
        except OSError:  # not every file system has links
            if (old / name).is_file():
                shutil.copyfile(old / name, new / name)


def load(folder: Path, *, learned: bool = True) -> Ngrams:
    """The n-grams of a model folder, with what was `learned` since; where it has none, some that begin with nothing."""
    path = folder / NGRAMS
    ngrams = _load_trained(path) if path.is_file() else build(())
    path = folder / LEARNED
    return _recall(ngrams, path) if learned and path.is_file() else ngrams


def _load_trained(path: Path) -> Ngrams:
    arrays = _mapped(path)
    try:
        vocabulary = _vocabulary(arrays)
        authors = _names(arrays["authors"])
        tables = [_table(arrays, order) for order in range(MOST_ORDER + 1)]
        discounts, names = arrays["discounts"], arrays["names"].tolist()
        if discounts.shape != (len(authors) + 1, MOST_ORDER + 1, 4):
            raise ValueError
        if not ((discounts >= 0) & (discounts <= np.arange(4))).all():  # from no count more than it is
            raise ValueError
        if not all(0 <= name < len(vocabulary) for name in names):
            raise ValueError
    except DAMAGE as error:
        raise _damaged(path) from error
    return Ngrams(vocabulary, [GrowingCounts(table) for table in tables], discounts, authors, names)


def _vocabulary(arrays: Arrays) -> Vocabulary:
    """Raises ValueError where the words do not lie one after another."""
    text, offsets = arrays["words"], arrays["offsets"]
    if not len(offsets) or offsets[0] != 0 or offsets[-1] != len(text) or (offsets[1:] < offsets[:-1]).any():
        raise ValueError
    return Vocabulary(text, offsets)


Stamp = tuple[int, ...]
"""By which one sees that a file is another than before."""


def stamp(folder: Path) -> Stamp:
    """Of what was learned, as it lies in the folder; empty where there is nothing."""
    try:
        found = (folder / LEARNED).stat()
    except OSError:
        return ()
    return found.st_ino, found.st_mtime_ns, found.st_size


@contextmanager
def writing(folder: Path) -> Iterator[None]:
    """Keep other processes from writing in the folder. Raises TuiLmError where one does not end."""
    try:
        with locks.held(folder, "write"):
            yield
    except locks.LockHeldError as error:
        raise TuiLmError(
            "what was learned could not be saved: another process is writing in the model's folder",
            "end it; what was saved before is untouched",
        ) from error


def save_learned(ngrams: Ngrams, folder: Path) -> None:
    """Write what was learned since training, whole or not at all, readable by its owner only (0600)."""
    from safetensors.numpy import save as to_bytes

    vocabulary = ngrams.vocabulary
    lengths = [len(word) for word in vocabulary.learned]
    arrays: dict[str, NDArray[Any]] = {
        "words": np.frombuffer(b"".join(vocabulary.learned), dtype=np.uint8),
        "offsets": np.cumsum([0, *lengths], dtype=np.uint32),
        "authors": _packed_names(ngrams.authors),
        "latest": ngrams.latest,
        "names": np.array(sorted(ngrams.names), dtype=np.int32),
        "after": np.array(_mark(ngrams), dtype=np.uint64),
        **_tables([table.learned() for table in ngrams.counts]),
    }
    try:
        atomic_file.write(folder / LEARNED, to_bytes(arrays))
    except OSError as error:
        raise TuiLmError(
            f"what was learned could not be saved: {error.strerror}",
            "free some space or mend the folder's permissions; what was saved before is untouched",
        ) from error


def forget(folder: Path) -> bool:
    """Delete what was learned while typing; whether there was anything. Raises TuiLmError where that fails."""
    with writing(folder):
        found = [*folder.glob("learned.*"), *atomic_file.leftovers(folder / LEARNED)]
        try:
            for path in found:
                path.unlink(missing_ok=True)
            if found:
                atomic_file.sync(folder)
        except OSError as error:
            raise TuiLmError(
                f"what was learned could not be deleted: {error.strerror}", "mend the permissions of the model's folder"
            ) from error
    return bool(found)


def _recall(ngrams: Ngrams, path: Path) -> Ngrams:
    """`ngrams` and what was learned after them."""
    arrays = _mapped(path)
    try:
        if arrays["after"].tolist() != _mark(ngrams):
            return ngrams  # learned after others: the model was trained again since
        text, offsets = arrays["words"].tobytes(), arrays["offsets"].tolist()
        for begin, end in pairwise(offsets):
            ngrams.vocabulary.learn(text_of(text[begin:end]))
        if len(ngrams.vocabulary.learned) != len(offsets) - 1:
            raise ValueError
        tables = [table.branch(_table(arrays, order)) for order, table in enumerate(ngrams.counts)]
        names, latest, size = arrays["names"], arrays["latest"], len(ngrams.vocabulary)
        learned = [arrays[f"words{order}"] for order in range(MOST_ORDER + 1)]
        if any(((ids < 0) | (ids >= size)).any() for ids in (names, *learned)):
            raise ValueError
        if len(latest) > size or not (latest >= 0).all():
            raise ValueError
        recalled = Ngrams(ngrams.vocabulary, tables, ngrams.discounts, ngrams.authors, names.tolist())
        recalled.add_authors(_names(arrays["authors"])[len(ngrams.authors) :])
        recalled.latest = latest
        return recalled
    except DAMAGE as error:
        raise _damaged(path) from error


def _mark(ngrams: Ngrams) -> list[int]:
    """By which learned counts know what they were learned after."""
    return [ngrams.vocabulary.sorted, *(len(table.base.keys) for table in ngrams.counts)]


def _mapped(path: Path) -> dict[str, NDArray[Any]]:
    """The arrays of a safetensors file, as views of the file: only the pages that are read take memory."""
    try:
        with path.open("rb") as file:
            data = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        (length,) = struct.unpack_from("<Q", data)
        if length > LONGEST_HEADER:
            raise ValueError
        header: dict[str, Any] = json.loads(data[8 : 8 + length])
        header.pop("__metadata__", None)
        found = {}
        for name, entry in header.items():
            begin, end = entry["data_offsets"]
            if (entry["dtype"], len(entry["shape"])) != ARRAYS[name] or min(entry["shape"]) < 0:
                raise ValueError
            kind = np.dtype(TYPES[entry["dtype"]])
            if (end - begin) % kind.itemsize or 8 + length + end > len(data):
                raise ValueError
            flat = np.frombuffer(data, kind, (end - begin) // kind.itemsize, 8 + length + begin)
            found[name] = flat.reshape(entry["shape"])
        return found
    except (OSError, *DAMAGE, struct.error) as error:
        raise _damaged(path) from error


def _tables(tables: Sequence[Counts]) -> dict[str, NDArray[Any]]:
    return {
        f"{name}{order}": values
        for order, table in enumerate(tables)
        for name, values in (("keys", table.keys), ("words", table.words), ("numbers", table.numbers))
    }


def _table(arrays: Arrays, order: int) -> Counts:
    keys, words, numbers = (arrays[f"{name}{order}"] for name in ("keys", "words", "numbers"))
    if not len(keys) == len(words) == len(numbers):
        raise ValueError
    return Counts(keys, words, numbers)


def _packed_names(names: Sequence[str]) -> NDArray[np.uint8]:
    return np.frombuffer(bytes_of(json.dumps(list(names))), dtype=np.uint8)


def _names(packed: NDArray[np.uint8]) -> list[str]:
    return [str(name) for name in json.loads(packed.tobytes())]


def _damaged(path: Path) -> TuiLmError:
    hint = "delete what was learned with `tui-lm models forget`" if path.name == LEARNED else "train the model again"
    return TuiLmError(f"{path.name} of the model is damaged", hint)
