"""The vocabulary of a GGUF file, from any of our tokenizers that llama.cpp can run."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tui_lm.exchange.bpe_vocabulary import bpe_vocabulary
from tui_lm.exchange.vocabulary import pieces_of
from tui_lm.tokenizers import Tokenizer
from tui_lm.tokenizers.bpe import BpeTokenizer
from tui_lm.tokenizers.pieces import Piece, PieceKind
from tui_lm.tokenizers.specials import BEGIN, END, UNKNOWN
from tui_lm.tokenizers.subword import SPACE, SubwordTokenizer

if TYPE_CHECKING:
    from gguf import GGUFWriter


@dataclass(frozen=True, slots=True)
class GgufVocabulary:
    """`pieces` by id. `merges` are of byte-level pieces, which `split` cuts a text into; without, scores decide."""

    pieces: Sequence[Piece]
    merges: Sequence[str] = ()
    split: str | None = None
    spaced: bool = False

    def write(self, writer: GGUFWriter) -> None:
        import gguf

        byte_level = self.split is not None
        writer.add_tokenizer_model("gpt2" if byte_level else "llama")  # "llama" is SentencePiece's BPE
        writer.add_tokenizer_pre(self.split or "default")
        writer.add_token_list([piece.text for piece in self.pieces])
        writer.add_token_types([gguf.TokenType[piece.kind.name] for piece in self.pieces])
        if byte_level:
            writer.add_token_merges(self.merges)
        else:
            writer.add_token_scores([piece.score for piece in self.pieces])
            writer.add_add_space_prefix(self.spaced)
        writer.add_unk_token_id(UNKNOWN)
        writer.add_bos_token_id(BEGIN)
        writer.add_eos_token_id(END)
        writer.add_add_bos_token(True)
        writer.add_add_eos_token(False)


def gguf_vocabulary(tokenizer: Tokenizer) -> GgufVocabulary:
    """A char tokenizer is SentencePiece's without merges. Raises TuiLmError for one that llama.cpp cannot run."""
    if isinstance(tokenizer, BpeTokenizer):
        found = bpe_vocabulary(tokenizer)
        return GgufVocabulary(found.pieces, found.merges, found.split, found.spaced)
    named = (PieceKind.NORMAL, PieceKind.UNKNOWN, PieceKind.CONTROL, PieceKind.BYTE)
    pieces = [
        Piece(piece.text.replace(" ", SPACE), piece.score, piece.kind if piece.kind in named else PieceKind.UNUSED)
        for piece in pieces_of(tokenizer)
    ]
    return GgufVocabulary(pieces, spaced=isinstance(tokenizer, SubwordTokenizer))
