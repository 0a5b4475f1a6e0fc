"""The Welcome and Train screens: the choice and preview of a file, and a training that survives the app."""

from __future__ import annotations

import os
import stat
import sys
from pathlib import Path

import pytest
from textual.widgets import Input

from tui_lm import checkpoint, events, paths
from tui_lm.errors import TuiLmError
from tui_lm.tui.jobs import source_preview
from tui_lm.tui.jobs.source_preview import Seen
from tui_lm.tui.jobs.training_process import Training, TrainingProgress
from tui_lm.tui.screens.train import figures, samples
from tui_lm.tui.widgets import source_picker
from tui_lm.tui.widgets.form import Form
from tui_lm.tui.widgets.lines import Lines
from tui_lm.tui.widgets.loss_curve import LossCurve
from tui_lm.tui.widgets.path_field import FolderTree, PathField, complete_path

STARTED = events.RunStarted("demo", "LSTM 1 x 8", "cpu", 100, 1000, 50, 10)
STEP = events.StepDone(5, 10, 0.5, 2.0, 0.01, 1.0, 12_345.0, 3.0, 65.0)
BETTER = events.Evaluated(5, 1.5, 2.25, True, 1.0)
SAMPLE = events.Sampled(5, "Maya", "hi\x1b[2J")
CHAT = Seen("whatsapp", 1234, {"Ann": 900, "Bo[b]\x1b": 334}, "2024-01-01", "2024-02-02", 3, (), (("Ann", "hey\x1b"),))


@pytest.fixture
def program(tmp_path: Path, home: Path, saved_models: Path):
    """A stand-in for the training: prints given events, waits for Ctrl-C or a line in a file, and ends."""

    def make(*told: events.Event, then: tuple[events.Event, ...] = (), wait: bool = True, error: str = "") -> Training:
        script = tmp_path / "child.py"
        go_on = tmp_path / "go-on"
        lines = [
            "import pathlib, signal, sys, time",
            "stopped = []",
            "signal.signal(signal.SIGINT, lambda *_: stopped.append(1))",
            *(f"print({events.to_json(event)!r}, flush=True)" for event in told),
            "print('no event', flush=True)",
            f"while {wait} and not stopped and not pathlib.Path({str(go_on)!r}).exists(): time.sleep(0.01)",
            *(f"print({events.to_json(event)!r}, flush=True)" for event in then),
            f"sys.exit({error!r})" if error else "",
        ]
        script.write_text("\n".join(lines))
        return Training(home / "training", [sys.executable, str(script)])

    return make


def saved(folder: Path) -> events.CheckpointSaved:
    return events.CheckpointSaved(5, str(folder))


def finished(folder: Path, reason: str = "finished") -> events.RunFinished:
    return events.RunFinished(reason, 10, 5, 1.5, 2.25, 12.0, str(folder))


async def test_welcome_explains_how_to_train_a_model(start) -> None:
    async with start(named=None, size=(80, 24)) as app:
        for part in ("tui-lm demo", "F12", "Ctrl+R", "Learn from"):
            assert part in app.screen(), part
        await app.press("escape")
        assert app.app.is_running
        await app.do("train.start")
        assert "no file is chosen" in app.notices[-1]


async def test_the_demo_shows_its_progress_and_its_model_is_used(start, program, saved_models) -> None:
    folder = saved_models / "second"
    training = program(STARTED, STEP, BETTER, SAMPLE, saved(folder), then=(finished(folder, "interrupted"),))
    async with start(named=None, size=(80, 24), training=training) as app:
        await app.do("train.demo")
        await app.eventually(lambda: training.progress.samples)
        await app.until(lambda: "hi␛[2J" in app.screen())
        assert app.app.current_mode == "train"
        for part in ("demo:", "LSTM 1 x 8", "50%", "loss 2.000", "2.250 bits/char", "12,345", "1:05 left", "Maya"):
            assert part in app.screen(), part
        assert "training demo 50%" in app.screen()
        await app.do("train.demo")
        assert "a training is running" in app.notices[-1]
        assert "Esc stops it" in app.screen()
        await app.press("escape")
        await app.answer("No, change nothing")
        assert training.running and not training.stopping
        await app.do("train.stop")
        await app.answer("Stop it")
        await app.eventually(lambda: not training.running)
        await app.until(lambda: app.app.models.state == "ready")
        assert app.app.models.folder == folder, "the first model is used at once"
        await app.until(lambda: "stopped; the best model is kept" in app.screen())
        assert "Enter Use it" in app.screen()
        await app.press("enter")
        await app.until(lambda: app.app.current_mode == "chat")
        await app.do("app.train")
        await app.do("train.use")
        await app.until(lambda: app.app.current_mode == "chat")


async def test_a_training_survives_the_app_and_is_found_again(start, program, saved_models, home, tmp_path) -> None:
    folder = saved_models / "second"
    training = program(STARTED, saved(folder), then=(STEP, finished(folder)))
    async with start(training=training) as app:
        await app.do("app.train")
        await app.do("train.demo")
        await app.eventually(lambda: training.progress.started)
        for name in ("events.jsonl", "errors.txt", "run.json"):
            assert stat.S_IMODE((home / "training" / name).stat().st_mode) == 0o600
        await app.do("app.quit")
    again = Training(home / "training")
    async with start(training=again) as app:
        await app.until(lambda: "training demo" in app.screen())
        assert again.running
        with pytest.raises(TuiLmError):
            again.start(["demo"], "x")
        (tmp_path / "go-on").touch()
        await app.eventually(lambda: not again.running)
        assert again.progress.share == 1.0
        assert list((home / "training").iterdir()) == [], "samples are text in the end: nothing of them stays"
        assert app.app.models.folder.name == "scripted", "who has a model keeps it"
    training._child.wait(60)


async def test_a_training_that_fails_says_why(start, program) -> None:
    training = program(wait=False, error="error: too little text\nhint: give \x1b[2J more")
    async with start(training=training) as app:
        await app.do("app.train")
        await app.do("train.demo")
        await app.eventually(lambda: not training.running)
        await app.until(lambda: app.notices)
        assert "The training did not finish: error: too little text\nhint: give ␛[2J more" in app.notices[-1]


def test_a_killed_training_has_ended(program, home) -> None:
    training = program(STARTED)
    training.start(["demo"], "x")
    os.kill(training._pid, 9)
    training._child.wait(60)
    training.poll()
    assert not training.running
    assert training.folder is None


def test_the_pid_of_another_process_is_not_taken_for_a_training(home) -> None:
    (home / "training").mkdir(parents=True)
    (home / "training" / "run.json").write_text(f'{{"pid": {os.getpid()}, "source": "x", "arguments": []}}')
    (home / "training" / "events.jsonl").write_text("")
    training = Training(home / "training")
    assert training.find()
    training.poll()
    assert not training.running


async def test_a_chat_is_chosen_previewed_and_trained_on(start, program, monkeypatch, tmp_path) -> None:
    chat = tmp_path / "my chat.txt"
    chat.write_text("x")

    async def read(path: Path) -> Seen:
        assert path == chat
        return CHAT

    monkeypatch.setattr(source_picker, "read", read)
    monkeypatch.setattr(source_picker, "PATIENCE", 0.0)
    training = program(STARTED)
    async with start(named=None, training=training) as app:
        app.app.screen.query_one(PathField).value = str(tmp_path / "my ch")
        await app.eventually(lambda: app.app.screen.query_one(PathField)._suggestion == str(chat))
        await app.press("tab")
        await app.eventually(lambda: app.app.screen.picker.seen)
        await app.until(lambda: "1,234 messages, 2024-01-01 to 2024-02-02" in app.screen())
        for part in ("Ann 900", "Bo[b]␛ 334", "hey␛", "◂ nobody ▸"):
            assert part in app.screen(), part
        await app.do("train.me")
        await app.answer("Ann")
        form = app.app.screen.query_one(Form)
        form.focus()
        await app.press("down", "0", "full_stop", "2", "enter", "down", "right")
        await app.press("down", "down", "enter")
        await app.answer("bad/name", refused=True)
        await app.until(lambda: "use letters" in app.screen())
        await app.answer("mine")
        await app.do("train.start")
        await app.until(lambda: app.app.current_mode == "train")
        wanted = ["train", str(chat), "--minutes", "0.2", "--arch", "lstm", "--name", "mine", "--me", "Ann"]
        assert list(training.arguments) == wanted
        training.stop()
        await app.eventually(lambda: not training.running)


async def test_a_model_is_trained_on_from_the_list_of_models(
    start, program, saved_models, monkeypatch, tmp_path
) -> None:
    chat = tmp_path / "newer.txt"
    chat.write_text("x")

    async def read(path: Path) -> Seen:
        return CHAT

    monkeypatch.setattr(source_picker, "read", read)
    monkeypatch.setattr(source_picker, "PATIENCE", 0.0)
    training = program(STARTED)
    async with start(training=training) as app:
        await app.do("app.models")
        for name in ("hindi", "second"):
            app.app.screen.query_one(Lines).highlighted = checkpoint.names().index(name)
            await app.until(lambda name=name: app.app.screen.name_here == name)
            await app.do("models.train_on")
        assert any("only a language model" in notice for notice in app.notices)
        await app.until(lambda: app.app.current_mode == "train" and "second will be trained on it" in app.screen())
        app.app.screen.query_one(PathField).value = str(chat)
        await app.eventually(lambda: app.app.screen.picker.seen)
        await app.until(lambda: "Goes on from" in app.screen() and "◂ second ▸" in app.screen())
        assert "Network" not in app.screen(), "the network is that of the model"
        await app.press("ctrl+r")
        await app.until(lambda: training.running)
        assert list(training.arguments) == ["train", str(chat), "--minutes", "3", "--from", "second"]
        await app.do("app.models")
        await app.do("models.train_on")
        assert "a training is running" in app.notices[-1]
        training.stop()
        await app.eventually(lambda: not training.running)


async def test_the_app_and_the_command_line_take_nobody_for_the_user_unless_told(start, monkeypatch) -> None:
    """Neither trains with --me if nothing was chosen."""
    from tui_lm.cli import training as command_line
    from tui_lm.corpus import Corpus, Utterance
    from tui_lm.split import Fractions

    parts = {"train": [Utterance("Ann", "hi")], "val": [], "test": []}
    corpus = Corpus("chat", Fractions(), "", utterances=parts)
    monkeypatch.setattr("sys.stdin.isatty", lambda: True, raising=False)
    monkeypatch.setattr("sys.stderr.isatty", lambda: True, raising=False)
    monkeypatch.setattr("typer.prompt", lambda text, default, **_: default)
    assert command_line.ask_me(corpus) is None
    async with start(named=None) as app:
        picker = app.app.screen.picker
        picker.seen = CHAT
        assert picker.me_field.value == source_picker.NOBODY
        assert "--me" not in picker.arguments()


async def test_the_preview_of_a_text_says_that_it_is_prose(start, monkeypatch, tmp_path) -> None:
    (tmp_path / "empty.txt").write_text("")

    async def read(path: Path) -> Seen:
        return Seen(error="nothing in it", hint="give another")

    monkeypatch.setattr(source_picker, "read", read)
    monkeypatch.setattr(source_picker, "PATIENCE", 0.0)
    async with start(named=None) as app:
        app.app.screen.query_one(PathField).value = str(tmp_path / "empty.txt")
        await app.eventually(lambda: app.app.screen.picker.seen)
        await app.until(lambda: "nothing in it" in app.screen())
        await app.do("train.start")
        assert "nothing in it" in app.notices[-1]


async def test_a_file_can_be_chosen_in_the_tree(start, monkeypatch, tmp_path) -> None:
    (tmp_path / "a\x1b[31mb.txt").write_text("x")
    (tmp_path / ".hidden").write_text("x")
    monkeypatch.chdir(tmp_path)
    async with start(named=None, size=(200, 24)) as app:
        tree = app.app.screen.query_one(FolderTree)
        await app.eventually(lambda: len(tree.root.children) >= 1)
        await app.until(lambda: "a␛[31mb.txt" in app.screen())
        assert ".hidden" not in app.screen()
        tree.focus()
        await app.press("down", "enter")
        await app.until(lambda: app.app.screen.query_one(Input).value.endswith("a\x1b[31mb.txt"))
        await app.until(lambda: app.screen().count("a␛") == 2)  # in the field too, as far as there is room
        assert "\x1b" not in app.screen()


async def test_the_preview_is_read_in_a_child_process(tmp_path) -> None:
    script = tmp_path / "read.py"
    script.write_text(
        "import json, sys\n"
        "if '--json' in sys.argv:\n"
        "    print(json.dumps(dict(format='irc', messages=2, authors={'A': 2}, first='2024-01-01T00:00', last=None,\n"
        "                          system=1, media=0, warnings=['w'])))\n"
        "while '--messages' in sys.argv:\n"
        "    print(json.dumps(dict(author='A', text='hi')), flush=True)\n"
    )
    seen = await source_preview.read(Path("x"), [sys.executable, str(script)])
    assert seen == Seen("irc", 2, {"A": 2}, "2024-01-01", "", 1, ["w"], [("A", "hi")] * source_preview.EXAMPLES)
    script.write_text("import sys; sys.exit('error: no\\nhint: other')")
    assert await source_preview.read(Path("x"), [sys.executable, str(script)]) == Seen(error="no", hint="other")
    script.write_text("print('[]')")
    assert "understood" in (await source_preview.read(Path("x"), [sys.executable, str(script)])).error


def test_paths_complete_as_in_a_shell(tmp_path, monkeypatch) -> None:
    (tmp_path / "chat.txt").touch()
    (tmp_path / "folder").mkdir()
    (tmp_path / "ev\x1bil").touch()
    assert complete_path(f"{tmp_path}/ch") == f"{tmp_path}/chat.txt"
    assert complete_path(f"{tmp_path}/fo") == f"{tmp_path}/folder/"
    assert complete_path(f"{tmp_path}/no") is None
    assert complete_path(f"{tmp_path}/ev") is None, "a name that would be obeyed is not written into the field"
    assert complete_path("") is None
    monkeypatch.chdir(tmp_path)
    assert complete_path("ch") == "chat.txt"
    monkeypatch.setenv("HOME", str(tmp_path))
    assert complete_path("~/ch") == "~/chat.txt"


def test_progress_summarises_the_events() -> None:
    progress = TrainingProgress()
    for event in (STARTED, STEP, BETTER, SAMPLE, events.RolledBack(3, "loss was no number", 0.1)):
        progress.see(event)
    assert progress.share == 0.5
    assert [str(part) for part in figures(progress)] == [
        "step 5 of 10",
        "loss 2.000",
        "best 2.250 bits/char",
        "12,345 tokens/s",
        "1:05 left",
    ]
    assert [str(line) for line in samples(progress)] == ["step 3: loss was no number", "     5  Maya: hi␛[2J"]
    progress.see(finished(paths.models_dir()))
    assert progress.share == 1.0
    assert "12 s" in [str(part) for part in figures(progress)]


async def test_without_steps_the_curve_says_so(start) -> None:
    async with start(named=None) as app:
        await app.do("app.train")
        curve = LossCurve()
        assert app.app.screen.picker.display
        assert str(curve.render()) == "the curve appears here"
