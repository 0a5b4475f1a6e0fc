"""A word can be taken back: out of the learned counts, and never suggested again."""

from __future__ import annotations

import json
import stat
from collections.abc import Callable
from pathlib import Path

import pytest

from tui_lm import checkpoint
from tui_lm.checkpoint import SavedModel
from tui_lm.completion import Completer, block_list, ngram_files
from tui_lm.completion.block_list import BlockList
from tui_lm.completion.lexicon import Lexicon
from tui_lm.completion.search import Limits
from tui_lm.completion.training_counts import build
from tui_lm.corpus import Utterance
from tui_lm.errors import TuiLmError
from tui_lm.tokenizers.stream import WritingContext

MESSAGES = [Utterance("Ann", text) for text in ("see the sea", "the sea at six", "see you there") * 3]


@pytest.fixture
def folder(make_model: Callable[..., SavedModel], home: Path) -> Path:
    path = home / "models" / "small"
    counted = build(MESSAGES)
    checkpoint.save(path, make_model(), attach=lambda new: ngram_files.save(counted, new))
    completer = Completer.open(path)
    for text in ("teh sea", "teh best of teh", "Teh end"):
        completer.learn(WritingContext(text, "Ann"))
    completer.save()
    return path


def words(folder: Path, text: str) -> list[str]:
    completer = Completer(None, ngram_files.load(folder), folder=folder)
    return [word.text for word in completer.candidates(WritingContext(text, "Ann"), n=20)]


def test_a_word_that_was_taken_back_is_not_suggested_and_not_stored(folder: Path) -> None:
    assert "teh" in words(folder, "te")
    assert ngram_files.block(folder, "teh")
    assert words(folder, "te") == words(folder, "Te") == []
    stored = (folder / ngram_files.LEARNED).read_bytes()
    assert b"teh" not in stored.lower()
    assert "best" in words(folder, "be"), "other learned words stay"


def test_learned_counts_stay_sound_after_a_word_was_taken_back(folder: Path) -> None:
    ngram_files.block(folder, "teh")
    completer = Completer.open(folder)
    completer.learn(WritingContext("best of three teh", "Ann"))
    completer.save()
    assert "three" in words(folder, "th")
    probabilities = ngram_files.load(folder).probabilities([None, None, None])
    assert probabilities.sum() == pytest.approx(1.0) and (probabilities >= 0).all()


def test_a_word_of_the_training_chat_is_blocked_in_any_capitals(folder: Path) -> None:
    assert "sea" in words(folder, "the ")
    ngram_files.block(folder, "SEA")
    assert "sea" not in words(folder, "the ") and "SEA" not in words(folder, "SE")
    ngram_files.unblock(folder, "sea")
    assert "sea" in words(folder, "the ")


def test_ghosts_and_replies_hold_no_blocked_word(folder: Path) -> None:
    def completer() -> Completer:
        return Completer.open(folder)

    one = completer()
    one._limits, one._sure = Limits(floor=0.0, depth=6), 0.0
    history = [("Bob", "when?")]
    for word in ("see", "sea", "the", "you", "there", "six", "at"):
        ngram_files.block(folder, word)
    other = completer()
    other._limits, other._sure = Limits(floor=0.0, depth=6), 0.0
    blocked = block_list.load(folder)
    for text in ("", "s", "see ", "the "):
        ghost = other.ghost(WritingContext(text, "Ann"))
        assert not blocked.holds(text.rpartition(" ")[2] + ghost)
    assert not any(blocked.holds(reply.text) for reply in other.replies(WritingContext(author="Ann", history=history)))


def test_an_open_completer_takes_a_word_back_at_once(folder: Path) -> None:
    completer = Completer.open(folder)
    completer.take_back("teh")
    assert not completer.candidates(WritingContext("te", "Ann")) and not completer.allows("for teh win")
    assert words(folder, "te") == []


def test_a_word_is_taken_back_without_the_marks_of_its_candidate(folder: Path) -> None:
    completer = Completer.open(folder)
    assert completer.take_back("(teh!") == "teh"
    assert not completer.candidates(WritingContext("te", "Ann")) and not completer.allows("for teh win")


def test_a_word_that_is_learned_again_stays_blocked(folder: Path) -> None:
    completer = Completer.open(folder)
    completer.take_back("teh")
    completer.learn(WritingContext("teh teh teh", "Ann"))
    assert not completer.candidates(WritingContext("te", "Ann"))


def test_the_list_is_private_and_holds_no_words(folder: Path) -> None:
    ngram_files.block(folder, "hunter2!")
    path = folder / block_list.FILE
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert "hunter" not in path.read_text()
    assert set(json.loads(path.read_text())) == {"key", "words"}
    other = BlockList().with_word("hunter2!")
    assert other.hashes != block_list.load(folder).hashes, "the hashes are keyed"


def test_a_blocked_word_with_a_mark_is_not_put_together_again() -> None:
    counted = build([Utterance("Ann", "it is hunter2!")] * 9)
    completer = Completer(None, counted)
    context = WritingContext("it is hun", "Ann")
    assert [word.text for word in completer.candidates(context)] == ["hunter2!"]
    lexicon = Lexicon(counted.vocabulary, BlockList().with_word("hunter2!"))
    completer._lexicon = lambda: lexicon  # type: ignore[method-assign]
    completer._draft = None
    assert not completer.candidates(context)


def test_several_words_are_blocked_together_only() -> None:
    blocked = BlockList().with_word("my Secret's")
    assert blocked.holds("it is my secret’s") and blocked.holds("MY SECRET'S")
    assert not blocked.holds("my") and not blocked.holds("secret's my")


def test_the_list_is_kept_by_a_plain_forget_and_by_a_new_checkpoint(folder: Path) -> None:
    ngram_files.block(folder, "sea")
    ngram_files.forget(folder)
    assert block_list.load(folder).holds("sea")
    model = checkpoint.load(folder)
    checkpoint.save(folder, model, attach=lambda new: ngram_files.pass_on(folder, new))
    assert block_list.load(folder).holds("sea")
    ngram_files.block(folder, "six")
    checkpoint.load(folder)  # the list has no checksum


def test_a_damaged_list_is_an_error_with_a_hint(folder: Path) -> None:
    (folder / block_list.FILE).write_text('{"key": 3}')
    with pytest.raises(TuiLmError) as raised:
        block_list.load(folder)
    assert raised.value.hint
