"""Hypotheses as text: what a translation is, how its tokens are spelled, how pieces of a long line are joined."""

from __future__ import annotations

import codecs
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import exp

import numpy as np

from tui_lm.safe_text import without_controls
from tui_lm.tokenizers import Tokenizer, Tokenizers
from tui_lm.tokenizers.tokenizer import text_of
from tui_lm.translation.alignment import Span, Weights, word_weights
from tui_lm.translation.beam import Hypothesis
from tui_lm.translation.copying import copied
from tui_lm.translation.sentences import gap

ENDING = "</s>"
JOINER = "\N{ZERO WIDTH JOINER}"
MOST_CELLS = 4_000_000  # of an alignment matrix; a line of 100 kB would need hundreds of millions, nearly all 0


@dataclass(frozen=True, slots=True)
class Translation:
    """The translation `text` of `source`.

    `text` is the concatenation of `tokens`; a copied word is one token. Each token has a probability and a row of
    `alignment` [T, S]: the attention weights over `source_tokens`, the end of the sentence included. A long line is
    translated in pieces; `attention` holds one block per piece, because no piece attends to another. `alignment` is
    None for a network without attention and for a line whose matrix would exceed `MOST_CELLS`. `score` ranks
    translations of one source. `others` are the next best ones, if they were asked for.
    """

    source: str
    text: str
    tokens: tuple[str, ...] = ()
    probabilities: tuple[float, ...] = ()
    attention: tuple[Weights, ...] | None = None
    source_tokens: tuple[str, ...] = ()
    score: float = 0.0
    others: tuple[Translation, ...] = ()

    @property
    def alignment(self) -> Weights | None:
        if self.attention is None or len(self.tokens) * len(self.source_tokens) > MOST_CELLS:
            return None
        return _diagonal(self.attention)

    @property
    def cleaned_source(self) -> str:
        """The source as the network was given it: without control characters."""
        return "".join(token for token in self.source_tokens if token != ENDING)

    def words(self) -> Weights | None:
        """The word alignment [words of `text`, words of `cleaned_source`], or None without an alignment."""
        weights = self.alignment
        if weights is None:
            return None
        return word_weights(weights, _spans(self.tokens), _spans(self.source_tokens), self.text, self.cleaned_source)


def cleaned(line: str) -> str:
    """A line as the network is given it: NFC, no control characters, no lone surrogates, no space at the ends."""
    return unicodedata.normalize("NFC", without_controls(line)).removeprefix("\ufeff").strip()


def spelled(text: str, hypothesis: Hypothesis, tokenizers: Tokenizers, source: str) -> Translation:
    """A hypothesis as the translation of `source`, whose cleaned form is `text`."""
    weights = hypothesis.attention
    count = len(hypothesis.tokens)
    instead = {} if weights is None else copied(hypothesis.tokens, tokenizers, weights, text)
    tokens = _texts(hypothesis.tokens, tokenizers.target, instead)
    _strip(tokens, "" if hypothesis.ended else JOINER)
    return Translation(
        source,
        "".join(tokens),
        tuple(tokens),
        tuple(exp(chance) for chance in hypothesis.log_probabilities[:count]),
        None if weights is None else (weights[:count],),
        (*_source_texts(text, tokenizers.source), ENDING),
        hypothesis.score,
    )


def joined(source: str, pieces: Sequence[str], answers: Sequence[Translation]) -> Translation:
    """The translation of a line from the translations of its pieces."""
    text = ""
    tokens: list[str] = []
    source_tokens: list[str] = []
    for index, answer in enumerate(answers):
        if answer.text:
            between = gap(text)
            text += between + answer.text
            tokens += _after(between, answer.tokens)
        else:
            tokens += answer.tokens
        spaced = index > 0 and pieces[index - 1][-1:].isspace()
        source_tokens += _after(" " * spaced, answer.source_tokens)
    blocks = tuple(block for answer in answers for block in answer.attention or ())
    return Translation(
        source,
        text,
        tuple(tokens),
        tuple(chance for answer in answers for chance in answer.probabilities),
        blocks if len(blocks) == len(answers) else None,
        tuple(source_tokens),
        sum(answer.score for answer in answers),
    )


def _after(between: str, tokens: Sequence[str]) -> list[str]:
    return [between + tokens[0], *tokens[1:]] if tokens else []


def _diagonal(blocks: Sequence[Weights]) -> Weights:
    """Alignments of pieces as one block-diagonal matrix: no piece attends to another."""
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

    A character that is spelled in several byte tokens comes with the last of them. Bytes that form no character, line
    breaks and control characters are left out.
    """
    decoder = codecs.getincrementaldecoder("utf-8")("ignore")
    texts = []
    for position, token in enumerate(tokens):
        if position in instead:
            decoder.reset()
            texts.append(text_of(instead[position]))
        else:
            texts.append(without_controls(decoder.decode(tokenizer.surfaces[token])))
    return texts


def _strip(texts: list[str], torn: str) -> None:
    """Strip spaces from both ends of the concatenated `texts`, and the characters `torn` from the end."""
    for positions, strip in (
        (range(len(texts)), str.lstrip),
        (range(len(texts) - 1, -1, -1), lambda text: text.rstrip().rstrip(torn)),
    ):
        for position in positions:
            texts[position] = strip(texts[position])
            if texts[position]:
                break


def _source_texts(text: str, tokenizer: Tokenizer) -> list[str]:
    """The part of the source that each token adds."""
    texts = []
    done = 0
    for start, end in tokenizer.spans(text):
        texts.append(text[max(start, done) : end])
        done = max(done, end)
    return texts


def _spans(tokens: Sequence[str]) -> list[Span]:
    """The spans of tokens in the text that they form."""
    spans = []
    start = 0
    for token in tokens:
        length = 0 if token == ENDING else len(token)
        spans.append((start, start + length))
        start += length
    return spans
