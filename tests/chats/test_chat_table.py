"""The columns of a table of messages can be named, where its header says nothing."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from tui_lm.chats import Message, open_chat
from tui_lm.cli.read import read
from tui_lm.corpus import read_corpus
from tui_lm.errors import TuiLmError
from tui_lm.source_options import SourceOptions, message_columns

UNNAMED = "x,2025-03-01 10:00:00,Rosa,hi there\ny,2025-03-01 10:01:00,Mo,yes\n"
IN_GERMAN = 'nr;when;wer;was\n1;01.03.2025 10:00;Rosa;"hallo; du"\n2;13.03.2025 11:00;Mo;ja\n'
app = typer.Typer()
app.command()(read)


def rows(path: Path, text: str, *columns: str) -> list[Message]:
    path.write_text(text, "utf-8")
    return list(open_chat([path], format="table", columns=columns))


def test_columns_are_named_by_their_number(tmp_path: Path) -> None:
    assert rows(tmp_path / "a.csv", UNNAMED, "2", "3", "4") == [
        Message("Rosa", "hi there", datetime(2025, 3, 1, 10)),
        Message("Mo", "yes", datetime(2025, 3, 1, 10, 1)),
    ]


def test_a_date_and_a_time_of_day_may_be_two_columns(tmp_path: Path) -> None:
    text = "14/03/2025,22:00:05,Rosa,+15550100,hi there\n14/03/2025,22:01:05,Mo,+15550101,yes\n"
    assert rows(tmp_path / "a.csv", text, "1", "2", "3", "5") == [
        Message("Rosa", "hi there", datetime(2025, 3, 14, 22, 0, 5)),
        Message("Mo", "yes", datetime(2025, 3, 14, 22, 1, 5)),
    ]
    assert message_columns("1,2,3,5", None) == ("1", "2", "3", "5")


def test_columns_without_a_time(tmp_path: Path) -> None:
    found = rows(tmp_path / "a.csv", UNNAMED, "3", "4")
    assert [(row.author, row.text, row.sent_at) for row in found] == [("Rosa", "hi there", None), ("Mo", "yes", None)]


def test_columns_are_named_as_in_the_header(tmp_path: Path) -> None:
    found = rows(tmp_path / "a.csv", IN_GERMAN, "When", "wer", "was")
    assert [(row.author, row.text, row.sent_at) for row in found] == [
        ("Rosa", "hallo; du", datetime(2025, 3, 1, 10)),
        ("Mo", "ja", datetime(2025, 3, 13, 11)),
    ]


@pytest.mark.parametrize(
    ("text", "sent"),
    [
        ("Date,Contact,Direction,Message\n14/03/2025 10:00,Rosa,received,hi\n14/03/2025 10:02,Rosa,Sent,yes\n", "Me"),
        (
            "id,created_at,is_from_me,name,text\n1,2025-03-14 10:00:00,0,Rosa,hi\n2,2025-03-14 10:02:00,1,Rosa,yes\n",
            "Me",
        ),
        (
            "Sent At,Type,Sender,Text\n2025-03-14 10:00:00,Incoming,Rosa,hi\n2025-03-14 10:02:00,Outgoing,,yes\n",
            "Me",
        ),
        ("date,type,from,text\n2025-03-14 10:00:00,received,Rosa,hi\n2025-03-14 10:02:00,sent,Mo,yes\n", "Mo"),
        ("Date;Time;User-Name;Text\n14.03.2025;10:00;Rosa;hi\n14.03.2025;10:02;Mo;yes\n", "Mo"),
    ],
)
def test_a_header_names_the_columns(text: str, sent: str, tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text(text, "utf-8")
    chat = open_chat([path])
    assert chat.format == "table"
    assert list(chat) == [
        Message("Rosa", "hi", datetime(2025, 3, 14, 10)),
        Message(sent, "yes", datetime(2025, 3, 14, 10, 2)),
    ]


@pytest.mark.parametrize("columns", [("2", "3", "9"), ("who", "text"), ("0", "1")])
def test_a_column_that_is_not_there_is_an_error(columns: tuple[str, ...], tmp_path: Path) -> None:
    with pytest.raises(TuiLmError, match="has no column"):
        rows(tmp_path / "a.csv", UNNAMED, *columns)


def test_three_columns_are_a_chat_and_two_are_sentence_pairs() -> None:
    assert message_columns("time, who,text", None) == ("time", "who", "text")
    assert message_columns("who,text", None) == message_columns(None, "table") == ()
    assert message_columns("who,text", "table") == ("who", "text")


def test_read_takes_three_columns(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text(UNNAMED, "utf-8")
    result = CliRunner().invoke(app, [str(path), "--columns", "2,3,4", "--messages"], catch_exceptions=False)
    assert result.exit_code == 0 and "hi there" in result.stdout


def test_a_corpus_is_read_again_with_the_columns_of_its_card(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text(UNNAMED * 20, "utf-8")
    options = SourceOptions.from_json(SourceOptions(message_columns=("2", "3", "4")).to_json())
    corpus = read_corpus([path], None, options)
    assert corpus.kind == "chat" and corpus.authors[0] in ("Rosa", "Mo")
