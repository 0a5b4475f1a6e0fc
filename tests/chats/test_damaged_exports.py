"""A file with any content is read or refused with TuiLmError, within a bounded time."""

from __future__ import annotations

import contextlib
import signal
import zipfile
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.conftest import fuzz
from tui_lm.chats import FORMATS, detect, open_chat
from tui_lm.errors import TuiLmError

FIXTURES = Path(__file__).parent / "fixtures"
FILES = sorted(
    path for path in FIXTURES.rglob("*") if path.is_file() and path.name != "expected.json" and path.parent != FIXTURES
)
SOON = timedelta(seconds=5)
LONG = 10.0  # seconds of processor time for a text of a few hundred kilobytes; it takes less than one
MANY = fuzz(300, SOON)


@contextlib.contextmanager
def at_most(seconds: float) -> Iterator[None]:
    """Fail if the block takes more CPU time than this, whatever the load of the machine."""

    def fail(*_: object) -> None:
        raise AssertionError(f"reading took more than {seconds} seconds of processor time")

    before = signal.signal(signal.SIGVTALRM, fail)
    signal.setitimer(signal.ITIMER_VIRTUAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, before)


def read_or_refuse(path: Path, format: str | None = None) -> None:
    with contextlib.suppress(TuiLmError):
        list(open_chat([path], format=format))
    with contextlib.suppress(TuiLmError):
        detect(path)


@MANY
@given(data=st.binary(max_size=2000), suffix=st.sampled_from([".txt", ".json", ".zip", ".csv", ".log"]))
def test_random_bytes_raise_only_clear_errors(data: bytes, suffix: str, tmp_path: Path) -> None:
    path = tmp_path / f"chat{suffix}"
    path.write_bytes(data)
    read_or_refuse(path)


@MANY
@given(data=st.one_of(st.binary(max_size=500), st.text().map(str.encode)), format=st.sampled_from(sorted(FORMATS)))
def test_random_bytes_in_a_forced_format_raise_only_clear_errors(data: bytes, format: str, tmp_path: Path) -> None:
    path = tmp_path / "2020-01-02.log"
    path.write_bytes(data)
    read_or_refuse(path, format)


@st.composite
def mutations(draw: st.DrawFn) -> tuple[Path, bytes]:
    """A fixture with parts overwritten, removed, doubled or cut off."""
    path = draw(st.sampled_from(FILES))
    data = path.read_bytes()
    for _ in range(draw(st.integers(1, 6))):
        start = draw(st.integers(0, len(data)))
        end = start + draw(st.integers(0, 40))
        piece = draw(
            st.one_of(
                st.binary(max_size=8),
                st.sampled_from([b'"', b"[", b"{", b"\n", b"0", b"null", b"99999999999", b": "]),
                st.just(data[start:end] * 2),
                st.just(b""),
            )
        )
        data = data[:start] + piece + data[end:]
    return path, data[: draw(st.integers(0, len(data)))] if draw(st.booleans()) else data


@fuzz(1000, SOON)
@given(mutation=mutations())
def test_mutated_fixtures_raise_only_clear_errors(mutation: tuple[Path, bytes], tmp_path: Path) -> None:
    original, data = mutation
    path = tmp_path / original.name
    path.write_bytes(data)
    read_or_refuse(path)


@pytest.mark.parametrize(
    "text",
    [
        "[" * 100_000,
        '{"messages": ' + "[" * 100_000,
        '{"guild": 1, "channel": 1, "messages": [' + '{"a":' * 50_000,
        "28/03/2024, 22:00 - Ann: " + "<1-" * 100_000 + "\u200e",
        "28/03/2024, 22:00 - " + "a" * 300_000,
        "\u200f28/03/2024, 22:00 - Ann: hi\n" + "\u200e" * 300_000,
        "[2019-05-29, 15:04] Me: " + "\n" * 200_000 + "![" * 100_000,
        "2024년 3월 11일 오전 9:12, " + "님을 초대" * 50_000 + "\n저장한 날짜 : x",
        "[LINE] x\n2024/1/2\n" + '10:00\tAnn\t"' + "☎" * 200_000,
        "May 17, 2022  5:29:42 PM\nMe\n" + " " * 200_000 + "x",
        "AuthorID,Author,Date,Content\n" + '1,"Ann",' + "1" * 200_000,
        '{"messages": [{"a": "' + "\\" * 200_001,
        '{"messages": [{"a": b' + ' "c": d' * 50_000 + "}]}",
        "=" * 62 + "\nGuild: x\nChannel: y\n\n" + "[14/02/2025 18:45] mo\n\n" * 5_000,
        "28/03/2024, 22:00 - Ann: x\n" + "[27.03.24, 21:29:01] Zoe: y\n" * 5_000,
        "28/03/2024, 22:00 - Ann: x\n" + "".join(f"{n % 28 + 1}/01/2020, 10:00 - S{n}: y\n" for n in range(3_000)),
        '<div class="history">' + '<div class="message default">' * 20_000,
        '<smses count="1">' + '<sms body="' + "x" * 200_000,
        "From: a\nType: incoming\nSent: b\n\n" * 20_000,
        "[ 01/03/2025 10:00:00 ] " + ": " * 100_000,
        "**** BEGIN LOGGING AT Sat Mar  1 10:00:00 2025\n" + "Mar 01 10:00:00 " + "* " * 100_000,
        "3/1/2025, 10:00:00 AM - Ann: " + '<a "' * 50_000,
        "Ann: " + "a: " * 100_000 + "\nBob: x" * 5,
        '"a","b"\n' + '"' * 200_000,
        "[2026-05-01 09:00:00] Me: " + "(- x: " * 5_000 + "\n" + "(( " * 50_000,
        "2025-03-01 10:00 Ann: [" + "reply to a on " * 50_000,
        "3/1/2025, 10:00:00 AM - " + "a sent an image" * 50_000 + "\n3/1/2025, 10:00:00 AM - * " + "a " * 100_000,
        '<div class="preamble"><div class="chatlog__message-group">' + '<div class="chatlog__message">' * 20_000,
        '<div class="_a6-g"><div class="_a6-h">' + "Rosa</div>" * 20_000 + '<div class="_a6-p"><div class="_a6-o">',
        '<div class="hChatLog hfeed"><div class="message"><q>' + "<br>" * 100_000,
        '{"conversations": [], "participant_data": [' + '{"events": [' * 50_000,
        '{"a": [{"Media Type": "TEXT", "Created": "x", "IsSender": 1, "Content": "' + "&" * 200_000,
        "window.YTD.direct_messages.part0 = " + '[{"dmConversation": ' * 50_000,
        "消息记录（此消息记录为文本格式\n\n2017-02-25 10:40:20 " + "a (1) <" * 50_000,
        "消息记录（此消息记录为文本格式\n\n2017-02-25 10:40:20 x" + " " * 200_000 + "x",
        "10:00:05 From " + "a to " * 50_000,
        "10:00:05 From " + "a : " * 50_000 + "\n10:00:05\t" + "\t" * 100_000,
        "From - Mon Jan 06 10:00:00 2025\nFrom: a@b.c\nDate: x\nTo: " + "a@" * 100_000 + "\n\n> x\n" * 5_000,
        "From - Mon Jan 06 10:00:00 2025\nFrom: a@b.c\nDate: Mon, 6 Jan 2025 10:00:00 +0000\n\n" + "On a, b\n" * 20_000,
        "From - Mon Jan 06 10:00:00 2025\nFrom: =?utf-8?q?" + "=?" * 100_000 + "\n\n" + "-" * 200_000,
    ],
    ids=lambda text: text[:12],
)
@pytest.mark.parametrize("format", [None, *sorted(FORMATS)])
def test_no_text_takes_longer_than_its_bound(text: str, format: str | None, tmp_path: Path) -> None:
    """Patterns that backtrack without bounds would take hours on these."""
    path = tmp_path / "chat.txt"
    path.write_text(text, "utf-8")
    with at_most(LONG):
        read_or_refuse(path, format)


def refusal(path: Path) -> TuiLmError:
    with pytest.raises(TuiLmError) as raised:
        list(open_chat([path]))
    assert raised.value.exit_code == 1
    assert raised.value.message and raised.value.hint
    return raised.value


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    assert "no file" in refusal(tmp_path / "nowhere.txt").message


@pytest.mark.parametrize("text", ["", " \n\n\t"])
def test_an_empty_file_is_refused(text: str, tmp_path: Path) -> None:
    path = tmp_path / "chat.txt"
    path.write_text(text)
    assert "empty" in refusal(path).message


def test_a_binary_file_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "chat.txt"
    path.write_bytes(bytes(range(256)) * 100)
    assert "binary" in refusal(path).message


def test_prose_is_not_a_chat(tmp_path: Path) -> None:
    path = tmp_path / "chat.txt"
    path.write_text("A secret sentence.\n" * 10)
    assert "secret" not in refusal(path).message


def test_a_folder_without_a_chat_is_refused(tmp_path: Path) -> None:
    refusal(tmp_path)


def test_an_error_about_truncated_json_does_not_quote_the_chat(tmp_path: Path) -> None:
    path = tmp_path / "result.json"
    text = '{"messages": [{"type": "message", "date": "2020-01-01T10:00:00", "from": "Ann", "text": "secret'
    path.write_text(text)
    error = refusal(path)
    assert "secret" not in error.message + error.hint


def zipped(path: Path, name: str, data: bytes, method: int = zipfile.ZIP_DEFLATED) -> Path:
    with zipfile.ZipFile(path, "w", method) as archive:
        archive.writestr(name, data)
    return path


CHAT = b"28/03/2024, 22:00 - Ann: hi\n"


def test_a_zip_bomb_is_refused(tmp_path: Path) -> None:
    path = zipped(tmp_path / "bomb.zip", "_chat.txt", CHAT + b" " * (40 << 20))
    assert "unpacks to far more" in refusal(path).message


@pytest.mark.parametrize("name", ["../_chat.txt", "/etc/_chat.txt", "a/../../_chat.txt", "C:\\_chat.txt"])
def test_a_zip_member_outside_the_archive_is_refused(name: str, tmp_path: Path) -> None:
    assert "outside" in refusal(zipped(tmp_path / "chat.zip", name, CHAT)).message


def test_a_zip_in_a_zip_is_refused(tmp_path: Path) -> None:
    inner = zipped(tmp_path / "inner.zip", "_chat.txt", CHAT).read_bytes()
    assert "another zip" in refusal(zipped(tmp_path / "outer.zip", "inner.zip", inner)).message


def test_an_encrypted_zip_is_refused(tmp_path: Path) -> None:
    path = zipped(tmp_path / "chat.zip", "_chat.txt", CHAT)
    data = bytearray(path.read_bytes())
    data[data.index(b"PK\x01\x02") + 8] |= 1  # the flag of the central directory
    path.write_bytes(data)
    assert "encrypted" in refusal(path).message


def test_a_zip_with_damaged_content_is_refused(tmp_path: Path) -> None:
    path = zipped(tmp_path / "chat.zip", "_chat.txt", CHAT * 1000, zipfile.ZIP_STORED)
    data = bytearray(path.read_bytes())
    data[500] ^= 0xFF
    path.write_bytes(data)
    refusal(path)


def test_a_truncated_zip_is_refused(tmp_path: Path) -> None:
    path = zipped(tmp_path / "chat.zip", "_chat.txt", CHAT * 1000)
    path.write_bytes(path.read_bytes()[:-30])
    assert "damaged" in refusal(path).message


def test_an_unknown_format_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "chat.txt"
    path.write_bytes(CHAT)
    with pytest.raises(TuiLmError, match="no chat format"):
        open_chat([path], format="pigeon")
    with pytest.raises(TuiLmError, match="no date order"):
        open_chat([path], date_order="myd")
