"""Hypotheses as text: what a translation is, how one is spelled, and how those of several pieces become one."""

from __future__ import annotations

import codecs
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import exp

import numpy as np

from tui_lm.safe_text import without_controls
from tui_lm.tokenizers import Tokenizer
from tui_lm.tokenizers.tokenizer import text_of
from tui_lm.translation.alignment import Span, Weights, word_weights
from tui_lm.translation.beam import Hypothesis
from tui_lm.translation.copying import copied
from tui_lm.translation.sentences import gap

ENDING = "</s>"
JOINER = "\N{ZERO WIDTH JOINER}"
MOST_CELLS = 4_000_000  # of an alignment: one line of 100 kB would have hundreds of millions, nearly all of them 0


@dataclass(frozen=True, slots=True)
class Translation:
    """`text` is a translation of `source`, and what `tokens` are together; a copied word is one token.

    Each token has a probability, and a row of `alignment` [T, S]: how much the decoder looked at each of
    `source_tokens`, the end of a sentence among them; None of a network without attention. Kept are the `looks` of
    the pieces that a long line was translated in, of which none looks at another; of a line so long that the matrix
    would have over `MOST_CELLS` there is no `alignment`. `score` ranks translations of one
    source. `others` are the next best, where they were asked for.
    """

    source: str
    text: str
    tokens: tuple[str, ...] = ()
    probabilities: tuple[float, ...] = ()
    looks: tuple[Weights, ...] | None = None
    source_tokens: tuple[str, ...] = ()
    score: float = 0.0
    others: tuple[Translation, ...] = ()

    @property
    def alignment(self) -> Weights | None:
        if self.looks is None or len(self.tokens) * len(self.source_tokens) > MOST_CELLS:
            return None
        return _diagonal(self.looks)

    @property
    def read(self) -> str:
        """The source as the network read it: without what cannot be shown."""
        return "".join(token for token in self.source_tokens if token != ENDING)

    def words(self) -> Weights | None:
        """The alignment as one of words [words of `text`, words of `read`]."""
        weights = self.alignment
        if weights is None:
            return None
        return word_weights(weights, _spans(self.tokens), _spans(self.source_tokens), self.text, self.read)


def cleaned(line: str) -> str:
    """What a network reads of a line: NFC, no control characters, no halves of characters, no space around."""
    return unicodedata.normalize("NFC", without_controls(line)).removeprefix("\ufeff").strip()


def spelled(
    text: str, hypothesis: Hypothesis, tokenizer: Tokenizer, source_tokenizer: Tokenizer, source: str
) -> Translation:
    """A hypothesis as the translation of `text`, which is what the network read of `source`."""
    weights = hypothesis.attention
    count = len(hypothesis.tokens)
    instead = {} if weights is None else copied(hypothesis.tokens, tokenizer, weights, text, source_tokenizer)
    tokens = _texts(hypothesis.tokens, tokenizer, instead)
    _strip(tokens, "" if hypothesis.ended else JOINER)
    return Translation(
        source,
        "".join(tokens),
        tuple(tokens),
        tuple(exp(chance) for chance in hypothesis.log_probabilities[:count]),
        None if weights is None else (weights[:count],),
        (*_source_texts(text, source_tokenizer), ENDING),
        hypothesis.score,
    )


def joined(source: str, pieces: Sequence[str], answers: Sequence[Translation]) -> Translation:
    """The translation of a line from those of its pieces, which it was cut into."""
    text = ""
    tokens: list[str] = []
    source_tokens: list[str] = []
    for place, answer in enumerate(answers):
        if answer.text:
            between = gap(text)
            text += between + answer.text
            tokens += _after(between, answer.tokens)
        else:
            tokens += answer.tokens
        spaced = place > 0 and pieces[place - 1][-1:].isspace()
        source_tokens += _after(" " * spaced, answer.source_tokens)
    looks = tuple(block for answer in answers for block in answer.looks or ())
    return Translation(
        source,
        text,
        tuple(tokens),
        tuple(chance for answer in answers for chance in answer.probabilities),
        looks if len(looks) == len(answers) else None,
        tuple(source_tokens),
        sum(answer.score for answer in answers),
    )


def _after(between: str, tokens: Sequence[str]) -> list[str]:
    return [between + tokens[0], *tokens[1:]] if tokens else []


def _diagonal(blocks: Sequence[Weights]) -> Weights:
    """Alignments of pieces as one, in which no piece looks at another."""
    if len(blocks) == 1:
        return blocks[0]
    rows, columns = (sum(block.shape[axis] for block in blocks) for axis in (0, 1))
    whole = np.zeros((rows, columns), dtype=np.float32)
    row = column = 0
    for block in blocks:
        whole[row : row + len(block), column : column + block.shape[1]] = block
        row, column = row + len(block), column + block.shape[1]
    return whole


def _texts(tokens: Sequence[int], tokenizer: Tokenizer, instead: Mapping[int, bytes]) -> list[str]:
    """What each token adds to the text.

    A character in several bytes comes with its last one; bytes that make up none are left out, and so is what would
    break a line or steer a terminal.
    """
    decoder = codecs.getincrementaldecoder("utf-8")("ignore")
    texts = []
    for place, token in enumerate(tokens):
        if place in instead:
            decoder.reset()
            texts.append(text_of(instead[place]))
        else:
            texts.append(without_controls(decoder.decode(tokenizer.surfaces[token])))
    return texts


def _strip(texts: list[str], torn: str) -> None:
    """Take space off both ends of the text that `texts` are together, and from its end what is `torn` off."""
    for places, strip in (
        (range(len(texts)), str.lstrip),
        (range(len(texts) - 1, -1, -1), lambda text: text.rstrip().rstrip(torn)),
    ):
        for place in places:
            texts[place] = strip(texts[place])
            if texts[place]:
                break


def _source_texts(text: str, tokenizer: Tokenizer) -> list[str]:
    """What each token adds to the source."""
    texts = []
    done = 0
    for start, end in tokenizer.spans(text):
        texts.append(text[max(start, done) : end])
        done = max(done, end)
    return texts


def _spans(tokens: Sequence[str]) -> list[Span]:
    """Where tokens stand in the text that they are together."""
    spans = []
    place = 0
    for token in tokens:
        length = 0 if token == ENDING else len(token)
        spans.append((place, place + length))
        place += length
    return spans
