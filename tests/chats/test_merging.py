"""Several exports as one chat, and the names in it."""

from __future__ import annotations

from pathlib import Path

import pytest

from tui_lm.chats import Message, open_chat, parse_aliases, summarise
from tui_lm.errors import TuiLmError

FIXTURES = Path(__file__).parent / "fixtures"


def export(path: Path, rows: list[str]) -> Path:
    path.write_text("".join(f"{row}\n" for row in rows), "utf-8")
    return path


def texts(rows: list[Message]) -> list[str]:
    return [row.text for row in rows]


ROWS = [f"{day}/03/2024, 22:00 - Ann: message {day}" for day in range(10, 31)]


def test_overlapping_exports_give_each_message_once(tmp_path: Path) -> None:
    first, second = export(tmp_path / "a.txt", ROWS[:15]), export(tmp_path / "b.txt", ROWS[8:])
    whole = list(open_chat([export(tmp_path / "c.txt", ROWS)]))
    assert list(open_chat([first, second])) == whole
    assert list(open_chat([second, first])) == whole


def test_repeated_messages_of_one_file_stay(tmp_path: Path) -> None:
    thrice = ["28/03/2024, 22:00 - Ann: ha"] * 3
    first = export(tmp_path / "a.txt", [*thrice, "28/03/2024, 22:01 - Bob: what"])
    second = export(tmp_path / "b.txt", [*thrice[:2], "28/03/2024, 22:02 - Bob: tell"])
    assert texts(list(open_chat([first, second]))) == ["ha", "ha", "ha", "what", "tell"]


def test_the_same_file_twice_gives_each_message_once(tmp_path: Path) -> None:
    path = export(tmp_path / "a.txt", ROWS * 2)
    assert list(open_chat([path, path])) == list(open_chat([path]))


def test_late_rows_are_not_duplicated(tmp_path: Path) -> None:
    rows = [*ROWS[:5], ROWS[3].replace("message", "late"), *ROWS[5:]]
    first, second = export(tmp_path / "a.txt", rows), export(tmp_path / "b.txt", rows[4:])
    assert sorted(texts(list(open_chat([first, second])))) == sorted(texts(list(open_chat([first]))))


def test_all_files_of_a_folder_are_read(tmp_path: Path) -> None:
    export(tmp_path / "WhatsApp Chat with Ann.txt", ROWS[:3])
    export(tmp_path / "WhatsApp Chat with Bob.txt", ["11/03/2024, 08:00 - Bob: between"])
    assert texts(list(open_chat([tmp_path]))) == ["message 10", "between", "message 11", "message 12"]


def test_parts_of_one_conversation_follow_each_other(tmp_path: Path) -> None:
    for number, start in ((1, 1_700_000_000_000), (2, 1_600_000_000_000)):  # the first part is the newest
        rows = ", ".join(
            f'{{"sender_name": "Ann", "timestamp_ms": {start - index}, "content": "{number}.{index}"}}'
            for index in range(2)
        )
        text = f'{{"participants": [{{"name": "Ann"}}], "messages": [{rows}]}}'
        (tmp_path / f"message_{number}.json").write_text(text)
    assert texts(list(open_chat([tmp_path]))) == ["2.1", "2.0", "1.1", "1.0"]


def test_a_slack_folder_knows_its_users(tmp_path: Path) -> None:
    import zipfile

    with zipfile.ZipFile(FIXTURES / "slack/export.zip") as archive:
        archive.extractall(tmp_path)
    assert list(open_chat([tmp_path])) == list(open_chat([FIXTURES / "slack/export.zip"]))


def test_exports_of_two_formats_are_merged() -> None:
    sources = [FIXTURES / "discord/export.json", FIXTURES / "irc/weechat.log"]
    chat = open_chat(sources)
    moments = [row.sent_at.replace(tzinfo=None) for row in chat]
    assert moments == sorted(moments)
    assert chat.format == "discord-json, irc-weechat"


def test_authors_are_renamed_and_left_out(tmp_path: Path) -> None:
    rows = ["28/03/2024, 22:00 - +44 7700: hi", "28/03/2024, 22:00 - Eve: no", "28/03/2024, 22:00 - Mum: hello"]
    path = export(tmp_path / "a.txt", rows)
    chat = open_chat([path], aliases=parse_aliases(["Mum=+44 7700"]), exclude=["Eve"])
    assert summarise(chat).authors == {"Mum": 2}


def test_only_some_authors_are_kept(tmp_path: Path) -> None:
    rows = ["28/03/2024, 22:00 - +44 7700: hi", "28/03/2024, 22:00 - Eve: no", "28/03/2024, 22:00 - Bob: hello"]
    path = export(tmp_path / "a.txt", rows)
    chat = open_chat([path], aliases=parse_aliases(["Mum=+44 7700"]), only=["Mum", "Bob"])
    assert summarise(chat).authors == {"Mum": 1, "Bob": 1}


def test_an_alias_without_an_equals_sign_is_a_usage_error() -> None:
    with pytest.raises(TuiLmError) as raised:
        parse_aliases(["Mum"])
    assert raised.value.exit_code == 2


def test_progress_ends_at_the_total(tmp_path: Path) -> None:
    path = export(tmp_path / "a.txt", ROWS)
    seen: list[tuple[int, int]] = []
    list(open_chat([path], progress=lambda done, total: seen.append((done, total))))
    assert seen[-1] == (path.stat().st_size, path.stat().st_size)


def test_only_words_are_messages(tmp_path: Path) -> None:
    rows = ["Ann: hi", "Ann: <Media omitted>", "Ann:  ", "Ann added Bob", "Bob: so <This message was edited>"]
    path = export(tmp_path / "a.txt", [f"28/03/2024, 22:00 - {row}" for row in rows])
    assert texts(list(open_chat([path]).messages())) == ["hi", "so"]


def test_files_of_a_folder_that_are_no_chats_are_named(tmp_path: Path) -> None:
    export(tmp_path / "a.txt", ROWS)
    for number in range(5):
        (tmp_path / f"note {number}.txt").write_text("The river runs by the old mill.\n")
    (tmp_path / "style.json").write_text("{}")
    chat = open_chat([tmp_path])
    assert len(list(chat)) == len(ROWS)
    told = "files left out, because they are no chats: note 0.txt, note 1.txt, note 2.txt and 2 more"
    assert chat.warnings == [told]


def test_files_that_belong_to_an_export_are_not_named() -> None:
    assert open_chat([FIXTURES / "slack/export.zip"]).warnings == []
    assert open_chat([FIXTURES / "googlechat"]).warnings == []


def test_local_and_absolute_times_are_put_in_order_together() -> None:
    """A damaged export may hold both; a local time counts as UTC."""
    from datetime import UTC, datetime

    from tui_lm.chats.json_export import in_time_order
    from tui_lm.chats.message import Message

    later, earlier = datetime(2024, 1, 2, tzinfo=UTC), datetime(2024, 1, 1)
    rows = [Message("Ann", "b", later), Message("Ann", "?", None), Message("Ann", "a", earlier)]
    assert [row.text for row in in_time_order(rows)] == ["?", "a", "b"]
