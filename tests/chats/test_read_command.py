"""`tui-lm read`: its output for people and for programs."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from tui_lm.cli.read import read
from tui_lm.errors import TuiLmError

FIXTURES = Path(__file__).parent / "fixtures"
CHAT = FIXTURES / "whatsapp/locale/android_en-US_12h_nnbsp.txt"
app = typer.Typer()
app.command()(read)


def run(*arguments: str) -> str:
    result = CliRunner().invoke(app, list(arguments), catch_exceptions=False)
    assert result.exit_code == 0
    return result.stdout


def test_json_has_the_summary() -> None:
    assert json.loads(run(str(CHAT), "--json")) == {
        "format": "whatsapp",
        "records": 9,
        "messages": 7,
        "system": 2,
        "media": 1,
        "authors": {"Bob O'Neil": 4, "Ann": 3},
        "first": "2023-03-28T21:29:00",
        "last": "2023-04-05T09:03:00",
        "date_order": "mdy",
        "warnings": [],
    }


def test_messages_are_printed_as_json_lines() -> None:
    rows = [json.loads(line) for line in run(str(CHAT), "--messages").splitlines()]
    assert len(rows) == 7
    assert rows[0] == {"sent_at": "2023-03-28T21:31:00", "author": "Ann", "text": "hello: world", "kind": "text"}


def test_times_of_an_absolute_export_are_utc() -> None:
    summary = json.loads(run(str(FIXTURES / "discord/export.json"), "--json"))
    assert summary["first"] == "2024-06-01T07:00:00.100000+00:00"


def test_the_summary_is_printed_as_text() -> None:
    text = run(str(CHAT))
    for part in ("format: whatsapp", "month, day, year", "Ann: 3 (42.9%)", "media 1", "hello: world"):
        assert part in text


def test_private_strings_are_counted(tmp_path: Path) -> None:
    path = tmp_path / "chat.txt"
    path.write_text(
        "28/03/2024, 22:00 - Ann: 07700 900123, a@example.com\n28/03/2024, 22:01 - Bob: 07700 900124\n", "utf-8"
    )
    text = run(str(path))
    assert "  phone: 2\n  email: 1\n" in text
    assert "07700 900124" in text, "sample messages are shown unredacted"
    assert "phone" not in run(str(CHAT))


def test_warnings_go_to_stderr() -> None:
    path = str(FIXTURES / "whatsapp/traps/date_order_ambiguous.txt")
    result = CliRunner().invoke(app, [path])
    assert "warning: the order of day and month is a guess" in result.stderr
    assert "warning" not in result.stdout


def test_names_are_merged_and_left_out() -> None:
    summary = json.loads(run(str(CHAT), "--json", "--alias", "Bob=Bob O'Neil", "--exclude-author", "Ann"))
    assert summary["authors"] == {"Bob": 4}


def test_prose_is_described_as_prose() -> None:
    path = str(FIXTURES / "negative/plain_prose.txt")
    assert run(path).startswith("prose")
    assert json.loads(run(path, "--json"))["format"] == "prose"
    with pytest.raises(TuiLmError, match="no messages"):
        run(path, "--messages")


def test_an_empty_file_is_an_error() -> None:
    with pytest.raises(TuiLmError, match="empty"):
        run(str(FIXTURES / "negative/empty.txt"))


def test_control_characters_are_not_printed(tmp_path: Path) -> None:
    path = tmp_path / "chat.txt"
    path.write_text("28/03/2024, 22:00 - An\x1b[31mn: \x1b]0;title\x07 \x9b2J \u202ereversed\n", "utf-8")
    text = run(str(path))
    assert not set("\x1b\x07\x9b\u202e") & set(text)
    assert "␛]0;title␇" in text


def test_a_message_of_several_lines_is_previewed_on_one(tmp_path: Path) -> None:
    path = tmp_path / "chat.txt"
    path.write_text("28/03/2024, 22:00 - Ann: two\nlines\n", "utf-8")
    assert "two ⏎ lines" in run(str(path))


def test_pairs_and_prose_show_how_much_there_is_and_two_samples(tmp_path: Path) -> None:
    pairs = tmp_path / "a.tsv"
    pairs.write_text("one\teins\ntwo\tzwei\nthree\tdrei\n")
    assert run(str(pairs)).splitlines() == [
        "sentence pairs: nearly all of its lines hold two texts",
        "pairs: 3",
        "samples:",
        "  one -> eins",
        "  two -> zwei",
    ]
    assert json.loads(run(str(pairs), "--json"))["pairs"] == 3
    text = run(str(FIXTURES / "negative/plain_prose.txt"))
    assert "lines: " in text and text.count("\n  ") == 2


def test_only_the_authors_who_wrote_most_are_shown_by_name(tmp_path: Path) -> None:
    path = tmp_path / "chat.txt"
    path.write_text("".join(f"28/03/2024, 22:00 - Author {number}: hi\n" * (30 - number) for number in range(20)))
    text = run(str(path))
    assert "Author 14: 16" in text
    assert "Author 15" not in text
    assert "  5 others: 65 (15.9%)" in text
    assert len(json.loads(run(str(path), "--json"))["authors"]) == 20


def test_lines_taken_as_text_are_counted_in_a_warning(tmp_path: Path) -> None:
    path = tmp_path / "chat.txt"
    path.write_text("28/03/2024, 22:00 - Ann: look\n[27.03.24, 21:29:01] Zoe: one\n[27.03.24, 21:29:05] Mo: two\n")
    warnings = json.loads(run(str(path), "--json"))["warnings"]
    assert warnings == ["lines that look like the start of a message, but were taken as part of the one before: 2"]


def test_a_recognised_format_without_a_row_is_an_error(tmp_path: Path) -> None:
    path = tmp_path / "result.json"
    path.write_text('{"name": "A", "messages": [{"type": "message", "date": "never", "from": "Ann", "text": "hi"}]}')
    result = CliRunner().invoke(app, [str(path)])
    assert isinstance(result.exception, TuiLmError)
    assert "none of its rows can be read" in result.exception.message
    assert "time cannot be read: 1" in result.exception.message


def test_an_encoding_can_be_named(tmp_path: Path) -> None:
    path = tmp_path / "chat.txt"
    path.write_bytes("28/03/2024, 22:00 - Аня: привет\n".encode("koi8-r") * 3)
    assert json.loads(run(str(path), "--json", "--encoding", "koi8-r"))["authors"] == {"Аня": 3}
    for name in ("pigeon", "hex"):
        with pytest.raises(TuiLmError, match="no encoding is called") as raised:
            run(str(path), "--encoding", name)
        assert raised.value.exit_code == 2


def test_a_kind_can_be_forced(tmp_path: Path) -> None:
    path = tmp_path / "page.html"
    path.write_text("<html><body>hello</body></html>")
    with pytest.raises(TuiLmError, match="HTML"):
        run(str(path))
    assert run(str(path), "--format", "prose").startswith("prose")
