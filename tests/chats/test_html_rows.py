"""Rows of HTML and XML are complete, in order and read in constant memory."""

from __future__ import annotations

from pathlib import Path

import pytest

from tui_lm.chats.document import Document, Meter, file_document
from tui_lm.chats.html_rows import _AT_A_TIME, Element, rows
from tui_lm.errors import TuiLmError

PAGE = """<!DOCTYPE html><html><body><div class="history">
<div class="message default" id="1"><div class="from">Rosa &amp; Mo</div>
 <div class="text">two<br>lines, <b>bold</b> and\n a  space<a>link</a><blockquote>quoted</blockquote></div></div>
<div class="other">no row</div>
<div class="message" id="2"><img class="emoji" alt="😀"/><div class="text">inner <div class="message">row</div></div>
</div></body></html>"""


def document(path: Path, text: str) -> Document:
    path.write_text(text, "utf-8")
    return file_document(path, path.name, {}, Meter())


def text_of(element: Element | None) -> str | None:
    return None if element is None else element.text()


def test_rows_are_found_by_their_class(tmp_path: Path) -> None:
    first, second = rows(document(tmp_path / "a.html", PAGE), "message")
    assert first.attributes["id"] == "1"
    assert text_of(first.first("from")) == "Rosa & Mo"
    assert text_of(first.first("text")) == "two\nlines, bold and a spacelink\nquoted"
    body = first.first("text")
    assert body is not None and body.text(without=("blockquote", "a")) == "two\nlines, bold and a space"
    assert text_of(second) == "😀\ninner\nrow"


def test_xml_rows_are_elements(tmp_path: Path) -> None:
    text = '<?xml version="1.0"?><smses><sms body="a &amp; b&#10;c"/><mms/></smses>'
    (row,) = rows(document(tmp_path / "a.xml", text), lambda tag, _: tag == "sms", xml=True)
    assert row.attributes["body"] == "a & b\nc"


def test_xml_that_declares_entities_is_refused(tmp_path: Path) -> None:
    text = '<!DOCTYPE smses [<!ENTITY x "xx">]><smses><sms body="&x;"/></smses>'
    with pytest.raises(TuiLmError, match="entities"):
        list(rows(document(tmp_path / "a.xml", text), lambda tag, _: tag == "sms", xml=True))


def test_a_truncated_row_is_read_as_far_as_it_goes(tmp_path: Path) -> None:
    (row,) = rows(document(tmp_path / "a.html", '<div class="message"><div class="text">half a mess'), "message")
    assert text_of(row) == "half a mess"


@pytest.mark.parametrize(
    "text",
    [
        '<div class="message">' + "<div>" * 100_000,
        '<div class="message">' + "<b>x</b>" * 10_000,
        "<" * 100_000,
        '<div class="message"' + " a=1" * 100_000,
        "&amp" * 100_000,
        "</div>" * 100_000,
    ],
    ids=lambda text: text[:24],
)
def test_no_markup_takes_longer_than_its_bound(text: str, tmp_path: Path) -> None:
    list(rows(document(tmp_path / "a.html", text), "message"))


def test_a_row_without_an_end_is_refused(tmp_path: Path) -> None:
    with pytest.raises(TuiLmError, match="without an end"):
        list(rows(document(tmp_path / "a.html", '<div class="message">' + "<i>x</i>" * 600_000), "message"))


@pytest.mark.parametrize("xml", [False, True])
def test_large_files_are_read_with_one_parser_after_another(xml: bool, tmp_path: Path) -> None:
    """The parser keeps what it was fed, so memory would grow with the file."""
    row = '<div class="message"><div class="text">' + "words and <b>more</b> words " * 40 + "</div></div>\n"
    count = 3 * _AT_A_TIME // len(row)
    text = f'<div class="history">{row * count}</div>'
    found = [each.text() for each in rows(document(tmp_path / "a.html", text), "message", xml=xml)]
    assert len(found) == count
    assert set(found) == {("words and more words " * 40).strip()}
