"""The tokenizers of a model's input and output."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Self

from tui_lm.tokenizers.tokenizer import Tokenizer

SOURCE = "source"  # the folder of a source tokenizer that is not the target's, inside that of the target's


@dataclass(frozen=True, slots=True)
class Tokenizers:
    """The tokenizers of `source` and `target`.

    They are one object for a language model, and for a translator between languages that share their letters.
    """

    source: Tokenizer
    target: Tokenizer

    @classmethod
    def shared(cls, tokenizer: Tokenizer) -> Self:
        """One tokenizer for both sides."""
        return cls(tokenizer, tokenizer)

    @property
    def are_shared(self) -> bool:
        return self.source is self.target

    def to_files(self, folder: Path) -> None:
        self.target.to_files(folder)
        if not self.are_shared:
            (folder / SOURCE).mkdir(mode=0o700)
            self.source.to_files(folder / SOURCE)
