"""Transfer: a run that begins from what another model has learned, on another text with other authors.

The old tokens keep their rows. An author who wrote in both texts keeps their voice, any other begins as the base's
`[other]`, and a character that is new begins as the mean of all tokens.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from tui_lm.architecture import Architecture
from tui_lm.checkpoint import SavedModel
from tui_lm.errors import TuiLmError
from tui_lm.tokenizers import Specials, Tokenizer
from tui_lm.tokenizers.specials import FIXED

if TYPE_CHECKING:
    from torch import nn

NEW = -1  # in place of the base's id: a token that it has not
TABLES = (
    "embedding.weight", "head.weight", "head.bias",
    "model.embed_tokens.weight", "lm_head.weight",
    "transformer.wte.weight",
)  # fmt: skip
LAYER = re.compile(r"\.(?:layers|h)\.(\d+)\.|_l(\d+)$")


@dataclass(frozen=True, slots=True)
class Beginning:
    """What a run has before its first step."""

    tokenizer: Tokenizer
    architecture: Architecture
    weights: Mapping[str, NDArray[Any]]


def beginning(base: SavedModel, specials: Specials, texts: Iterable[str]) -> Beginning:
    """The base with the authors of another chat, and tokens for what its training text did not have."""
    if base.card.purpose != "language":
        raise TuiLmError(f"{base.card.name} is a translator", "begin from a model of a chat or a text")
    tokenizer = base.tokenizer.extended(specials, texts)
    rows = _rows(base.tokenizer, tokenizer)
    weights = {name: _taken(w, rows) if name in TABLES else w for name, w in base.weights.items()}
    return Beginning(tokenizer, replace(base.card.architecture, vocab_size=tokenizer.vocab_size), weights)


def _rows(old: Tokenizer, new: Tokenizer) -> list[int]:
    """The base's id of each new token."""
    authors = [old.specials.author_id(author) for author in new.specials.authors]
    kept = range(len(old.specials), old.vocab_size)
    rows = [*range(len(FIXED)), *authors, *kept]
    return [*rows, *[NEW] * (new.vocab_size - len(rows))]


def _taken(table: NDArray[Any], rows: Sequence[int]) -> NDArray[Any]:
    taken = table[np.maximum(rows, 0)]
    taken[np.asarray(rows) == NEW] = table.mean(axis=0)
    return taken


def begin(model: nn.Module, weights: Mapping[str, NDArray[Any]] | None, frozen: int) -> None:
    """Put `weights` into the model, where there are any, and let its first `frozen` layers learn nothing."""
    import torch

    if weights is not None:
        own = model.state_dict()
        with torch.no_grad():
            for name, weight in weights.items():
                own[name].copy_(torch.from_numpy(np.ascontiguousarray(weight)))
    for name, parameter in model.named_parameters():
        found = LAYER.search(name)
        if found and int(found[1] or found[2] or 0) < frozen:
            parameter.requires_grad_(False)
