"""Word boundaries in many scripts."""

from __future__ import annotations

import pytest

from tui_lm.completion.words import Cursor, RunKind, cursor, ends_word, is_unspaced, may_cut, run_kind, without_marks


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", Cursor("", "", "")),
        ("see", Cursor("", "", "see")),
        ("see ", Cursor("see ", "", "")),
        ("see (yo", Cursor("see ", "(", "yo")),
        ("ok.", Cursor("", "ok.", "")),
        ("a\nb-c", Cursor("a\n", "b-", "c")),
        ("I don't", Cursor("I ", "", "don't")),
        ("मैं नमस्ते", Cursor("मैं ", "", "नमस्ते")),
        ("hi ❤️", Cursor("hi ", "❤️", "")),
        ("ok 👩\u200d💻x", Cursor("ok ", "👩\u200d💻", "x")),
    ],
)
def test_the_cursor_splits_a_text_at_the_word_being_typed(text: str, expected: Cursor) -> None:
    assert cursor(text) == expected
    assert expected.before + expected.token == text


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("abc", RunKind.WORD),
        ("नमस्ते", RunKind.WORD),
        ("...", RunKind.OTHER),
        ("👍🏽", RunKind.OTHER),
        ("❤️", RunKind.OTHER),
        (" \n", RunKind.SPACE),
        ("ok!", None),
        (" you", None),
        ("", None),
        ("\u0301", RunKind.EXTEND),
    ],
)
def test_a_run_has_one_kind(text: str, kind: RunKind | None) -> None:
    assert run_kind(text) is kind


def test_no_cut_after_a_joiner_or_a_virama() -> None:
    assert may_cut("") and may_cut("ok") and may_cut("नमस्ते") and may_cut("👍")
    assert not may_cut("👩\u200d")
    assert not may_cut("नमस्")


def test_words_end_where_keystrokes_are_counted() -> None:
    ends = [end for end in range(1, 12) if ends_word("don't go, ok", end)]
    assert ends == [5, 6, 8, 9, 10]


def test_scripts_without_spaces() -> None:
    assert is_unspaced("ok 你好") and is_unspaced("こんにちは") and is_unspaced("สวัสดี")
    assert not is_unspaced("नमस्ते") and not is_unspaced("") and not is_unspaced("好 ok")


@pytest.mark.parametrize(
    ("candidate", "word"),
    [
        ("tomorrow,", "tomorrow"),
        ("(hello", "hello"),
        ("well-known!", "well-known"),
        ("don't", "don't"),
        ("हिन्दी।", "हिन्दी"),
        ("“so", "so"),
        ("<3", "<3"),
        (":D!", ":D"),
        (":)", ":)"),
        ("", ""),
    ],
)
def test_the_word_of_a_candidate_has_no_marks_around_it(candidate: str, word: str) -> None:
    assert without_marks(candidate) == word
