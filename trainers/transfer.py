"""Fine-tuning: a run that begins from another model's weights, on another text with other authors.

Known tokens keep their rows of the embedding and the head. An author of both texts keeps their row, a new author begins
as the base's `[other]`, and a new character as the mean of all tokens.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from trainers.plan import is_pretrained
from trainers.presets import TUNING
from tui_lm import tensor_file
from tui_lm.architecture import Architecture, Llama, Recurrent
from tui_lm.checkpoint import SavedModel
from tui_lm.errors import TuiLmError
from tui_lm.tokenizers import Specials, Tokenizer
from tui_lm.tokenizers.specials import OTHER
from tui_lm.tokenizers.tokenizer import NEW

if TYPE_CHECKING:
    from torch import nn

TABLES = (
    "embedding.weight", "head.weight", "head.bias",
    "model.embed_tokens.weight", "lm_head.weight",
    "transformer.wte.weight",
)  # fmt: skip
LAYER = re.compile(r"\.(?:layers|h)\.(\d+)\.|_l(\d+)$")


@dataclass(frozen=True, slots=True)
class Beginning:
    """The tokenizer, network and weights of a run before its first step."""

    tokenizer: Tokenizer
    architecture: Architecture
    weights: Mapping[str, NDArray[Any]]


def beginning(base: SavedModel, specials: Specials, texts: Iterable[str]) -> Beginning:
    """The base with the authors of another chat, and tokens for characters that are new in it."""
    if base.card.purpose != "language":
        what = "a translator" if base.card.purpose == "translation" else "a table of word vectors"
        raise TuiLmError(f"{base.card.name} is {what}", "choose a model of a chat or of prose", about="base")
    architecture = base.card.architecture
    if is_pretrained(architecture):  # trained on far more than a person writes: most of its tokens are never needed
        if isinstance(architecture, Llama):  # GPT-2 learns its positions, so all of them stay
            architecture = replace(architecture, context_length=min(architecture.context_length, TUNING.context_length))
        texts = list(texts)
        tokenizer = base.tokenizer.trimmed(specials, texts)
    else:
        tokenizer = base.tokenizer.extended(specials, texts)
    rows = tokenizer.ids_in(base.tokenizer)
    weights = {name: _taken(w, rows) if name in TABLES else w for name, w in base.weights.items()}
    if isinstance(architecture, Recurrent) and architecture.authors is not None:
        authors = np.asarray(rows[OTHER : len(tokenizer.specials)]) - OTHER
        weights["author.weight"] = base.weights["author.weight"][authors]
        architecture = replace(architecture, authors=len(authors))
    return Beginning(tokenizer, replace(architecture, vocab_size=tokenizer.vocab_size), weights)


def _taken(table: NDArray[Any], rows: Sequence[int]) -> NDArray[Any]:
    taken = table[np.maximum(rows, 0)]
    taken[np.asarray(rows) == NEW] = table.mean(axis=0)
    return taken


def begin(model: nn.Module, weights: Mapping[str, NDArray[Any]] | None, frozen: int) -> None:
    """Load `weights` into the model, if there are any, and freeze its first `frozen` layers."""
    import torch

    if weights is not None:
        own = model.state_dict()
        with torch.no_grad():
            for name, weight in weights.items():
                own[name].copy_(torch.from_numpy(np.array(weight)))
        tensor_file.release(weights.values())
    for name, parameter in model.named_parameters():
        found = LAYER.search(name)
        if found and int(found[1] or found[2] or 0) < frozen:
            parameter.requires_grad_(False)
