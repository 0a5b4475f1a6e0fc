"""From a teacher's probabilities of tokens to probabilities of characters, by which a student of characters learns.

The probability of a character is the sum over the ways to write the text up to it in the teacher's tokens: a way ends
somewhere inside a token, of which only the beginning is in the text. Counted are the ways whose finished tokens are
those of the message. Other ways to cut the same text are left out: a teacher was trained on one of them only.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tui_lm.tokenizers import Tokenizer
from tui_lm.tokenizers.specials import END

KEPT = 12  # characters whose probabilities are kept at each position
HALF = "\x00\uffff"  # in place of the bytes of an unfinished character
Array = NDArray[np.floating]


@dataclass(frozen=True, slots=True)
class SoftTargets:
    """What the student should expect at each of N positions: `ids` [N, KEPT] and their probabilities.

    The first id is the token that follows. Probabilities sum to 1 in the mean over what may follow: a rare token is
    kept only where it does follow, and then has the weight of all rare ones.
    """

    ids: NDArray[np.uint16]
    probabilities: NDArray[np.float16]


@dataclass(frozen=True, slots=True)
class Node:
    """What may follow a prefix of tokens: for each next character the sorted tokens from `first` to before `last`."""

    ids: NDArray[np.int64]  # the student's tokens
    first: NDArray[np.int64]
    last: NDArray[np.int64]


class Spelling:
    """The teacher's tokens, sorted by what they spell: those that begin alike are neighbours."""

    def __init__(self, teacher: Tokenizer, student: Tokenizer) -> None:
        self.student = student
        texts = [(_characters(surface), token) for token, surface in enumerate(teacher.surfaces) if surface]
        texts.sort()
        self._texts = [text for text, _ in texts]
        self._longest = max(map(len, self._texts), default=0)
        self._order = np.array([token for _, token in texts])
        self._surfaces = teacher.surfaces
        self._nodes: dict[str, Node | None] = {}
        self._ids: dict[str, int] = {}

    def of_message(
        self, text: str, tokens: Sequence[int], probabilities: Sequence[Array], trust: float
    ) -> SoftTargets | None:
        """The targets of the student's tokens of `text` and of the end of the message.

        `tokens` are the teacher's n tokens of the text, and `probabilities` its n + 1 expectations [V]: of each token,
        and of the end. What follows in the text counts 1 - `trust`. None if the tokens do not spell the text.
        """
        starts = self._starts(text, tokens)
        if starts is None:
            return None
        ways = np.zeros(len(tokens) + 1)  # log-probability of the tokens before each boundary
        sums = []
        for i, expected in enumerate(probabilities):
            sums.append(np.concatenate([[0.0], np.cumsum(expected[self._order], dtype=np.float64)]))
            if i < len(tokens):
                ways[i + 1] = ways[i] + np.log(max(float(expected[tokens[i]]), 1e-12))
        ids: list[NDArray[np.uint16]] = []
        shares: list[NDArray[np.float16]] = []
        for position in range(len(text) + 1):
            real = self.student.encode(text[position]) if position < len(text) else [END]
            found = self._at(text, position, starts, ways, sums, probabilities)
            for token in real:
                one, share = _kept(found, token, trust)
                ids.append(one)
                shares.append(share)
                found = None  # the further bytes of a character that the student spells in bytes are given
        return SoftTargets(np.stack(ids), np.stack(shares))

    def _at(
        self,
        text: str,
        position: int,
        starts: Sequence[int | None],
        ways: Array,
        sums: Sequence[Array],
        probabilities: Sequence[Array],
    ) -> Array | None:
        """The probability of each of the student's tokens at `position` of `text`; None where no way leads there."""
        found = np.zeros(self.student.vocab_size)
        latest = None
        for boundary in range(len(starts) - 1, -1, -1):
            start = starts[boundary]
            if start is None or start > position:
                continue
            if position - start > self._longest:
                break
            node = self._node(text[start:position])
            latest = ways[boundary] if latest is None else latest
            weight = np.exp(ways[boundary] - latest)
            if node is not None:
                np.add.at(found, node.ids, weight * (sums[boundary][node.last] - sums[boundary][node.first]))
            if start == position:
                found[END] += weight * float(probabilities[boundary][END])
        total = found.sum()
        return found / total if total > 0 else None

    def _starts(self, text: str, tokens: Sequence[int]) -> list[int | None] | None:
        """The character at which each token begins, and the end; None inside a character, or within a space before
        the text that the teacher's tokenizer puts there."""
        spelled = b"".join(self._surfaces[token] for token in tokens)
        data = text.encode("utf-8", "surrogatepass")
        before = len(spelled) - len(data)
        if before not in (0, 1) or spelled[before:] != data or spelled[:before] not in (b"", b" "):
            return None
        places = {before: 0}
        offset = before
        for i, character in enumerate(text):
            offset += len(character.encode("utf-8", "surrogatepass"))
            places[offset] = i + 1
        starts, offset = [places.get(0)], 0
        for token in tokens:
            offset += len(self._surfaces[token])
            starts.append(places.get(offset))
        if before and starts[0] is None:
            return [None, *starts[1:]]
        return starts

    def _node(self, prefix: str) -> Node | None:
        if prefix not in self._nodes:
            self._nodes[prefix] = self._built(prefix)
        return self._nodes[prefix]

    def _built(self, prefix: str) -> Node | None:
        begin = bisect_left(self._texts, prefix)
        ids, first, last = [], [], []
        at = begin
        while at < len(self._texts) and self._texts[at].startswith(prefix):
            if len(self._texts[at]) == len(prefix):
                at += 1
                continue
            longer = self._texts[at][: len(prefix) + 1]
            end = bisect_left(self._texts, longer + "\U0010ffff", at)
            if longer[-1] != HALF[0]:
                ids.append(self._id(longer[-1]))
                first.append(at)
                last.append(end)
            at = max(end, at + 1)
        return Node(np.array(ids), np.array(first), np.array(last)) if ids else None

    def _id(self, character: str) -> int:
        if character not in self._ids:
            self._ids[character] = self.student.encode(character)[0]
        return self._ids[character]


def given(tokens: Sequence[int]) -> SoftTargets:
    """Targets that say only what follows."""
    ids = np.zeros((len(tokens), KEPT), np.uint16)
    probabilities = np.zeros((len(tokens), KEPT), np.float16)
    ids[:, 0], probabilities[:, 0] = tokens, 1
    return SoftTargets(ids, probabilities)


def _kept(expected: Array | None, real: int, trust: float) -> tuple[NDArray[np.uint16], NDArray[np.float16]]:
    if expected is None:
        one = given([real])
        return one.ids[0], one.probabilities[0]
    best = np.argpartition(-expected, KEPT)[:KEPT] if len(expected) > KEPT else np.arange(len(expected))
    best = best[np.argsort(-expected[best], kind="stable")][: KEPT - 1]
    likely = real in best
    best = best[best != real]
    ids = np.zeros(KEPT, np.uint16)
    ids[0], ids[1 : len(best) + 1] = real, best
    kept = np.zeros(KEPT, np.float16)
    kept[0] = trust * (expected[real] if likely else 1.0) + 1 - trust
    kept[1 : len(best) + 1] = trust * expected[best]
    return ids, kept


def _characters(surface: bytes) -> str:
    """What a token spells, with HALF for bytes that are a part of a character."""
    try:
        return surface.decode("utf-8")
    except UnicodeDecodeError as error:
        return surface[: error.start].decode("utf-8") + HALF
