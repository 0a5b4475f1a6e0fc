"""Better words for the ones on the screen, without moving a word under the reader's eye."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tui_lm.completion import Candidate


def agreeing(token: str, ghost: str, words: Sequence[Candidate]) -> str:
    """`ghost`, which follows `token`, if its word is the first of `words`; "" if the two contradict each other.

    Grey text that begins with a space says that the token is a whole word, which no list of longer ones contradicts.
    """
    if not words or ghost[:1].isspace():
        return ghost
    whole, first = token + ghost, words[0].text
    return ghost if whole.startswith(first) and not whole[len(first) :][:1].isalnum() else ""


def led_by(first: Candidate, words: Sequence[Candidate]) -> list[Candidate]:
    """`words` with the word of `first` before the others, with its new probability if it is among them."""
    latest = next((word for word in words if word.text == first.text), first)
    return [latest, *(word for word in words if word.text != first.text)]


def refined(shown: Sequence[Candidate], better: Sequence[Candidate], read: Sequence[bool]) -> list[Candidate]:
    """`better`, but each of the `shown` words that has been `read` keeps its column.

    A column before such a word that no better word is left for keeps its own.
    """
    kept = {column: word for column, word in enumerate(shown) if column < len(read) and read[column]}
    standing = {word.text for word in kept.values()}
    latest = {word.text: word for word in better}  # with their new probabilities
    others = [word for word in better if word.text not in standing]
    words: list[Candidate] = []
    for column in range(max(len(better), max(kept, default=-1) + 1)):
        if column in kept:
            words.append(latest.get(kept[column].text, kept[column]))
        elif others:
            words.append(others.pop(0))
        elif any(later > column for later in kept):
            words.append(shown[column])
    return words
