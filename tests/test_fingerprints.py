"""Fingerprints tell old messages of a newer export from new ones, and hold no text."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from tui_lm import fingerprints
from tui_lm.errors import TuiLmError
from tui_lm.fingerprints import DAY, FILE, Fingerprints, Marker

MESSAGES = [("see you", 0.0), ("ok", 60.0), ("ok", 120.0), ("ok", DAY), ("later", None), ("later", None)]


def marks(key: bytes, messages: list[tuple[str, float | None]] = MESSAGES) -> list[int]:  # type: ignore[assignment]
    marker = Marker(key)
    return [marker.mark(text, sent_at) for text, sent_at in messages]


def test_each_message_has_a_hash_of_its_own_that_is_the_same_in_the_next_export() -> None:
    key = bytes(16)
    assert len(set(marks(key))) == len(MESSAGES)
    assert marks(key) == marks(key)
    assert not set(marks(key)) & set(marks(b"another key 1234"))


def test_seconds_may_be_missing_in_the_next_export() -> None:
    key = bytes(16)
    assert marks(key, [("see you", 59.0)]) == marks(key, [("see you", 0.0)])


def test_old_messages_stay_in_their_parts_after_a_round_trip(tmp_path: Path) -> None:
    new = Fingerprints()
    one, two, three, four, *_ = marks(new.key)
    first = new.with_parts({"train": [one, two], "test": [three]})
    second = first.with_parts({"train": [three, four], "val": [one]})
    second.save(tmp_path)
    assert stat.S_IMODE((tmp_path / FILE).stat().st_mode) == 0o600
    found = fingerprints.load(tmp_path)
    assert found is not None and len(found) == 4
    assert [found.part_of(mark) for mark in (one, two, three, four)] == ["train", "train", "test", "train"]
    assert found.part_of(marks(new.key)[4]) is None


def test_the_file_holds_no_text(tmp_path: Path) -> None:
    new = Fingerprints()
    new.with_parts({"train": marks(new.key)}).save(tmp_path)
    assert b"see you" not in (tmp_path / FILE).read_bytes()


def test_a_folder_without_fingerprints_has_none(tmp_path: Path) -> None:
    assert fingerprints.load(tmp_path) is None


@pytest.mark.parametrize(
    "data", [b"", b"tui-lm messages 1\n", b"tui-lm messages 1\n" + bytes(16 + 8 * 3 + 5), b"x" * 90]
)
def test_a_damaged_file_is_a_clear_error(tmp_path: Path, data: bytes) -> None:
    (tmp_path / FILE).write_bytes(data)
    with pytest.raises(TuiLmError, match="is damaged"):
        fingerprints.load(tmp_path)


def test_a_file_that_is_cut_short_is_a_clear_error(tmp_path: Path) -> None:
    new = Fingerprints()
    new.with_parts({"train": marks(new.key)}).save(tmp_path)
    data = (tmp_path / FILE).read_bytes()
    (tmp_path / FILE).write_bytes(data[:-8])
    with pytest.raises(TuiLmError, match="is damaged"):
        fingerprints.load(tmp_path)
