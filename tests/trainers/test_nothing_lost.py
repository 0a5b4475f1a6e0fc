"""A run finds out before its first step that it cannot be saved, and is resumed by the name of its model."""

from __future__ import annotations

import shutil
from collections import namedtuple
from pathlib import Path

import pytest

from tests.conftest import AUTHORS, TEXTS
from trainers import job
from trainers.order import Order
from trainers.plan import Budget, Wishes
from trainers.run import run
from tui_lm import checkpoint
from tui_lm.corpus import Corpus, Utterance
from tui_lm.errors import TuiLmError
from tui_lm.split import Fractions

WISHES = Wishes(size="tiny", budget=Budget(steps=8), device="cpu", settings={"evaluations": 4})


@pytest.fixture
def chat(tmp_path: Path) -> Path:
    lines = [f"[{1 + i % 28:02}/01/2024, 10:{i % 60:02}:00] {AUTHORS[i % 2]}: {TEXTS[i % 6]}\n" for i in range(300)]
    path = tmp_path / "chat.txt"
    path.write_text("".join(lines), "utf-8")
    return path


def ordered(*sources: Path, resume: bool = False) -> job.TrainingJob:
    text = Order(sources, WISHES, name="mine", resume=resume).read()
    assert text is not None
    return text.job()


def cut_off(work: job.TrainingJob) -> None:
    asked = iter([False] * 4 + [True])
    list(run(work, stop=lambda: next(asked, True)))
    assert checkpoint.is_unfinished(work.folder)


def test_a_folder_that_cannot_be_written_is_an_error_before_the_first_step(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    utterances = [Utterance(AUTHORS[i % 2], TEXTS[i % 6]) for i in range(100)]
    corpus = Corpus("chat", Fractions(), "chat", utterances={"train": utterances, "val": utterances, "test": []})
    events = run(job.new(corpus, tmp_path / "file/models/mine", None, WISHES))
    with pytest.raises(TuiLmError):
        next(events)


def test_a_disk_that_is_too_small_is_an_error_before_the_first_step(
    chat: Path, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    usage = namedtuple("usage", "total used free")
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage(10, 9, 1))
    with pytest.raises(TuiLmError, match=r"needs about .* GB"):
        next(run(ordered(chat)))
    assert not list((home / "models").iterdir())  # nothing is left of the attempt


def test_a_run_is_resumed_by_its_name_alone(chat: Path, home: Path) -> None:
    cut_off(ordered(chat))
    work = ordered(resume=True)
    assert work.resume and work.corpus.fingerprint in checkpoint.describe(work.folder).sources
    list(run(work))
    assert not checkpoint.is_unfinished(work.folder)
    assert not [path for path in work.folder.rglob("*") if str(chat).encode() in path.read_bytes()]  # paths go with it


def test_a_source_that_was_moved_has_to_be_named(chat: Path, home: Path, tmp_path: Path) -> None:
    cut_off(ordered(chat))
    moved = chat.rename(tmp_path / "moved.txt")
    with pytest.raises(TuiLmError, match="no longer where it was"):
        ordered(resume=True)
    list(run(ordered(moved, resume=True)))
