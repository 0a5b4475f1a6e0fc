"""Save and load a model folder: config.json, model.safetensors, the tokenizer's files, events.jsonl.

A folder is written beside its final path, synced, then renamed: a crash leaves the old model or the new one. Loading
runs no pickle and needs no torch; names, shapes and types of the weights are checked against the architecture before
memory is taken for them.
"""

from __future__ import annotations

import json
import os
import shutil
import struct
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tui_lm import atomic_folder, checksums, locks, paths, tokenizers
from tui_lm.architecture import Architecture
from tui_lm.checkpoint.card import CONFIG, TRAIN_AGAIN, Card, describe
from tui_lm.errors import DAMAGE, TuiLmError
from tui_lm.safe_text import visible_line

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from tui_lm.tokenizers import Tokenizer, Tokenizers

WEIGHTS, EVENTS = "model.safetensors", "events.jsonl"
QUANTIZED = "quantized.safetensors"  # the weights in eight bits, of a large network: what is served
LEGAL = ("LICENSE", "NOTICE")  # of a pretrained model, and of every model that is fine-tuned from it
RESUME = "resume"  # the state of a training run that is not finished
CHANGING = (EVENTS, "learned.safetensors", "blocked.json")  # written after the model is saved, so they have no checksum
LARGEST_HEADER = 64 << 20  # bytes, of a safetensors file
LARGE = 64 << 20  # bytes of weights from which they are mapped, not read: what is not used takes no memory


@dataclass(frozen=True, slots=True)
class SavedModel:
    """A model folder in memory. The weights are numpy arrays by name.

    `tokenizer` is that of the text that the model writes: its only one, if it is not a translator. `quantized` are the
    arrays of a network that is served in eight bits; its weights are read from the disk when they are asked for.
    """

    card: Card
    tokenizers: Tokenizers
    weights: Mapping[str, NDArray[Any]]
    quantized: Mapping[str, NDArray[Any]] | None = None

    @property
    def tokenizer(self) -> Tokenizer:
        return self.tokenizers.target


def is_unfinished(folder: Path) -> bool:
    """Whether the model's training was cut off and can be resumed."""
    return (folder / RESUME).is_dir()


def load(folder: Path) -> SavedModel:
    """Read a model folder. Raises TuiLmError if a part is missing, damaged, or does not fit the others."""
    card = describe(folder)
    try:
        return _load(folder, card)
    except TuiLmError:
        newer = describe(folder)
        if newer.checksums == card.checksums:
            raise
        return _load(folder, newer)  # another process saved the model while this one read it


def _load(folder: Path, card: Card) -> SavedModel:
    require_intact(folder, card, [name for name in card.checksums if "tokenizer" in name])
    loaded = tokenizers.load(card.tokenizer, folder)
    if not _vocabularies_fit(card.architecture, loaded):
        raise TuiLmError(f"the tokenizer of {visible_line(card.name)} does not fit its network", TRAIN_AGAIN)
    if (folder / QUANTIZED).is_file():
        return SavedModel(card, loaded, _UnreadWeights(folder, card), _load_quantized(folder, card))
    return SavedModel(card, loaded, _load_weights(folder, card))


def _load_weights(folder: Path, card: Card) -> Mapping[str, NDArray[Any]]:
    from safetensors.numpy import load_file

    from tui_lm import tensor_file

    require_intact(folder, card, [WEIGHTS])
    path = folder / WEIGHTS
    if not _weights_fit(path, card.architecture):
        raise TuiLmError(f"the weights of {visible_line(card.name)} are missing, cut short or damaged", TRAIN_AGAIN)
    try:
        return tensor_file.mapped(path) if path.stat().st_size > LARGE else load_file(path)
    except Exception as error:  # safetensors raises a class of its own that is not an OSError
        raise TuiLmError(f"the weights of {visible_line(card.name)} cannot be read", TRAIN_AGAIN) from error


def _load_quantized(folder: Path, card: Card) -> Mapping[str, NDArray[Any]]:
    from tui_lm import tensor_file

    require_intact(folder, card, [QUANTIZED])
    try:
        return tensor_file.mapped(folder / QUANTIZED)
    except (OSError, ValueError) as error:
        raise TuiLmError(f"the quantized weights of {visible_line(card.name)} are damaged", TRAIN_AGAIN) from error


class _UnreadWeights(Mapping[str, "NDArray[Any]"]):
    """The weights of a model folder, read whole when the first of them is asked for."""

    def __init__(self, folder: Path, card: Card) -> None:
        self._folder, self._card = folder, card

    @cached_property
    def _weights(self) -> Mapping[str, NDArray[Any]]:
        return _load_weights(self._folder, self._card)

    def __getitem__(self, name: str) -> NDArray[Any]:
        return self._weights[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._card.architecture.weights())

    def __len__(self) -> int:
        return len(self._card.architecture.weights())


def require_intact(folder: Path, card: Card, names: Collection[str] | None = None) -> None:
    """Compare checksums: of the files `names`, or of all. Raises TuiLmError if a file is not as it was saved."""
    try:
        found = checksums.damaged(folder, card.checksums, card.checksums if names is None else names)
    except OSError as error:
        message = f"the model {visible_line(card.name)} cannot be read: {error.strerror}"
        raise TuiLmError(message, TRAIN_AGAIN) from error
    if found:
        raise TuiLmError(f"{found[0]} of the model {visible_line(card.name)} is damaged", TRAIN_AGAIN)


def _vocabularies_fit(architecture: Architecture, loaded: Tokenizers) -> bool:
    """Whether the network has as many tokens as its tokenizers."""
    source_size = getattr(architecture, "source_vocab_size", architecture.vocab_size)
    return (loaded.source.vocab_size, loaded.target.vocab_size) == (source_size, architecture.vocab_size)


def _weights_fit(path: Path, architecture: Architecture) -> bool:
    """Whether the header of a safetensors file names exactly the weights of `architecture`, and the file is whole."""
    try:
        with path.open("rb") as file:
            (length,) = struct.unpack("<Q", file.read(8))
            if length > LARGEST_HEADER:
                return False
            header = json.loads(file.read(length))
        header.pop("__metadata__", None)
        shapes = {name: tuple(entry["shape"]) for name, entry in header.items()}
        end = max(entry["data_offsets"][1] for entry in header.values())
        types = {entry["dtype"] for entry in header.values()}
        return bool(shapes == architecture.weights() and types == {"F32"} and path.stat().st_size == 8 + length + end)
    except (OSError, *DAMAGE, struct.error):
        return False


def save(
    folder: Path,
    model: SavedModel,
    events: Sequence[str] = (),
    attach: Callable[[Path], None] = lambda folder: None,
) -> None:
    """Write a model folder whole or not at all. Raises TuiLmError if the disk is full.

    `events` are JSON lines. `attach` is given the new folder before it is put in place, to write more files there.
    """
    from tui_lm import tensor_file

    with _replacing(folder) as temporary:
        model.tokenizers.to_files(temporary)
        tensor_file.write(temporary / WEIGHTS, model.card.architecture.weights(), model.weights)
        (temporary / EVENTS).write_text("".join(f"{line}\n" for line in events), encoding="utf-8")
        attach(temporary)
        values = {**model.card.to_json(), "checksums": checksums.checksums(temporary, without=CHANGING)}
        (temporary / CONFIG).write_text(json.dumps(values, indent=1, ensure_ascii=True), encoding="utf-8")


def require_room(folder: Path, size: int) -> None:
    """Make and remove a folder beside `folder`. Raises TuiLmError if it cannot be written, or `size` bytes do not fit.

    For whoever is going to work for long before saving.
    """
    probe = folder.with_name(f".{folder.name}.{os.getpid()}.new")
    with _failures(folder):
        paths.make_private(folder.parent)
        try:
            probe.mkdir(mode=0o700)
            (probe / CONFIG).write_text("{}", "utf-8")
        finally:
            shutil.rmtree(probe, ignore_errors=True)
        free = shutil.disk_usage(folder.parent).free
    if free < size:
        raise TuiLmError(
            f"the model {visible_line(folder.name)} needs about {size / 1e9:.1f} GB, and {free / 1e9:.1f} GB are free",
            "free some space, or choose another folder with TUI_LM_HOME=DIR",
        )


@contextmanager
def _replacing(folder: Path) -> Iterator[Path]:
    """A new private folder that replaces `folder` if the block succeeds. Turns failures into messages."""
    with _failures(folder), atomic_folder.replacing(folder) as temporary:
        yield temporary


@contextmanager
def _failures(folder: Path) -> Iterator[None]:
    """Turn what can go wrong with writing a model into messages."""
    try:
        yield
    except locks.LockHeldError as error:
        raise busy(folder) from error
    except Exception as error:
        if isinstance(error, OSError) or type(error).__name__ == "SafetensorError":
            reason = getattr(error, "strerror", None) or "the disk may be full"
            raise TuiLmError(
                f"the model {visible_line(folder.name)} could not be saved: {reason}",
                "free some space or change the folder's permissions; what was saved before is unchanged",
            ) from error
        raise


@contextmanager
def training(folder: Path) -> Iterator[None]:
    """Hold the training lock of `folder`. Raises TuiLmError if another process holds it."""
    try:
        with locks.held(folder, "train", wait=0):
            yield
    except locks.LockHeldError as error:
        raise busy(folder) from error


def busy(folder: Path) -> TuiLmError:
    """The error for a folder that another process has locked."""
    return TuiLmError(
        f"the model {visible_line(folder.name)} is being trained or written by another process",
        "wait until that process ends, or stop it; a new run may use another name",
        about="name",
    )
