"""Copies words that the network does not know from the source word with the most attention (Luong et al. 2015b).

With a word tokenizer, each `<unk>` is such a word. The other tokenizers spell characters that training did not see in
bytes, which a network cannot translate and seldom repeats without a mistake. A word of the translation that holds such
bytes, and attends most to a source word that also holds some, is replaced by that word.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping, Sequence, Set

from tui_lm.tokenizers import Tokenizer, Tokenizers
from tui_lm.tokenizers.specials import UNKNOWN
from tui_lm.tokenizers.tokenizer import bytes_of, text_of
from tui_lm.translation.alignment import Span, Weights


def copied(tokens: Sequence[int], tokenizers: Tokenizers, weights: Weights, text: str) -> Mapping[int, bytes]:
    """Replacements for tokens of a translation of `text`, by position. A copied word stands at its first token; the
    rest of the replaced word becomes empty.

    `weights` [T, S] is the attention; its first columns are the tokens of `text`.
    """
    tokenizer = tokenizers.target
    source = tokenizers.source.encode(text)
    if not source:
        return {}
    spans = tokenizers.source.spans(text)
    attention = weights[:, : len(source)]
    if not tokenizer.lossless:
        unknown = (position for position, token in enumerate(tokens) if token == UNKNOWN)
        return {position: _with_space(text, spans[int(attention[position].argmax())]) for position in unknown}
    strange = {
        character
        for token, span in zip(source, spans, strict=True)
        if _is_strange(tokenizers.source, token)
        for character in range(*span)
    }
    if not strange:
        return {}
    instead: dict[int, bytes] = {}
    before: tuple[Span, int] | None = None
    for first, last in _spelled(tokens, tokenizer):
        spelled = [position for position in range(first, last) if _is_strange(tokenizer, tokens[position])]
        if tokenizer.decode(tokens[first:last]).strip() in text:  # spelled without a mistake
            continue
        at = spans[int(attention[spelled].sum(axis=0).argmax())][0]
        start, end = word_at(text, at)
        if _kind(text[start]) == "mark":  # an emoji, say: copy only the unknown characters of a run of marks
            start, end = _around(at, strange & set(range(start, end)))
            first, last = spelled[0], spelled[-1] + 1
        if strange & set(range(start, end)):
            space = b" " if tokenizer.surfaces[tokens[first]].startswith(b" ") else b""
            again = before == ((start, end), first)  # two words of the translation for one of the source
            word = b"" if again else space + bytes_of(text[start:end])
            instead |= {first: word, **dict.fromkeys(range(first + 1, last), b"")}
            before = ((start, end), last)
    return instead


def word_at(text: str, index: int) -> Span:
    """The span of the word, or of the run of marks, around the character at `index`."""
    while index < len(text) - 1 and text[index].isspace():
        index += 1
    while index > 0 and _kind(text[index]) == "joiner":
        index -= 1
    kinds = (_kind(text[index]), "joiner")
    return _around(index, {i for i, character in enumerate(text) if _kind(character) in kinds})


def _around(index: int, inside: Set[int]) -> Span:
    """The longest span around `index` whose indices are all `inside`."""
    start = end = index
    while start - 1 in inside:
        start -= 1
    while end in inside:
        end += 1
    return start, end


def _kind(character: str) -> str:
    """The kind of a character. Characters of one kind form a word; joiners belong to any word."""
    if character.isspace():
        return "space"
    if "\u3400" <= character <= "\u9fff" or "\u30a0" <= character <= "\u30ff":
        return "Han" if character >= "\u3400" else "katakana"
    category = unicodedata.category(character)
    if category == "Cf" or category[0] == "M":
        return "joiner"
    return "letter" if category[0] in "LN" else "mark"


def _with_space(text: str, span: Span) -> bytes:
    """A source word as a token of the translation: with a space before it, also at the start of a text."""
    word = text[slice(*span)]
    return bytes_of(f" {word}" if span[0] == 0 and not word.startswith(" ") else word)


def _is_strange(tokenizer: Tokenizer, token: int) -> bool:
    """Whether a token is `<unk>`, or a byte of a character that has no token."""
    surface = tokenizer.surfaces[token]
    return token == UNKNOWN or (len(surface) == 1 and surface[0] >= 0x80)


def _spelled(tokens: Sequence[int], tokenizer: Tokenizer) -> list[Span]:
    """The words of a translation that hold a byte of a character without a token, as [first, last) token positions."""
    found: list[Span] = []
    first, strange = 0, False
    for position, token in enumerate([*tokens, None]):
        surface = b" " if token is None else tokenizer.surfaces[token]
        edge = token is None or surface.startswith(b" ")
        mark = not edge and not _is_strange(tokenizer, token or 0) and _is_mark(surface)
        if edge or mark:
            if strange:
                found.append((first, position))
            first, strange = position + mark, False
        if token is not None and not mark:
            if surface.startswith(b" ") and _is_mark(surface.strip()):
                first = position + 1
            strange |= _is_strange(tokenizer, token)
    return found


def _is_mark(surface: bytes) -> bool:
    text = text_of(surface)
    return bool(text) and all(_kind(character) == "mark" for character in text)
