"""An LSTM of three units and three words, small enough to compute by hand.

It is not trained: its weights are whole numbers, chosen so that every unit has a job. It writes "rain and sun" and "sun
and rain": after a noun it writes "and" or stops, after "and" it writes the other noun.

    unit 0   whether a noun was just read
    unit 1   which noun it was: rain is +, sun is -; it keeps this while "and" is read, and shows it only then
    unit 2   how many words were read: each adds a little, which makes the end more likely
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from tui_lm.architecture import Recurrent
from tui_lm.checkpoint import Card, SavedModel
from tui_lm.tokenizers import Specials, Tokenizers
from tui_lm.tokenizers.specials import END
from tui_lm.tokenizers.word import WordTokenizer

WORDS = ("rain", "sun", "and")

# For each gate one row per unit: what rain, sun and "and" add to it. The state adds only what RECURRENT says.
INPUT = {
    "input": [[6, 6, 6], [6, 6, -6], [0, 0, 0]],
    "forget": [[-6, -6, -6], [-6, -6, 6], [0, 0, 0]],
    "cell": [[2, 2, -2], [2, -2, 0], [1, 1, 1]],
    "output": [[6, 6, 6], [-6, -6, 6], [0, 0, 0]],
}
BIAS = {"input": [0, 0, -1], "forget": [0, 0, 4], "cell": [0, 0, 0], "output": [0, 0, 3]}
RECURRENT = {
    "input": 0,
    "forget": 0,
    "cell": -1,
    "output": 0,
}  # unit 2 to itself: each further word adds less
HEAD = {"rain": [-4, -4, 0], "sun": [-4, 4, 0], "and": [6, 0, -2], "</s>": [3, 0, 8]}
HEAD_BIAS = {"rain": 0, "sun": 0, "and": -2, "</s>": -4}
NEVER = -20  # the logit of tokens that never come next


def model(dtype: type = np.float64) -> SavedModel:
    """The network and a tokenizer of its three words."""
    tokenizer = WordTokenizer(Specials(), [f" {word}" for word in WORDS])
    shape = Recurrent("lstm", tokenizer.vocab_size, dim=3, hidden_size=3, norm=False)
    first = len(tokenizer.specials)
    embedding = np.zeros((tokenizer.vocab_size, 3))
    embedding[first:] = np.eye(3)  # one-hot inputs
    recurrent = np.zeros((4, 3, 3))
    recurrent[:, 2, 2] = list(RECURRENT.values())
    head, bias = np.zeros((tokenizer.vocab_size, 3)), np.full(tokenizer.vocab_size, float(NEVER))
    for word, row in HEAD.items():
        token = END if word == "</s>" else first + WORDS.index(word)
        head[token], bias[token] = row, HEAD_BIAS[word]
    weights: dict[str, NDArray[np.floating]] = {
        "embedding.weight": embedding,
        "rnn.weight_ih_l0": np.concatenate([np.array(rows, float) for rows in INPUT.values()]),
        "rnn.weight_hh_l0": recurrent.reshape(12, 3),
        "rnn.bias_ih_l0": np.concatenate([np.array(row, float) for row in BIAS.values()]),
        "rnn.bias_hh_l0": np.zeros(12),
        "head.weight": head,
        "head.bias": bias,
    }
    card = Card("by hand", "prose", shape, "word")
    return SavedModel(
        card, Tokenizers.shared(tokenizer), {name: weight.astype(dtype) for name, weight in weights.items()}
    )
