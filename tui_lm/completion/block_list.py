"""Words that a model may no longer suggest, because its user took them back.

The file in the model folder holds keyed hashes (BLAKE2b with a random key of its own), not the words: whoever opens it
cannot read them, but can test a guess. It is private (0600), is not exported, and stays when learned words are deleted.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path

from tui_lm import atomic_file
from tui_lm.completion.respelling import Apostrophe
from tui_lm.completion.vocabulary import folded, tokens
from tui_lm.errors import DAMAGE, TuiLmError
from tui_lm.tokenizers.tokenizer import bytes_of

FILE = "blocked.json"
KEY_BYTES, HASH_BYTES = 16, 16


@dataclass(frozen=True, slots=True)
class BlockList:
    """The hashes of blocked words with the number of tokens of each; case and the kind of apostrophe do not matter."""

    key: bytes = b""
    hashes: frozenset[tuple[int, str]] = frozenset()

    def holds(self, text: str) -> bool:
        """Whether a blocked word occurs in `text`."""
        if not self.hashes:
            return False
        spelled = _forms(text)
        return any(
            (length, self._hash(spelled[start : start + length])) in self.hashes
            for length in {length for length, _ in self.hashes}
            for start in range(len(spelled) - length + 1)
        )

    def with_word(self, word: str) -> BlockList:
        """The list with one word more. Raises TuiLmError if `word` is blank."""
        keyed = BlockList(self.key or os.urandom(KEY_BYTES), self.hashes)
        return BlockList(keyed.key, keyed.hashes | {keyed._entry(word)})

    def without(self, word: str) -> BlockList:
        return BlockList(self.key, self.hashes - {self._entry(word)})

    def _entry(self, word: str) -> tuple[int, str]:
        spelled = _forms(word)
        if not spelled:
            raise TuiLmError("the word is blank", "name one, such as --word teh", exit_code=2)
        return len(spelled), self._hash(spelled)

    def _hash(self, spelled: Iterable[str]) -> str:
        return blake2b(bytes_of("".join(spelled)), key=self.key, digest_size=HASH_BYTES).hexdigest()


def load(folder: Path) -> BlockList:
    """The block list of a model folder, empty if it has none. Raises TuiLmError if the file is damaged."""
    try:
        values = json.loads((folder / FILE).read_text("ascii"))
        return BlockList(bytes.fromhex(values["key"]), frozenset((int(n), str(found)) for n, found in values["words"]))
    except FileNotFoundError:
        return BlockList()
    except (OSError, *DAMAGE) as error:
        raise TuiLmError(f"{FILE} of the model is damaged", "delete the file, and block the words again") from error


def save(blocked: BlockList, folder: Path) -> None:
    """Write the block list, whole or not at all. Raises TuiLmError on failure."""
    values = {"key": blocked.key.hex(), "words": sorted(map(list, blocked.hashes))}
    try:
        atomic_file.write(folder / FILE, json.dumps(values).encode("ascii"))
    except OSError as error:
        raise TuiLmError(
            f"the block list could not be saved: {error.strerror}", "correct the permissions of the model folder"
        ) from error


def _forms(text: str) -> list[str]:
    return [folded(token) for token in tokens(Apostrophe().written(text))]
