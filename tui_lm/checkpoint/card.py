"""What config.json says about a model, checked before anything else in the folder is read."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path, PurePath
from typing import Any

from tui_lm import architecture as arch
from tui_lm.architecture import VECTOR_FAMILIES, Architecture
from tui_lm.errors import DAMAGE, TuiLmError
from tui_lm.safe_text import visible_line

FORMAT_VERSION = 1
CONFIG = "config.json"
TRAIN_AGAIN = "train the model again, or restore its folder from a backup"
LARGEST_CONFIG = 64 << 20  # bytes
PURPOSES = {  # by family; others write text
    "classifier": "classification",
    "tagger": "tagging",
    **dict.fromkeys(VECTOR_FAMILIES, "vectors"),
}
LONGEST_SHOWN = 80  # characters of a name that may come from a stranger's folder


@dataclass(frozen=True, slots=True)
class Card:
    """A model as config.json describes it. `training` holds plain JSON values, `metrics` numbers."""

    name: str
    kind: str  # of corpus, as `source_kind.KINDS` names them
    architecture: Architecture
    tokenizer: str
    me: str | None = None
    authors: tuple[str, ...] = ()
    labels: tuple[str, ...] = ()  # of a classifier or tagger, in the order of its outputs
    sources: tuple[str, ...] = ()  # fingerprints of the source files
    split: tuple[float, float, float] = (90, 5, 5)  # percent: train, validation, test
    reading: Mapping[str, Any] = field(default_factory=dict)  # see source_options.SourceOptions
    languages: tuple[str, str] | None = None  # of a translator: from, to
    training: Mapping[str, Any] = field(default_factory=dict)
    metrics: Mapping[str, Any] = field(default_factory=dict)
    checksums: Mapping[str, str] = field(default_factory=dict)  # by path in the folder

    @property
    def purpose(self) -> str:
        """The purpose of the model: "language", "translation", "classification", "tagging" or "vectors"."""
        written = "translation" if self.kind == "pairs" else "language"
        return PURPOSES.get(self.architecture.family, written)

    @property
    def is_trained(self) -> bool:
        """Whether the network has learned anything. Until it has, the n-grams of the folder answer alone."""
        return self.metrics.get("best_step") != 0

    @property
    def description(self) -> str:
        """One line: the network, the tokenizer, the number of parameters."""
        size = arch.count_parameters(self.architecture)
        amount = f"{size / 1e6:.1f}M" if size >= 100_000 else f"{size / 1e3:.0f}k"
        return f"{self.architecture.label}, {self.tokenizer}, {amount} parameters"

    def to_json(self) -> dict[str, Any]:
        """The content of config.json, without the checksums, which are known when all other files are written."""
        return {
            "format_version": FORMAT_VERSION,
            "kind": self.kind,
            "architecture": arch.to_json(self.architecture),
            "tokenizer": self.tokenizer,
            "me": self.me,
            "authors": list(self.authors),
            "labels": list(self.labels),
            "sources": list(self.sources),
            "split": list(self.split),
            "reading": dict(self.reading),
            "languages": None if self.languages is None else list(self.languages),
            "training": dict(self.training),
            "metrics": dict(self.metrics),
        }


def describe(folder: Path) -> Card:
    """Read the card of a model folder, and no weights. Raises TuiLmError if it is missing, damaged or too new."""
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
        return _from_json(folder.name, values)
    except DAMAGE as error:
        raise TuiLmError(f"the {CONFIG} of {visible_line(folder.name)} is damaged", TRAIN_AGAIN) from error


def _from_json(name: str, values: Mapping[str, Any]) -> Card:
    """Raises one of DAMAGE if a value is missing or has another type."""
    train, val, test = map(_share, values["split"])
    languages = values.get("languages")
    return Card(
        name=name,
        kind=_shown(values["kind"]),
        architecture=arch.from_json(values["architecture"]),
        tokenizer=_shown(values["tokenizer"]),
        me=None if values["me"] is None else str(values["me"]),
        authors=tuple(map(str, values["authors"])),
        labels=tuple(map(str, values.get("labels", ()))),
        sources=tuple(map(str, values["sources"])),
        split=(train, val, test),
        reading=dict(values.get("reading", {})),
        languages=None if languages is None else (str(languages[0]), str(languages[1])),
        training=dict(values["training"]),
        metrics=_numbers(values["metrics"]),
        checksums=_checksums(values.get("checksums", {})),
    )


def _shown(value: object) -> str:
    return visible_line(str(value)[:LONGEST_SHOWN])


def _numbers(values: Any) -> dict[str, float | None]:
    """Raises ValueError for a value that is not a number, or an integer of 64 bits or more."""
    for value in values.values():
        if not isinstance(value, int | float | None) or (isinstance(value, int) and abs(value) >= 1 << 63):
            raise ValueError
    return {_shown(name): value for name, value in values.items()}


def _share(value: Any) -> float:
    """A share in percent. Raises TypeError or ValueError for anything else."""
    if not 0 <= value <= 100:
        raise ValueError
    return value if isinstance(value, int) else float(value)


def _checksums(values: Any) -> dict[str, str]:
    """Raises ValueError for a path that leads out of the folder."""
    sums = {str(name): str(value) for name, value in dict(values).items()}
    if any(".." in PurePath(name).parts or PurePath(name).is_absolute() for name in sums):
        raise ValueError
    return sums
