"""Text to token ids and back: char, word, subword. `load` reads them from a model folder."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

from tui_lm.errors import TuiLmError
from tui_lm.tokenizers.char import CharTokenizer
from tui_lm.tokenizers.pair import SOURCE, Tokenizers
from tui_lm.tokenizers.specials import Specials
from tui_lm.tokenizers.tokenizer import Tokenizer
from tui_lm.tokenizers.vocabulary import VocabularyTokenizer
from tui_lm.tokenizers.word import WordTokenizer

__all__ = ["KINDS", "Specials", "Tokenizer", "Tokenizers", "load", "train"]

KINDS = ("char", "word", "subword")


def _kind(name: str) -> type[Tokenizer]:
    if name == "subword":  # sentencepiece is loaded only for those who use it
        from tui_lm.tokenizers.subword import SubwordTokenizer

        return SubwordTokenizer
    if name == "bpe":  # of pretrained models
        from tui_lm.tokenizers.bpe import BpeTokenizer

        return BpeTokenizer
    kinds: Mapping[str, type[Tokenizer]] = {
        "char": CharTokenizer,
        "word": WordTokenizer,
        "vocabulary": VocabularyTokenizer,  # of word vectors
    }
    if name not in kinds:
        raise TuiLmError(f"no such tokenizer: {name}", f"choose one of {', '.join(KINDS)}", exit_code=2)
    return kinds[name]


def train(name: str, texts: Iterable[str], specials: Specials, vocab_size: int | None = None) -> Tokenizer:
    """Fit the tokenizer called `name` on training texts; `vocab_size` is an upper bound where it has one."""
    return _kind(name).train(texts, specials, vocab_size)


def load(name: str, folder: Path) -> Tokenizers:
    """Read the tokenizers of a model folder. Raises TuiLmError if one is missing or damaged."""
    kind = _kind(name)
    target = kind.from_files(folder)
    own_source = folder / SOURCE
    return Tokenizers(kind.from_files(own_source) if own_source.is_dir() else target, target)
