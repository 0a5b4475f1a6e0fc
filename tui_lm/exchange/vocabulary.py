"""Our tokenizers as lists of pieces, the form that Hugging Face's and llama.cpp's tokenizers are built from."""

from __future__ import annotations

from collections.abc import Sequence

from tui_lm.errors import TuiLmError
from tui_lm.exchange.bpe_vocabulary import special_texts
from tui_lm.tokenizers import Tokenizer
from tui_lm.tokenizers.bpe import BpeTokenizer
from tui_lm.tokenizers.char import CharTokenizer
from tui_lm.tokenizers.pieces import Piece, PieceKind, is_bpe, read_pieces
from tui_lm.tokenizers.specials import BEGIN, FIXED
from tui_lm.tokenizers.subword import SPACE, SubwordTokenizer, author_piece


def pieces_of(tokenizer: Tokenizer) -> list[Piece]:
    """The pieces by id, with plain spaces. Raises TuiLmError for a tokenizer that no other program can run."""
    if isinstance(tokenizer, CharTokenizer):
        fixed = [Piece(text, 0.0, PieceKind.CONTROL if i else PieceKind.UNKNOWN) for i, text in enumerate(FIXED)]
        authors = [author_piece(i) for i in range(len(tokenizer.specials.authors))]
        single = [Piece(f"<0x{value:02X}>", 0.0, PieceKind.BYTE) for value in range(256)]
        return [*fixed, *authors, *single, *(Piece(c, 0.0, PieceKind.NORMAL) for c in tokenizer.characters)]
    if isinstance(tokenizer, SubwordTokenizer) and is_bpe(tokenizer.model):
        return [
            Piece(
                piece.text.replace(SPACE, " ") if piece.kind is PieceKind.NORMAL else piece.text,
                piece.score,
                piece.kind,
            )
            for piece in read_pieces(tokenizer.model)
        ]
    raise TuiLmError(
        f"a model with a tokenizer of the kind {tokenizer.name} cannot be exported: no other program has one like it",
        "export a model with a char or subword tokenizer",
    )


def merges(pieces: list[Piece]) -> list[tuple[str, str]]:
    """The merges of a BPE tokenizer, best first, found again from its pieces: SentencePiece stores only the results."""
    known = {piece.text for piece in pieces if piece.kind is PieceKind.NORMAL}
    ids = {piece.text: i for i, piece in enumerate(pieces)}
    pairs = [
        (-piece.score, ids[left], ids[right], left, right)
        for piece in pieces
        if piece.kind is PieceKind.NORMAL
        for cut in range(1, len(piece.text))
        if (left := piece.text[:cut]) in known and (right := piece.text[cut:]) in known
    ]
    return [(left, right) for *_, left, right in sorted(pairs)]


def special_names(tokenizer: Tokenizer) -> list[str]:
    """The texts of our special tokens in other programs, by id: the fixed ones, then one an author."""
    if isinstance(tokenizer, BpeTokenizer):
        return special_texts(tokenizer)
    return [*FIXED, *(author_piece(i).text for i in range(len(tokenizer.specials.authors)))]


def chat_template(me: str | None, authors: tuple[str, ...], names: Sequence[str]) -> str:
    """A Jinja chat template that writes each message as `<s> [author] text </s>`.

    The assistant is `me`, or the most frequent author; the user is the most frequent of the other authors. `authors`
    is sorted by frequency; `names` are those of `special_names`.
    """
    begin, end, other, *tokens = names[BEGIN:]
    if not authors:
        return (
            "{% for message in messages %}" + begin + "{{ message['content'] }}" + end + "{% endfor %}"
            "{% if add_generation_prompt %}" + begin + "{% endif %}"
        )
    mine = authors.index(me) if me in authors else 0
    theirs = next((token for i, token in enumerate(tokens) if i != mine), other)
    return (
        "{% for message in messages %}" + begin + "{{ '" + f"{tokens[mine]}' if message['role'] == 'assistant' "
        f"else '{theirs}' " + "}}{{ message['content'] }}" + end + "{% endfor %}"
        "{% if add_generation_prompt %}" + begin + tokens[mine] + "{% endif %}"
    )
