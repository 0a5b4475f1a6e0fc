"""The probability of a character is the sum over the ways through a teacher's tokens, computed here one by one."""

from __future__ import annotations

import numpy as np
import pytest

from trainers.spelling import KEPT, Spelling
from tui_lm.tokenizers import Specials, Tokenizer
from tui_lm.tokenizers.char import CharTokenizer
from tui_lm.tokenizers.specials import END

TOKENS = ["a", "b", "ab", "abc", "bc", "c", "é", " a", "ca", "👍"]


class Teacher(Tokenizer):
    """Tokens without merges; a text is cut by hand."""

    name = "made up"
    lossless = True

    def __init__(self) -> None:
        self.specials = Specials()
        self.surfaces = [*(b"" for _ in range(4)), *(token.encode() for token in TOKENS), "👍".encode()[:2]]

    def encode(self, text: str) -> list[int]:
        raise NotImplementedError

    train = extended = from_files = to_files = encode  # type: ignore[assignment]

    def cut(self, *tokens: str) -> list[int]:
        return [4 + TOKENS.index(token) for token in tokens]


TEACHER = Teacher()
STUDENT = CharTokenizer(Specials(), "abcé ")


def random_expectations(count: int) -> list[np.ndarray]:
    chance = np.random.default_rng(count)
    rows = chance.random((count, len(TEACHER.surfaces)))
    rows[:, :END] = rows[:, 3] = 0
    return list(rows / rows.sum(axis=1, keepdims=True))


def by_hand(text: str, cut: list[str], expected: list[np.ndarray], position: int) -> dict[str, float]:
    """Joint probability of every way that spells text[:position] and one character, or the end, more."""
    found: dict[str, float] = {}
    done, weight = 0, 1.0
    for i, token in enumerate([*cut, None]):
        begun = text[done:position]
        if done > position:
            break
        for other, chance in zip(TOKENS, expected[i][4:], strict=False):
            if other.startswith(begun) and len(other) > len(begun):
                found[other[len(begun)]] = found.get(other[len(begun)], 0) + weight * chance
        if done == position:
            found["end"] = found.get("end", 0) + weight * expected[i][END]
        if token is not None:
            weight *= expected[i][4 + TOKENS.index(token)]
            done += len(token)
    total = sum(found.values())
    return {character: chance / total for character, chance in found.items()}


@pytest.mark.parametrize("cut", [["abc", "a"], ["a", "bc", "a"], ["a", "b", "ca"], ["é", "ab", " a"], []])
def test_every_way_that_ends_inside_a_token_is_counted(cut: list[str]) -> None:
    text, expected = "".join(cut), random_expectations(len(cut) + 1)
    targets = Spelling(TEACHER, STUDENT).of_message(text, TEACHER.cut(*cut), expected, 1.0)
    assert targets is not None and len(targets.ids) == len(STUDENT.encode(text)) + 1
    for position in range(len(text) + 1):
        wanted = by_hand(text, cut, expected, position)
        given = dict(zip(targets.ids[position].tolist(), targets.probabilities[position].tolist(), strict=True))
        for character, chance in wanted.items():
            token = END if character == "end" else STUDENT.encode(character)[0]
            assert given[token] == pytest.approx(chance, abs=2e-3)
        assert sum(targets.probabilities[position].astype(float)) == pytest.approx(1, abs=5e-3)


def test_what_follows_in_a_real_text_has_its_own_share() -> None:
    targets = Spelling(TEACHER, STUDENT).of_message("ab", TEACHER.cut("ab"), random_expectations(2), 0.0)
    assert targets is not None
    assert targets.ids[:, 0].tolist() == [*STUDENT.encode("ab"), END]
    np.testing.assert_array_equal(targets.probabilities[:, 0], 1)


def test_a_character_that_the_student_spells_in_bytes_is_given_after_its_first_byte() -> None:
    text = "a👍"
    targets = Spelling(TEACHER, STUDENT).of_message(text, TEACHER.cut("a", "👍"), random_expectations(3), 1.0)
    assert targets is not None
    assert targets.ids[:, 0].tolist() == [*STUDENT.encode(text), END]
    np.testing.assert_array_equal(targets.probabilities[2:5, 0], 1)
    assert targets.ids.shape[1] == KEPT


def test_the_space_that_a_teacher_puts_before_a_text_is_not_the_students() -> None:
    expected = random_expectations(2)
    targets = Spelling(TEACHER, STUDENT).of_message("a", TEACHER.cut(" a"), expected, 1.0)
    assert targets is not None and targets.ids[:, 0].tolist() == [*STUDENT.encode("a"), END]
    assert Spelling(TEACHER, STUDENT).of_message("b", TEACHER.cut("a"), expected, 1.0) is None
