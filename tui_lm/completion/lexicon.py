"""The lexicon: which words may be suggested.

A network that spells in characters makes up words that nobody has written. If the chat was counted, only its words are
suggested, in any spelling, those that were learned since, and compounds of two of them.
"""

from __future__ import annotations

from tui_lm.completion.block_list import BlockList
from tui_lm.completion.respelling import Apostrophe
from tui_lm.completion.vocabulary import Vocabulary, folded, tokens
from tui_lm.completion.words import UNSPACED_CHARACTER, WORD

PART = 4  # minimum letters of each part of a compound; shorter parts make nonsense


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
        self._known: dict[str, bool] = {}

    def allows(self, text: str) -> bool:
        """Whether every word of `text` is in the lexicon and none is blocked. Marks are always in it, and so are
        scripts without spaces."""
        if self._blocked.holds(text):
            return False
        return self._vocabulary is None or all(map(self._allows, tokens(self._apostrophe.written(text))))

    def _allows(self, token: str) -> bool:
        known = self._known.get(token)
        if known is None:
            assert self._vocabulary is not None
            body = token.strip()
            is_word = WORD.match(body) and not UNSPACED_CHARACTER.match(body)
            known = not is_word or self._holds(body) or self._is_compound(body)
            self._known[token] = known
        return known

    def _holds(self, word: str) -> bool:
        return self._vocabulary is not None and self._vocabulary.find(folded(word)) is not None

    def _is_compound(self, word: str) -> bool:
        cuts = range(PART, len(word) - PART + 1)
        return any(self._holds(word[:cut]) and self._holds(word[cut:]) for cut in cuts)
