"""The n-gram files of a model folder: `ngrams.safetensors`, memory-mapped, and `learned.safetensors`, private (0600).

Both hold words, author names and counts, but no messages. Learned counts are a file of their own so that they can be
deleted, and are left out of an export.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tui_lm import atomic_file, locks, tensor_file
from tui_lm.completion import block_list
from tui_lm.completion.counts import MOST_ORDER, Counts, GrowingCounts
from tui_lm.completion.ngrams import Ngrams
from tui_lm.completion.training_counts import build
from tui_lm.completion.vocabulary import Vocabulary
from tui_lm.errors import DAMAGE, TuiLmError
from tui_lm.tokenizers.tokenizer import bytes_of, text_of

NGRAMS, LEARNED = "ngrams.safetensors", "learned.safetensors"
ARRAYS = {  # name: (element type, number of dimensions)
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
    """Write the counts of training into an existing `folder`. Raises OSError or SafetensorError on a full disk."""
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
    """Give the model folder `new` the n-gram files of `old`, if it has any, as hard links where possible."""
    for name in (NGRAMS, LEARNED, block_list.FILE):
        try:
            os.link(old / name, new / name)
        except OSError:  # the file system has no hard links
            if (old / name).is_file():
                shutil.copyfile(old / name, new / name)


def load(folder: Path, *, learned: bool = True) -> Ngrams:
    """The n-grams of a model folder, including `learned` counts; empty ones if it has none."""
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
        if not ((discounts >= 0) & (discounts <= np.arange(4))).all():  # a discount never exceeds its count
            raise ValueError
        if not all(0 <= name < len(vocabulary) for name in names):
            raise ValueError
    except DAMAGE as error:
        raise _damaged(path) from error
    return Ngrams(vocabulary, [GrowingCounts(table) for table in tables], discounts, authors, names)


def _vocabulary(arrays: Arrays) -> Vocabulary:
    """Raises ValueError if the offsets are not increasing."""
    text, offsets = arrays["words"], arrays["offsets"]
    if not len(offsets) or offsets[0] != 0 or offsets[-1] != len(text) or (offsets[1:] < offsets[:-1]).any():
        raise ValueError
    return Vocabulary(text, offsets)


Stamp = tuple[int, ...]
"""Identifies a version of a file: inode, modification time, size."""


def stamp(folder: Path) -> Stamp:
    """The stamp of the learned counts in the folder; empty if there are none."""
    try:
        found = (folder / LEARNED).stat()
    except OSError:
        return ()
    return found.st_ino, found.st_mtime_ns, found.st_size


@contextmanager
def writing(folder: Path) -> Iterator[None]:
    """Lock the folder for writing. Raises TuiLmError if another process does not release it."""
    try:
        with locks.held(folder, "write"):
            yield
    except locks.LockHeldError as error:
        raise TuiLmError(
            "the learned words could not be saved: another process is writing to the model folder",
            "end that process; what was saved before is unchanged",
        ) from error


def save_learned(ngrams: Ngrams, folder: Path) -> None:
    """Write the counts learned since training, whole or not at all, readable by the owner only (0600)."""
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
            f"the learned words could not be saved: {error.strerror}",
            "free some space or correct the permissions of the folder; what was saved before is unchanged",
        ) from error


def forget(folder: Path) -> bool:
    """Delete the learned counts. Returns whether there were any. Raises TuiLmError on failure."""
    with writing(folder):
        found = [*folder.glob("learned.*"), *atomic_file.leftovers(folder / LEARNED)]
        try:
            for path in found:
                path.unlink(missing_ok=True)
            if found:
                atomic_file.sync(folder)
        except OSError as error:
            raise TuiLmError(
                f"the learned words could not be deleted: {error.strerror}",
                "correct the permissions of the model folder",
            ) from error
    return bool(found)


def block(folder: Path, word: str) -> bool:
    """Put `word` on the block list, and take it out of the learned counts. Returns whether it was in them."""
    blocked = block_list.load(folder).with_word(word)
    with writing(folder):
        block_list.save(blocked, folder)
        if not (folder / LEARNED).is_file():
            return False
        ngrams = load(folder)
        found = ngrams.forget_word(word)
        if found:
            save_learned(ngrams, folder)
        return found


def unblock(folder: Path, word: str) -> bool:
    """Take `word` off the block list. Returns whether it was on it."""
    with writing(folder):
        blocked = block_list.load(folder)
        without = blocked.without(word)
        if without == blocked:
            return False
        block_list.save(without, folder)
        return True


def _recall(ngrams: Ngrams, path: Path) -> Ngrams:
    """`ngrams` with the learned counts of the file at `path`."""
    arrays = _mapped(path)
    try:
        if arrays["after"].tolist() != _mark(ngrams):
            return ngrams  # the counts belong to other n-grams: the model was trained again since
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
    """Identifies the n-grams that learned counts belong to."""
    return [ngrams.vocabulary.sorted, *(len(table.base.keys) for table in ngrams.counts)]


def _mapped(path: Path) -> dict[str, NDArray[Any]]:
    """The arrays of a file, of the types and dimensions of `ARRAYS`."""
    try:
        found = tensor_file.mapped(path)
        if any((tensor_file.NAMES[array.dtype], array.ndim) != ARRAYS[name] for name, array in found.items()):
            raise ValueError
        return found
    except (OSError, *DAMAGE) as error:
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
    hint = "delete the learned words with `tui-lm models forget`" if path.name == LEARNED else "train the model again"
    return TuiLmError(f"{path.name} of the model is damaged", hint)
