"""Documents follow the edits of an editor, in any encoding of positions."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.conftest import fuzz

pytest.importorskip("pygls", reason="the extra lsp is not installed")

from lsprotocol.types import Position, Range

from tui_lm.lsp.document import EditedDocument, index, units

TEXT = st.text(st.sampled_from("ab \n\r\t\u2028\x0ce\u0301न😀"), max_size=12)
EDITS = st.lists(st.tuples(TEXT, *[st.integers(0, 9)] * 4), max_size=12)


def offset(text: str, line: int, character: int) -> int:
    """Where a position is in a whole text, the slow way: every line is encoded."""
    starts = [0, *(end.end() for end in re.finditer("\r\n|\r|\n", text))]
    if line >= len(starts):
        return len(text)
    (whole,) = re.findall(r"\A[^\r\n]*", text[starts[line] :])
    fitting = [i for i in range(len(whole) + 1) if len(whole[:i].encode("utf-16-le")) // 2 <= character]
    return starts[line] + fitting[-1]


@fuzz(300)
@given(TEXT, EDITS)
def test_edits_of_ranges_give_the_text_of_the_editor(text: str, edits: list[tuple[str, int, int, int, int]]) -> None:
    document = EditedDocument(text)
    for new, line, character, last_line, last_character in edits:
        start, end = sorted([offset(text, line, character), offset(text, last_line, last_character)])
        where = sorted([(line, character), (last_line, last_character)])
        text = text[:start] + new + text[end:]
        document.edit(new, Range(*(Position(*each) for each in where)))
        assert document.text == text
        assert list(document.lines) == re.split("\r\n|\r|\n", text)


@pytest.mark.parametrize(("encoding", "size"), [("utf-8", 4), ("utf-16", 2), ("utf-32", 1)])
def test_an_emoji_before_the_cursor_counts_in_the_units_of_the_editor(encoding: str, size: int) -> None:
    assert units("a😀b", encoding) == size + 2
    assert index("a😀b", 1 + size, encoding) == 2
    assert index("a😀b", 99, encoding) == 3
    document = EditedDocument("one\na😀bc", encoding=encoding)
    cursor = Position(1, size + 3)
    assert document.before(cursor) == "a😀bc"
    assert document.back(cursor, "bc") == Position(1, size + 1)


def test_a_position_inside_a_character_is_before_it() -> None:
    assert index("a😀b", 2, "utf-16") == 1


def test_only_line_ends_of_the_protocol_end_a_line() -> None:
    assert list(EditedDocument("a\x0cb\u2028c\r\nd\re").lines) == ["a\x0cb\u2028c", "d", "e"]


def test_the_lines_above_are_the_nearest_that_are_not_blank() -> None:
    document = EditedDocument("one\n\ntwo\n  \nthree\nhere")
    assert document.above(Position(5, 0), 2) == ["two", "three"]
