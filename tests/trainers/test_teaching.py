"""A student learns from a teacher's expectations and from messages that it wrote; near copies of real ones stay out."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from tests.conftest import TEXTS
from trainers import job, spelling
from trainers.cross_entropy import soft_cross_entropy
from trainers.job import TrainingJob
from trainers.lesson import Lesson
from trainers.near_copies import RealMessages
from trainers.plan import Budget, Wishes
from trainers.run import run
from trainers.spelling import KEPT
from trainers.teacher import Teacher
from trainers.teaching import taught
from tui_lm import checkpoint, paths
from tui_lm.checkpoint import SavedModel
from tui_lm.cli.audit import _lines, _taught
from tui_lm.corpus import Corpus, Utterance
from tui_lm.engine import Engine
from tui_lm.errors import TuiLmError
from tui_lm.split import Fractions
from tui_lm.tokenizers.specials import BEGIN, END

UTTERANCES = [Utterance(("Ann", "Bob")[i % 2], TEXTS[i % 6]) for i in range(120)]
PARTS = {"train": UTTERANCES[:90], "val": UTTERANCES[90:105], "test": UTTERANCES[105:]}
CORPUS = Corpus("chat", Fractions(), "this chat", utterances=PARTS)


@pytest.fixture
def teacher(make_model: Callable[..., SavedModel], home: Path) -> str:
    """A model with random weights that ends its messages."""
    model = make_model("lstm", "subword")
    bias = model.weights["head.bias"].copy()
    bias[END] = 4
    model = replace(model, weights={**model.weights, "head.bias": bias})
    checkpoint.save(home / "models/teacher", replace(model, card=replace(model.card, sources=("this chat",))))
    return "teacher"


def student(teacher: str, folder: Path, steps: int = 4, **wishes: str) -> TrainingJob:
    asked = Wishes(
        size="tiny", budget=Budget(steps=steps), device="cpu", teacher=teacher,
        settings={"evaluations": 2, "batch_size": 4, "sequence_length": 16}, **wishes,
    )  # fmt: skip
    return job.new(CORPUS, folder, "Ann", asked)


def test_the_run_learns_from_both_and_says_what_came_from_the_teacher(teacher: str, home: Path) -> None:
    said: list[str] = []
    work = taught(student(teacher, home / "models/student"), said.append)
    assert work.lesson == paths.lesson_file("student") and work.lesson.stat().st_mode & 0o777 == 0o600
    lesson = Lesson.load(work.lesson)
    assert lesson.units > 1.5 * sum(len(u.text) + 1 for u in PARTS["train"]), "real messages, and written ones"
    assert (lesson.targets.probabilities[:, 1] > 0).any()
    assert not any(work.lesson.is_relative_to(folder) for folder in (home / "models").iterdir())
    list(run(work))
    assert not work.lesson.exists(), "it holds the chat's text, and is removed when the run has finished"
    metrics = checkpoint.describe(home / "models/student").metrics
    told = "\n".join(_lines({"exposure": [], "extraction": {}, "stored": 0, "teacher": _taught(work.card)}))
    assert f"learned from a teacher: {metrics['teacher_messages']} messages" in told
    assert metrics["teacher_messages"] > 0 and metrics["teacher_near_copies"] >= 0 and "teacher_seconds" in metrics
    assert "do not count as training time" in said[-1] and not any("warning" in line for line in said)


def test_an_interrupted_run_keeps_its_lesson_until_it_has_finished(teacher: str, home: Path) -> None:
    work = taught(student(teacher, home / "models/student", steps=8), lambda line: None)
    asked = iter([False, False, False, False, False, True])
    list(run(work, stop=lambda: next(asked, True)))
    assert work.lesson is not None and work.lesson.exists()
    (home / "models/teacher/model.safetensors").unlink()  # the teacher is not needed again
    resumed = taught(job.resumed(CORPUS, home / "models/student"), lambda line: None)
    assert resumed.config.teacher == "teacher"
    list(run(resumed))
    assert not work.lesson.exists() and not checkpoint.is_unfinished(home / "models/student")


def test_a_teacher_of_another_file_is_warned_about(teacher: str, home: Path) -> None:
    said: list[str] = []
    other = replace(student(teacher, home / "models/student"), corpus=replace(CORPUS, fingerprint="another"))
    taught(other, said.append, minutes=0.001)
    assert "may have seen messages of the validation" in said[0]


def test_a_model_that_is_removed_takes_its_lesson_along(teacher: str, home: Path) -> None:
    work = taught(student(teacher, home / "models/student", steps=8), lambda line: None)
    asked = iter([False, False, False, True])
    list(run(work, stop=lambda: next(asked, True)))
    assert work.lesson is not None and work.lesson.exists()
    checkpoint.remove("student")
    assert not work.lesson.exists()


@pytest.mark.parametrize("wishes", [{"family": "llama"}, {"tokenizer": "subword"}])
def test_only_a_recurrent_network_of_characters_is_a_student(teacher: str, home: Path, wishes: dict[str, str]) -> None:
    with pytest.raises(TuiLmError, match="only a recurrent network of characters"):
        student(teacher, home / "models/student", **wishes)


def test_messages_side_by_side_are_read_as_one_alone(teacher: str, home: Path) -> None:
    engine = Engine(checkpoint.load(home / "models" / teacher))
    messages = {m.number: m for m in Teacher(engine, UTTERANCES, np.random.default_rng(0)).read(range(len(UTTERANCES)))}
    assert sorted(number for number in messages if number is not None) == list(range(len(UTTERANCES)))
    first = messages[0]
    logits, state = engine.runtime.prefill([BEGIN, engine.tokenizer.specials.author_id("Ann")])
    barred = np.arange(logits.shape[1]) < len(engine.tokenizer.specials)
    barred[END] = False
    for token, expected in zip([*first.tokens, END], first.expected, strict=True):
        shares = np.exp(logits[0] - logits[0].max()) * ~barred
        np.testing.assert_allclose(expected, shares / shares.sum(), atol=1e-5)
        logits, state = engine.runtime.step([token], state)


def test_what_is_kept_of_an_expectation_is_right_in_the_mean() -> None:
    """Over the characters that may follow, each as often as it is expected, the kept targets add up to it."""
    expected = np.random.default_rng(3).dirichlet(np.full(3 * KEPT, 0.3))
    mean = np.zeros(len(expected))
    for real, chance in enumerate(expected):
        ids, kept = spelling._kept(expected, real, 1.0)
        np.add.at(mean, ids, chance * kept.astype(float))
    rare = np.sort(expected)[: -(KEPT - 1)].sum()
    np.testing.assert_allclose(mean, expected, atol=2e-3)
    assert rare > 0.02, "there is something to lose"


def test_soft_targets_that_are_sure_are_plain_cross_entropy() -> None:
    generator = torch.Generator().manual_seed(0)
    logits, targets = torch.randn(6, 20, generator=generator), torch.tensor([3, 1, 4, 1, 5, 9])
    kept = torch.tensor([True, True, False, True, True, True])
    ids, shares = targets[:, None].repeat(1, 3), torch.tensor([[1.0, 0.0, 0.0]]).repeat(6, 1)
    plain = torch.nn.functional.cross_entropy(logits[kept], targets[kept])
    torch.testing.assert_close(soft_cross_entropy(logits, ids, shares, kept), plain)


def test_near_copies_of_real_messages_are_found() -> None:
    real = RealMessages(["my new number is on the fridge at home", "ok", "see you"])
    assert real.copied("My new number is on the FRIDGE at work!")
    assert not real.copied("the fridge at work has a new number on my door")
    assert not real.copied("ok"), "what everybody writes is nobody's"
