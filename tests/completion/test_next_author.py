"""Who writes next, found in what the model expects of a message by anybody and by each author."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tui_lm.completion.next_author import mixture, next_author

BY_AUTHOR = {"Ann": (0.7, 0.2, 0.1), "Bob": (0.1, 0.2, 0.7), "Cy": (0.2, 0.6, 0.2)}


@dataclass
class Reached:
    logits: np.ndarray


class Engine:
    """After a message of Ann's anybody's message is Bob's in three of four cases, else Cy's."""

    def after(self, context) -> Reached:
        if context.author is None:
            first = 0.75 * np.array(BY_AUTHOR["Bob"]) + 0.25 * np.array(BY_AUTHOR["Cy"])
        else:
            first = np.array(BY_AUTHOR[context.author])
        return Reached(np.log(first)[None])

    def allowed(self, logits, pending):
        return logits


def test_the_weights_of_a_mixture_are_found() -> None:
    parts = np.array(list(BY_AUTHOR.values()))
    weights = np.array([0.5, 0.3, 0.2])
    np.testing.assert_allclose(mixture(weights @ parts, parts), weights, atol=0.05)


def test_the_next_author_is_the_one_whose_words_the_model_expects() -> None:
    chances = next_author(Engine(), [("Ann", "hi")], ["Ann", "Bob", "Cy"])
    assert abs(sum(chances.values()) - 1) < 1e-9
    assert chances["Bob"] > 0.65 > chances["Cy"] > chances["Ann"]


def test_authors_that_cannot_be_told_apart_are_as_probable_as_each_other() -> None:
    parts = np.array([[0.5, 0.5], [0.5, 0.5]])
    np.testing.assert_allclose(mixture(parts[0], parts), [0.5, 0.5])


def test_a_single_author_is_certain() -> None:
    assert next_author(Engine(), [], ["Ann"]) == {"Ann": 1.0}
