"""Words that the network does not know are copied from the source, from where its attention was (Luong et al. 2015b).

Of a word tokenizer `<unk>` is such a word. The others spell what training did not see in bytes, which a network cannot
translate and seldom repeats without a slip: a word of the answer that holds such bytes, and looks at a word of the
source that holds some too, is replaced by it.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping, Sequence, Set

from tui_lm.tokenizers import Tokenizer
from tui_lm.tokenizers.specials import UNKNOWN
from tui_lm.tokenizers.tokenizer import bytes_of, text_of
from tui_lm.translation.alignment import Span, Weights


def copied(
    tokens: Sequence[int],
    tokenizer: Tokenizer,
    weights: Weights,
    text: str,
    source_tokenizer: Tokenizer,
) -> Mapping[int, bytes]:
    """What tokens of an answer to `text` are to be written as instead, by their place: a copied word at its first.

    `weights` [T, S] is the attention; its first columns are the tokens of `text`.
    """
    source = source_tokenizer.encode(text)
    if not source:
        return {}
    spans = source_tokenizer.spans(text)
    looked = weights[:, : len(source)]
    if not tokenizer.lossless:
        unknown = (place for place, token in enumerate(tokens) if token == UNKNOWN)
        return {place: _with_space(text, spans[int(looked[place].argmax())]) for place in unknown}
    strange = {
        character
        for token, span in zip(source, spans, strict=True)
        if _is_strange(source_tokenizer, token)
        for character in range(*span)
    }
    if not strange:
        return {}
    instead: dict[int, bytes] = {}
    before: tuple[Span, int] | None = None
    for first, last in _spelled(tokens, tokenizer):
        spelled = [place for place in range(first, last) if _is_strange(tokenizer, tokens[place])]
        if tokenizer.decode(tokens[first:last]).strip() in text:  # without a slip
            continue
        at = spans[int(looked[spelled].sum(axis=0).argmax())][0]
        start, end = word_at(text, at)
        if _kind(text[start]) == "mark":  # an emoji, say: only what is strange of a row of marks, and no word beside it
            start, end = _around(at, strange & set(range(start, end)))
            first, last = spelled[0], spelled[-1] + 1
        if strange & set(range(start, end)):
            space = b" " if tokenizer.surfaces[tokens[first]].startswith(b" ") else b""
            again = before == ((start, end), first)  # two words for one
            word = b"" if again else space + bytes_of(text[start:end])
            instead |= {first: word, **dict.fromkeys(range(first + 1, last), b"")}
            before = ((start, end), last)
    return instead


def word_at(text: str, place: int) -> Span:
    """The word around a character, or the row of marks: what reads well in another sentence, with nothing around."""
    while place < len(text) - 1 and text[place].isspace():
        place += 1
    while place > 0 and _kind(text[place]) == "joiner":
        place -= 1
    kinds = (_kind(text[place]), "joiner")
    return _around(place, {i for i, character in enumerate(text) if _kind(character) in kinds})


def _around(place: int, inside: Set[int]) -> Span:
    """The stretch of places `inside` that `place` is in."""
    start = end = place
    while start - 1 in inside:
        start -= 1
    while end in inside:
        end += 1
    return start, end


def _kind(character: str) -> str:
    """Characters of one kind make up a word, and joiners belong to any."""
    if character.isspace():
        return "space"
    if "\u3400" <= character <= "\u9fff" or "\u30a0" <= character <= "\u30ff":
        return "Han" if character >= "\u3400" else "katakana"
    category = unicodedata.category(character)
    if category == "Cf" or category[0] == "M":
        return "joiner"
    return "letter" if category[0] in "LN" else "mark"


def _with_space(text: str, span: Span) -> bytes:
    """A word of the source as a token of the answer: with a space before it, as words have at a text's start too."""
    word = text[slice(*span)]
    return bytes_of(f" {word}" if span[0] == 0 and not word.startswith(" ") else word)


def _is_strange(tokenizer: Tokenizer, token: int) -> bool:
    """Whether a token is unknown, or a byte of a character that has no token."""
    surface = tokenizer.surfaces[token]
    return token == UNKNOWN or (len(surface) == 1 and surface[0] >= 0x80)


def _spelled(tokens: Sequence[int], tokenizer: Tokenizer) -> list[Span]:
    """Words of an answer that hold a byte of a character without a token: [first, last) places of their tokens."""
    found: list[Span] = []
    first, strange = 0, False
    for place, token in enumerate([*tokens, None]):
        surface = b" " if token is None else tokenizer.surfaces[token]
        edge = token is None or surface.startswith(b" ")
        mark = not edge and not _is_strange(tokenizer, token or 0) and _is_mark(surface)
        if edge or mark:
            if strange:
                found.append((first, place))
            first, strange = place + mark, False
        if token is not None and not mark:
            if surface.startswith(b" ") and _is_mark(surface.strip()):
                first = place + 1
            strange |= _is_strange(tokenizer, token)
    return found


def _is_mark(surface: bytes) -> bool:
    text = text_of(surface)
    return bool(text) and all(_kind(character) == "mark" for character in text)
