"""Every command of the lessons runs, and every picture exists and is small."""

from __future__ import annotations

import importlib.util
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from tui_lm import checkpoint
from tui_lm.checkpoint import SavedModel
from tui_lm.cli import main

LEARN = Path(__file__).parent.parent.parent / "docs" / "learn"
PAGES = sorted(LEARN.glob("*.md"))
LARGEST = 100_000  # bytes of a picture
FAMILIES = {
    "demo": "lstm-1",
    "demo-gru": "gru-1",
    "demo-rnn": "rnn-1",
    "demo-llama": "llama-plain",
    "demo-translate": "seq2seq-general",
}

specification = importlib.util.spec_from_file_location("draw", LEARN / "draw.py")
assert specification is not None and specification.loader is not None
draw = importlib.util.module_from_spec(specification)
specification.loader.exec_module(draw)

TRAINING = [page for page in PAGES if any(command[1] == "train" for command in draw.commands(page))]
COMMANDS = [(page.stem, command) for page in PAGES if page not in TRAINING for command in draw.commands(page)]


def named(value: object) -> str:
    return value if isinstance(value, str) else " ".join(map(str, value))[:60]


def takes_long(command: list[str]) -> bool:
    if command[1] == "demo":
        return True
    shown = command[command.index("--show") + 1].split(",") if "--show" in command else []
    return bool({"why", "gradients"} & set(shown))


@pytest.fixture
def models(build: Callable[..., SavedModel], home: Path) -> None:
    """Models of the lessons' names that have learned nothing."""
    for name, family in FAMILIES.items():
        model = build(family)
        checkpoint.save(home / "models" / name, model)


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Callable[..., str]:
    """Run a command of a page, with its picture written to a scratch file. Returns its output or the picture."""

    def one(command: list[str], *more: str) -> str:
        picture = tmp_path / "picture.svg"
        arguments = [str(picture) if part.endswith(".svg") else part for part in command]
        monkeypatch.setattr("sys.argv", [*arguments, *more])
        with pytest.raises(SystemExit) as ended:
            main()
        out, err = capsys.readouterr()
        assert not ended.value.code, err
        return picture.read_text("utf-8") if "--svg" in command else out

    return one


@pytest.mark.parametrize(("page", "command"), [pair for pair in COMMANDS if not takes_long(pair[1])], ids=named)
def test_a_command_of_a_lesson_runs(page: str, command: list[str], models: None, run: Callable[..., str]) -> None:
    assert run(command).strip()


@pytest.mark.slow
@pytest.mark.parametrize(
    ("page", "command"), [pair for pair in COMMANDS if takes_long(pair[1]) and pair[1][1] != "demo"], ids=named
)
def test_a_slow_command_of_a_lesson_runs(page: str, command: list[str], models: None, run: Callable[..., str]) -> None:
    assert run(command).strip()


@pytest.mark.slow
@pytest.mark.parametrize("page", TRAINING, ids=lambda page: page.stem)
def test_the_commands_of_a_lesson_that_trains_run_in_their_order(
    page: Path, models: None, run: Callable[..., str]
) -> None:
    for command in draw.commands(page):
        assert run(command).strip() or command[1] == "train"


@pytest.mark.slow
def test_the_models_of_the_lessons_are_trained_by_one_command(run: Callable[..., str]) -> None:
    (command,) = [command for page, command in COMMANDS if page == "README"]
    run(command, "--minutes", "0.05")
    assert set(checkpoint.names()) == set(FAMILIES) == set(draw.MODELS)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_a_picture_is_the_one_that_a_command_draws(page: Path) -> None:
    shown = {f"docs/learn/{target}" for target in re.findall(r"!\[[^\]]+\]\((\S+)\)", page.read_text("utf-8"))}
    drawn = {part for command in draw.commands(page) for part in command if part.endswith(".svg")}
    assert shown == drawn
    for target in shown:
        picture = LEARN.parent.parent / target
        assert picture.stat().st_size < LARGEST, target
        assert picture.read_text("utf-8").startswith("<svg")
