"""The shape of a network: one frozen dataclass a family, the only description of it.

Training (`models/`), serving (`runtime/`) and the model folder (`checkpoint/`) all read the same value, so a shape
cannot mean two things. Settings of training alone, such as dropout, are not here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, fields
from typing import Any

from tui_lm.architecture.classifier import Classifier
from tui_lm.architecture.gpt2 import Gpt2
from tui_lm.architecture.llama import Llama
from tui_lm.architecture.recurrent import Recurrent
from tui_lm.architecture.seq2seq import Attention, Seq2Seq
from tui_lm.architecture.tagger import Tagger
from tui_lm.architecture.word_vectors import VECTOR_FAMILIES, WordVectors
from tui_lm.cells import CELLS
from tui_lm.errors import DAMAGE, TuiLmError

__all__ = [
    "FAMILIES",
    "VECTOR_FAMILIES",
    "Architecture",
    "Attention",
    "Classifier",
    "Gpt2",
    "Llama",
    "Recurrent",
    "Seq2Seq",
    "Tagger",
    "WordVectors",
    "count_parameters",
    "from_json",
    "to_json",
]

Architecture = Recurrent | Llama | Gpt2 | Seq2Seq | Classifier | Tagger | WordVectors

FAMILIES: Mapping[str, type[Architecture]] = {
    **dict.fromkeys(CELLS, Recurrent),
    "llama": Llama,
    "gpt2": Gpt2,
    "seq2seq": Seq2Seq,
    "classifier": Classifier,
    "tagger": Tagger,
    **dict.fromkeys(VECTOR_FAMILIES, WordVectors),
}


def count_parameters(architecture: Architecture) -> int:
    total = 0
    for shape in architecture.weights().values():
        size = 1
        for length in shape:
            size *= length
        total += size
    return total


def to_json(architecture: Architecture) -> dict[str, Any]:
    return asdict(architecture)


def from_json(values: Any) -> Architecture:
    """The architecture of a model folder. Raises TuiLmError where it is not one that this program knows."""
    hint = "train the model again, or update tui-lm if the model is newer"
    if not isinstance(values, dict) or values.get("family") not in FAMILIES:
        raise TuiLmError("the model's architecture is not one that this version knows", hint)
    kind = FAMILIES[values["family"]]
    unknown = values.keys() - {field.name for field in fields(kind)}
    if unknown:
        raise TuiLmError(f"the model's architecture has unknown settings: {', '.join(sorted(unknown))}", hint)
    try:
        return kind(**values)
    except DAMAGE as error:
        raise TuiLmError(f"the model's architecture is damaged: {error}", hint) from error
