"""Prose, which is one text of one or more files, split into train, val and test."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise

from tui_lm.chats.document import Document
from tui_lm.redaction.redactor import Redactor
from tui_lm.split import PARTS, Fractions, Part
from tui_lm.utterances import Spool, Utterance

IN_ONE_PIECE = 8_000_000  # characters of prose up to which each part is one utterance
LONGEST_WORD = 1 << 20  # characters without a space (some scripts have none) after which prose is cut anyway


def split_prose(
    documents: Sequence[Document], fractions: Fractions, redactor: Redactor
) -> dict[Part, Sequence[Utterance]]:
    """Each part of the prose as one utterance; a long part as many pieces that end where words do.

    The text is split before it is redacted, so that the split does not depend on redaction.
    """
    length = sum(map(len, _text(documents)))
    cuts = dict(zip(PARTS, pairwise([0, *fractions.cuts(length), length]), strict=True))
    if length <= IN_ONE_PIECE:
        text = "".join(_text(documents))
        pieces = {part: text[begin:end] for part, (begin, end) in cuts.items()}
        return {part: [Utterance(None, redactor.text(piece))] if piece else [] for part, piece in pieces.items()}
    return {
        part: Spool.of(Utterance(None, redactor.text(piece.text)) for piece in _pieces(_text(documents), begin, end))
        for part, (begin, end) in cuts.items()
    }


def _text(documents: Sequence[Document]) -> Iterator[str]:
    """The text of the documents in blocks, with a newline between two of them."""
    for number, document in enumerate(documents):
        if number:
            yield "\n"
        yield from document.blocks()


def _pieces(blocks: Iterable[str], begin: int, end: int) -> Iterator[Utterance]:
    """The characters from `begin` to `end`, cut before spaces, so that a tokenizer sees whole words."""
    position, held = 0, ""
    for block in blocks:
        inside = block[max(0, begin - position) : max(0, end - position)]
        position += len(block)
        before, space, after = (held + inside).rpartition(" ")
        if space and before:
            yield Utterance(None, before)
        held = space + after
        if len(held) > LONGEST_WORD:
            yield Utterance(None, held)
            held = ""
    if held:
        yield Utterance(None, held)
