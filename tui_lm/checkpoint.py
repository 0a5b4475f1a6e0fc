"""The model folder: config.json, model.safetensors, the tokenizer's files, events.jsonl. No pickle, no torch.

A folder is written beside its place under another name, synced, then renamed: a crash leaves the old model or the new
one. Weights are checked by name, shape and type against the architecture before their memory is taken.
"""

from __future__ import annotations

import json
import struct
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path, PurePath
from typing import TYPE_CHECKING, Any

from tui_lm import architecture as arch
from tui_lm import atomic_folder, checksums, locks, paths, tokenizers
from tui_lm.architecture import Architecture
from tui_lm.errors import DAMAGE, TuiLmError
from tui_lm.safe_text import visible_line

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from tui_lm.tokenizers import Tokenizer

FORMAT_VERSION = 1
CONFIG, WEIGHTS, EVENTS = "config.json", "model.safetensors", "events.jsonl"
SOURCE = "source"  # the tokenizer of a translator's source side, where it has one of its own
CHANGING = (EVENTS, "learned.safetensors")  # which have no checksum
RESUME = "resume"  # what a training run that was cut off goes on from
TRAIN_AGAIN = "train the model again, or restore its folder from a backup"
LONGEST_SHOWN = 80  # characters of a name or a fact of the config
LARGEST_CONFIG = 64 << 20  # bytes


@dataclass(frozen=True, slots=True)
class Card:
    """What config.json says of a model. `training` are plain JSON values, `metrics` numbers."""

    name: str
    kind: str  # of the corpus: chat, prose, pairs
    architecture: Architecture
    tokenizer: str
    me: str | None = None
    authors: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()  # fingerprints
    split: tuple[float, float, float] = (90, 5, 5)  # shares of train, val and test in per cent
    reading: Mapping[str, Any] = field(default_factory=dict)  # how the source was read: source_options.SourceOptions
    languages: tuple[str, str] | None = None  # of a translator: from, to
    training: Mapping[str, Any] = field(default_factory=dict)
    metrics: Mapping[str, Any] = field(default_factory=dict)
    checksums: Mapping[str, str] = field(default_factory=dict)  # of the files that it was saved with

    @property
    def purpose(self) -> str:
        """What the model is for: "language" or "translation"."""
        return "translation" if self.kind == "pairs" else "language"

    @property
    def is_trained(self) -> bool:
        """Whether the network has learned anything; at the beginning of a run the n-grams stand alone."""
        return self.metrics.get("best_step") != 0

    @property
    def description(self) -> str:
        size = arch.count_parameters(self.architecture)
        amount = f"{size / 1e6:.1f}M" if size >= 100_000 else f"{size / 1e3:.0f}k"
        return f"{self.architecture.label}, {self.tokenizer}, {amount} parameters"

    def to_json(self) -> dict[str, Any]:
        return {
            "format_version": FORMAT_VERSION,
            "kind": self.kind,
            "architecture": arch.to_json(self.architecture),
            "tokenizer": self.tokenizer,
            "me": self.me,
            "authors": list(self.authors),
            "sources": list(self.sources),
            "split": list(self.split),
            "reading": dict(self.reading),
            "languages": None if self.languages is None else list(self.languages),
            "training": dict(self.training),
            "metrics": dict(self.metrics),
        }


@dataclass(frozen=True, slots=True)
class SavedModel:
    """A model folder in memory. Weights are numpy arrays by name.

    `source_tokenizer` reads what a translator translates from; None where `tokenizer` serves both sides.
    """

    card: Card
    tokenizer: Tokenizer
    weights: Mapping[str, NDArray[Any]]
    source_tokenizer: Tokenizer | None = None


def find(model: str) -> Path:
    """The folder of `model`, a name or a folder. Raises TuiLmError where there is none."""
    folder = Path(model).expanduser()
    if (folder / CONFIG).is_file():
        return folder
    if is_name(model):
        folder = paths.models_dir() / model
        atomic_folder.mend(folder)
        if folder.is_dir():
            return folder
    known = names()
    raise TuiLmError(
        f"there is no model called {visible_line(model[:LONGEST_SHOWN])}",
        f"models: {', '.join(known)}" if known else "train one with `tui-lm train chat.txt`, or try `tui-lm demo`",
    )


def names() -> list[str]:
    """The models in the user's folder, by name."""
    folder = paths.models_dir()
    if not folder.is_dir():
        return []
    atomic_folder.mend_all(folder)
    return sorted(path.name for path in folder.iterdir() if is_name(path.name) and (path / CONFIG).is_file())


def is_unfinished(folder: Path) -> bool:
    """Whether the model's training was cut off and can be resumed."""
    return (folder / RESUME).is_dir()


def is_name(text: str) -> bool:
    """Whether `text` may name a model: a plain folder name that cannot lead elsewhere or hide."""
    return (
        0 < len(text.encode("utf-8", "replace")) <= 100
        and not text.startswith((".", "-"))
        and text.isprintable()
        and not set(text) & set('/\\:*?"<>|')
        and text == text.strip()
    )


def require_name(text: str) -> None:
    if not is_name(text):
        raise TuiLmError(
            f"{visible_line(text[:LONGEST_SHOWN])} cannot name a model",
            "use letters, digits, spaces, dots, - and _, and begin with a letter or digit",
            exit_code=2,
        )


def describe(folder: Path) -> Card:
    """The card of a model folder, without its weights. Raises TuiLmError where it is missing or damaged."""
    try:
        path = folder / CONFIG
        if path.stat().st_size > LARGEST_CONFIG:
            raise ValueError
        values = json.loads(path.read_text("utf-8"))
        version = values["format_version"]
    except (OSError, *DAMAGE) as error:
        raise TuiLmError(f"the model {visible_line(folder.name)} has no readable {CONFIG}", TRAIN_AGAIN) from error
    if not isinstance(version, int) or version > FORMAT_VERSION:
        raise TuiLmError(
            f"the model {visible_line(folder.name)} was made by a newer tui-lm",
            "update tui-lm: `pip install --upgrade tui-lm`",
        )
    try:
        train, val, test = map(_share, values["split"])
        languages = values.get("languages")
        return Card(
            name=folder.name,
            kind=visible_line(str(values["kind"])[:LONGEST_SHOWN]),
            architecture=arch.from_json(values["architecture"]),
            tokenizer=visible_line(str(values["tokenizer"])[:LONGEST_SHOWN]),
            me=None if values["me"] is None else str(values["me"]),
            authors=tuple(map(str, values["authors"])),
            sources=tuple(map(str, values["sources"])),
            split=(train, val, test),
            reading=dict(values.get("reading", {})),
            languages=None if languages is None else (str(languages[0]), str(languages[1])),
            training=dict(values["training"]),
            metrics=_numbers(values["metrics"]),
            checksums=_checksums(values.get("checksums", {})),
        )
    except DAMAGE as error:
        raise TuiLmError(f"the {CONFIG} of {visible_line(folder.name)} is damaged", TRAIN_AGAIN) from error


def _numbers(values: Any) -> dict[str, float | None]:
    """Raises ValueError for what is no number, or a huge one."""
    for value in values.values():
        if not isinstance(value, int | float | None) or (isinstance(value, int) and abs(value) >= 1 << 63):
            raise ValueError
    return {visible_line(name[:LONGEST_SHOWN]): value for name, value in values.items()}


def _share(value: Any) -> float:
    """A share in per cent. Raises TypeError or ValueError for anything else."""
    if not 0 <= value <= 100:
        raise ValueError
    return value if isinstance(value, int) else float(value)


def _checksums(values: Any) -> dict[str, str]:
    """Raises ValueError for a path that leads out of the folder."""
    sums = {str(name): str(value) for name, value in dict(values).items()}
    if any(".." in PurePath(name).parts or PurePath(name).is_absolute() for name in sums):
        raise ValueError
    return sums


def load(folder: Path) -> SavedModel:
    """Read a model folder. Raises TuiLmError where any part is missing, damaged or does not fit the others."""
    card = describe(folder)
    try:
        return _load(folder, card)
    except TuiLmError:
        newer = describe(folder)
        if newer.checksums == card.checksums:
            raise
        return _load(folder, newer)  # another process saved the model while this one read it


def _load(folder: Path, card: Card) -> SavedModel:
    from safetensors.numpy import load_file

    require_intact(folder, card, [name for name in card.checksums if "tokenizer" in name or name == WEIGHTS])
    tokenizer = tokenizers.load(card.tokenizer, folder)
    source = tokenizers.load(card.tokenizer, folder / SOURCE) if (folder / SOURCE).is_dir() else None
    if not _speaks(card.architecture, tokenizer, source):
        raise TuiLmError(f"the tokenizer of {visible_line(card.name)} is of another model", TRAIN_AGAIN)
    path = folder / WEIGHTS
    if not _weights_fit(path, card.architecture):
        raise TuiLmError(f"the weights of {visible_line(card.name)} are missing, cut short or damaged", TRAIN_AGAIN)
    try:
        weights = load_file(path)
    except Exception as error:  # safetensors raises a class of its own that is no OSError
        raise TuiLmError(f"the weights of {visible_line(card.name)} cannot be read", TRAIN_AGAIN) from error
    return SavedModel(card, tokenizer, weights, source)


def require_intact(folder: Path, card: Card, names: Collection[str] | None = None) -> None:
    """Raises TuiLmError where one of the files `names`, or any, is not as it was saved."""
    try:
        found = checksums.damaged(folder, card.checksums, card.checksums if names is None else names)
    except OSError as error:
        raise TuiLmError(
            f"the model {visible_line(card.name)} cannot be read: {error.strerror}", TRAIN_AGAIN
        ) from error
    if found:
        raise TuiLmError(f"{found[0]} of the model {visible_line(card.name)} is damaged", TRAIN_AGAIN)


def _speaks(architecture: Architecture, tokenizer: Tokenizer, source: Tokenizer | None) -> bool:
    """Whether a network has just the tokens of its tokenizers."""
    reads = getattr(architecture, "source_vocab_size", tokenizer.vocab_size)
    return tokenizer.vocab_size == architecture.vocab_size and (source or tokenizer).vocab_size == reads


def _weights_fit(path: Path, architecture: Architecture) -> bool:
    """Whether the header of a safetensors file names just the weights of `architecture`, and the file is whole."""
    try:
        with path.open("rb") as file:
            (length,) = struct.unpack("<Q", file.read(8))
            if length > LARGEST_CONFIG:
                return False
            header = json.loads(file.read(length))
        header.pop("__metadata__", None)
        shapes = {name: tuple(entry["shape"]) for name, entry in header.items()}
        end = max(entry["data_offsets"][1] for entry in header.values())
        kinds = {entry["dtype"] for entry in header.values()}
        return bool(shapes == architecture.weights() and kinds == {"F32"} and path.stat().st_size == 8 + length + end)
    except (OSError, *DAMAGE, struct.error):
        return False


def save(
    folder: Path,
    card: Card,
    tokenizer: Tokenizer,
    weights: Mapping[str, NDArray[Any]],
    events: Sequence[str] = (),
    attach: Callable[[Path], None] = lambda folder: None,
    source_tokenizer: Tokenizer | None = None,
) -> None:
    """Write a model folder whole or not at all. Raises TuiLmError on a full disk.

    `events` are JSON lines; `attach` writes what else belongs into the folder that it is given.
    """
    from safetensors.numpy import save_file

    with _replacing(folder) as temporary:
        tokenizer.to_files(temporary)
        if source_tokenizer is not None:
            (temporary / SOURCE).mkdir(mode=0o700)
            source_tokenizer.to_files(temporary / SOURCE)
        save_file(dict(weights), temporary / WEIGHTS)
        (temporary / EVENTS).write_text("".join(f"{line}\n" for line in events), encoding="utf-8")
        attach(temporary)
        values = {**card.to_json(), "checksums": checksums.checksums(temporary, without=CHANGING)}
        (temporary / CONFIG).write_text(json.dumps(values, indent=1, ensure_ascii=True), encoding="utf-8")


@contextmanager
def _replacing(folder: Path) -> Iterator[Path]:
    """A new private folder that takes the place of `folder` when the block ends well."""
    try:
        with atomic_folder.replacing(folder) as temporary:
            yield temporary
    except locks.LockHeldError as error:
        raise _busy(folder) from error
    except Exception as error:
        if isinstance(error, OSError) or type(error).__name__ == "SafetensorError":
            reason = getattr(error, "strerror", None) or "the disk may be full"
            raise TuiLmError(
                f"the model {visible_line(folder.name)} could not be saved: {reason}",
                "free some space or mend the folder's permissions; what was saved before is untouched",
            ) from error
        raise


@contextmanager
def training(folder: Path) -> Iterator[None]:
    """Hold `folder` for a run. Raises TuiLmError where another process trains that model."""
    try:
        with locks.held(folder, "train", wait=0):
            yield
    except locks.LockHeldError as error:
        raise _busy(folder) from error


def _busy(folder: Path) -> TuiLmError:
    return TuiLmError(
        f"the model {visible_line(folder.name)} is being trained or written by another process",
        "wait until that has ended, or end it; a new run may take another --name",
    )


def rename(name: str, new: str) -> None:
    require_name(new)
    folder, place = find(name), paths.models_dir() / new
    with _changing(folder, "renamed"), training(place):
        if place.exists():
            raise TuiLmError(f"there is already a model called {visible_line(new)}", "choose another name")
        atomic_folder.rename(folder, place)


def remove(name: str) -> None:
    """Delete a model. It vanishes under its name at once, so that a crash leaves nothing half deleted."""
    folder = find(name)
    with _changing(folder, "removed"):
        atomic_folder.remove(folder)


@contextmanager
def _changing(folder: Path, done: str) -> Iterator[None]:
    """Keep other processes from `folder`, and say what went wrong."""
    with training(folder):
        try:
            yield
        except locks.LockHeldError as error:
            raise _busy(folder) from error
        except OSError as error:
            raise TuiLmError(
                f"the model {visible_line(folder.name)} could not be {done}: {error.strerror}",
                "mend the permissions of the folder that it lies in",
            ) from error


def free_name(wish: str) -> str:
    """`wish`, or `wish-2` and so on where it is taken, or about to be by a run."""
    taken = set(names())
    name, number = wish, 2
    while name in taken or locks.is_held(paths.models_dir() / name, "train"):
        name, number = f"{wish}-{number}", number + 1
    return name
