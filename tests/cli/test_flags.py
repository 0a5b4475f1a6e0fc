"""Hints of lower floors name a setting; the command line adds the option that changes it."""

from __future__ import annotations

import ast
from pathlib import Path

from tests.cli.conftest import Run
from tui_lm.cli.flags import flag

ROOT = Path(__file__).parents[2]
ROOMS = [
    "chats",
    "tokenizers",
    "redaction",
    "checkpoint",
    "corpus.py",
    "split.py",
    "sentence_pairs.py",
    "source_kind.py",
]


def test_the_hint_ends_with_the_option(tui_lm: Run, chat_file: Path) -> None:
    code, _, err = tui_lm("train", chat_file, "--split", "90,20,5")
    assert code == 2
    assert err.splitlines()[1] == "hint: for example 90,5,5 or 94.7,5.3,0 (--split)"


def test_an_option_may_have_another_name_than_its_setting() -> None:
    assert flag("base") == " (--from)"
    assert flag("date_order") == " (--date-order)"
    assert flag("") == ""


def test_a_guessed_date_order_names_the_option_that_decides(tui_lm: Run, tmp_path: Path) -> None:
    chat = tmp_path / "WhatsApp Chat with Bob.txt"
    chat.write_text("".join(f"0{i % 9 + 1}/0{i % 9 + 1}/2024, 10:00 - Ann: {i}\n" for i in range(20)), encoding="utf-8")
    for command in (["read"], ["train", "--explain"]):
        assert "(--date-order)" in tui_lm(command[0], chat, *command[1:])[2]


def test_no_room_below_the_models_names_an_option() -> None:
    for room in [ROOT / "tui_lm" / name for name in ROOMS] + [ROOT / "trainers"]:
        for path in [room] if room.is_file() else sorted(room.rglob("*.py")):
            for text in texts_of_errors(path):
                assert " --" not in f" {text}" or "pip install" in text, f"{path.name}: {text}"


def texts_of_errors(path: Path) -> list[str]:
    """The literal texts in every TuiLmError of a file."""
    calls = (node for node in ast.walk(ast.parse(path.read_text("utf-8"))) if isinstance(node, ast.Call))
    errors = [call for call in calls if getattr(call.func, "id", "") == "TuiLmError"]
    parts = (part for error in errors for part in ast.walk(error) if isinstance(part, ast.Constant))
    return [part.value for part in parts if isinstance(part.value, str)]
