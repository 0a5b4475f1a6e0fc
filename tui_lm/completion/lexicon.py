"""The lexicon: which words may be suggested.

A network that spells in characters makes up words that nobody has written. If the chat was counted, only its words are
suggested, in any spelling, those that were learned since, and compounds of two of them. Someone who has typed what no
word of the chat begins with writes a new word; then there are no words of the chat to prefer, and less is excluded.
"""

from __future__ import annotations

from tui_lm.completion.block_list import BlockList
from tui_lm.completion.respelling import Apostrophe
from tui_lm.completion.vocabulary import Vocabulary, folded, tokens
from tui_lm.completion.words import UNSPACED_CHARACTER, WORD

PART, SHORT_PART = 4, 2  # minimum letters of each part of a compound, and of one that no word of the chat begins like
LIKELY = 0.5  # a new word has to be more probable than all others together


class Lexicon:
    """The words of a `vocabulary`, which is spelled with one kind of `apostrophe`, that are not `blocked`.

    Without a vocabulary, or with one that has no training words, every other word is allowed.
    """

    def __init__(
        self,
        vocabulary: Vocabulary | None,
        blocked: BlockList | None = None,
        apostrophe: Apostrophe | None = None,
    ) -> None:
        self._blocked = blocked or BlockList()
        self._apostrophe = apostrophe or Apostrophe()
        self._vocabulary = vocabulary if vocabulary is not None and vocabulary.sorted else None
        self._known: dict[tuple[str, int], bool] = {}

    def blocks(self, text: str) -> bool:
        """Whether a word of `text` was taken back."""
        return self._blocked.holds(text)

    def allows(self, text: str) -> bool:
        """Whether every word of `text` is in the lexicon and none is blocked. Marks are always in it, and so are
        scripts without spaces."""
        return not self.blocks(text) and self._holds_all(text, PART)

    def offers(self, candidate: str, probability: float, typed: str) -> bool:
        """Whether a candidate of this probability may be offered after `typed` of its word."""
        if self.blocks(candidate):
            return False
        if not typed or self._begins_a_word(typed):
            return self._holds_all(candidate, PART)
        return probability > LIKELY or self._holds_all(candidate, SHORT_PART)

    def _begins_a_word(self, typed: str) -> bool:
        if self._vocabulary is None:
            return False
        trained, learned = self._vocabulary.starting_with(folded(self._apostrophe.written(typed)))
        return trained.start < trained.stop or bool(learned)

    def _holds_all(self, text: str, part: int) -> bool:
        if self._vocabulary is None:
            return True
        return all(self._is_known(token, part) for token in tokens(self._apostrophe.written(text)))

    def _is_known(self, token: str, part: int) -> bool:
        known = self._known.get((token, part))
        if known is None:
            body = token.strip()
            is_word = WORD.match(body) and not UNSPACED_CHARACTER.match(body)
            known = not is_word or self._holds(body) or self._is_compound(body, part)
            self._known[token, part] = known
        return known

    def _holds(self, word: str) -> bool:
        return self._vocabulary is not None and self._vocabulary.find(folded(word)) is not None

    def _is_compound(self, word: str, part: int) -> bool:
        cuts = range(part, len(word) - part + 1)
        return any(self._holds(word[:cut]) and self._holds(word[cut:]) for cut in cuts)
