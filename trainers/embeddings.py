"""Networks that begin from word vectors: the rows of their embedding whose words have one. No torch."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from trainers.preparation import Preparation
from tui_lm.architecture import Classifier, Recurrent, Tagger
from tui_lm.errors import TuiLmError
from tui_lm.tokenizers import Tokenizer
from tui_lm.tokenizers.tokenizer import text_of
from tui_lm.vectors.words import Words

TABLE = "embedding.weight"


def filled(tokenizer: Tokenizer, words: Words, seed: int) -> tuple[NDArray[np.float32], int]:
    """An embedding [V, D] for a vocabulary, and how many of its tokens have a vector.

    A token is looked up without the space before it, as it is written, then in lower case; fastText's vectors also have
    one for unknown words. The vectors are scaled to the standard deviation 1 of the random rows of all other tokens.
    """
    dim = words.matrix.shape[1]
    found: dict[int, NDArray[np.float32]] = {}
    for token in range(len(tokenizer.specials), tokenizer.vocab_size):
        vector = words.find(text_of(tokenizer.surfaces[token]).strip())
        if vector is not None:
            found[token] = vector
    table = np.random.default_rng(seed).normal(size=(tokenizer.vocab_size, dim)).astype(np.float32)
    if found:
        rows = np.stack([*found.values()])
        table[[*found]] = rows / max(1e-12, float(rows.std()))
    return table, len(found)


def with_embeddings(prepared: Preparation, words: Words, seed: int) -> tuple[Preparation, int]:
    """The same run, beginning from these vectors, and how many tokens have one.

    The width of the embedding becomes that of the vectors. Raises TuiLmError for a network that has no embedding of
    words, or a text none of whose words has a vector.
    """
    architecture, tokenizer = prepared.config.architecture, prepared.tokenizers.target
    if not isinstance(architecture, Recurrent | Classifier | Tagger) or tokenizer.name not in ("word", "vocabulary"):
        raise TuiLmError(
            "only a network of recurrent cells over words begins from word vectors",
            "choose the tokenizer word, and a cell such as lstm",
            exit_code=2,
            about="embeddings",
        )
    table, known = filled(tokenizer, words, seed)
    if not known:
        raise TuiLmError("none of the words of this text has a vector", "choose other vectors", about="embeddings")
    shaped = replace(architecture, dim=table.shape[1])
    config = replace(prepared.config, architecture=shaped)
    return replace(prepared, config=config, weights={**(prepared.weights or {}), TABLE: table}), known
