"""The shape of a network: one frozen dataclass a family, the only description of it.

Training (`models/`), serving (`runtime/`) and the model folder (`checkpoint/`) all read the same value, so a shape
cannot mean two things. Settings of training alone, such as dropout, are not here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, fields
from importlib import import_module
from typing import TYPE_CHECKING, Any

from tui_lm.architecture.families import VECTOR_FAMILIES
from tui_lm.cells import CELLS
from tui_lm.errors import DAMAGE, TuiLmError

__all__ = [
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

_CLASSES: Mapping[str, str] = {  # by family
    **dict.fromkeys(CELLS, "Recurrent"),
    "llama": "Llama",
    "gpt2": "Gpt2",
    "seq2seq": "Seq2Seq",
    "classifier": "Classifier",
    "tagger": "Tagger",
    **dict.fromkeys(VECTOR_FAMILIES, "WordVectors"),
}
_MODULES: Mapping[str, str] = {
    "Attention": "seq2seq",
    "Classifier": "classifier",
    "Gpt2": "gpt2",
    "Llama": "llama",
    "Recurrent": "recurrent",
    "Seq2Seq": "seq2seq",
    "Tagger": "tagger",
    "WordVectors": "word_vectors",
}


def _class(name: str) -> Any:
    """Imported when it is first needed: making these classes takes time, and a program at the keyboard serves one."""
    return getattr(import_module(f"{__name__}.{_MODULES[name]}"), name)


if TYPE_CHECKING:
    from tui_lm.architecture.classifier import Classifier
    from tui_lm.architecture.gpt2 import Gpt2
    from tui_lm.architecture.llama import Llama
    from tui_lm.architecture.recurrent import Recurrent
    from tui_lm.architecture.seq2seq import Attention, Seq2Seq
    from tui_lm.architecture.tagger import Tagger
    from tui_lm.architecture.word_vectors import WordVectors

    Architecture = Recurrent | Llama | Gpt2 | Seq2Seq | Classifier | Tagger | WordVectors
else:
    Architecture = object  # a name for annotations

    def __getattr__(name: str) -> Any:
        if name not in _MODULES:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        return _class(name)


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
    if not isinstance(values, dict) or values.get("family") not in _CLASSES:
        raise TuiLmError("the model's architecture is not one that this version knows", hint)
    kind: type[Architecture] = _class(_CLASSES[values["family"]])
    unknown = values.keys() - {field.name for field in fields(kind)}
    if unknown:
        raise TuiLmError(f"the model's architecture has unknown settings: {', '.join(sorted(unknown))}", hint)
    try:
        return kind(**values)
    except DAMAGE as error:
        raise TuiLmError(f"the model's architecture is damaged: {error}", hint) from error
