"""The families as torch modules, as they are trained: forward only. `create` builds one from its architecture."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tui_lm.architecture import Architecture, Classifier, Gpt2, Llama, Seq2Seq, Tagger, WordVectors
from tui_lm.models.rates import DropoutRates

if TYPE_CHECKING:
    from tui_lm.models.model import Model

__all__ = ["DropoutRates", "create"]


def create(architecture: Architecture, rates: DropoutRates | None = None) -> Model:
    """A model with new weights. Imports torch, which takes a second; the package itself does not."""
    if isinstance(architecture, WordVectors):
        raise ValueError("word vectors are no network: trainers.vectors learns them")
    if isinstance(architecture, Llama):
        from tui_lm.models.llama import LlamaModel

        return LlamaModel(architecture, rates)
    if isinstance(architecture, Gpt2):
        from tui_lm.models.gpt2 import Gpt2Model

        return Gpt2Model(architecture, rates)
    if isinstance(architecture, Seq2Seq):
        from tui_lm.models.seq2seq import Seq2SeqModel

        return Seq2SeqModel(architecture, rates)
    if isinstance(architecture, Classifier):
        from tui_lm.models.classifier import ClassifierModel

        return ClassifierModel(architecture, rates)
    if isinstance(architecture, Tagger):
        from tui_lm.models.tagger import TaggerModel

        return TaggerModel(architecture, rates)
    from tui_lm.models.recurrent import RecurrentModel

    return RecurrentModel(architecture, rates)
