"""What a teacher teaches a student: the chat with its expectations, and messages that it wrote itself.

Knowledge distillation (Hinton et al. 2015) by the probability of each character, over the real messages and over
messages that the teacher wrote in the chat's manner.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace

import numpy as np

from trainers.job import TrainingJob
from trainers.language_modelling import WRITTEN
from trainers.lesson import Lesson
from trainers.near_copies import RealMessages
from trainers.spelling import SoftTargets, Spelling, given
from trainers.teacher import ReadMessage, Teacher
from tui_lm import checkpoint, paths
from tui_lm.engine import Engine
from tui_lm.errors import TuiLmError
from tui_lm.safe_text import visible_line
from tui_lm.tokenizers import Tokenizer
from tui_lm.tokenizers.specials import END
from tui_lm.tokenizers.stream import opening
from tui_lm.utterances import Utterance

TRUST = 0.5  # weight of the teacher's expectations at a real character; a character that it wrote itself weighs nothing
THREADS = 2
CHARACTERS_A_TOKEN = 2.0  # of a teacher with tokens that are parts of words, at least
Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Written:
    """A message that the teacher wrote."""

    author: str | None
    text: str
    targets: SoftTargets


def taught(job: TrainingJob, say: Say, minutes: float | None = None) -> TrainingJob:
    """The job with the lesson of its teacher, which is made first unless an interrupted run has left it.

    The teacher writes as much text as the chat has, or for `minutes` in all. Raises TuiLmError for a model that cannot
    teach.
    """
    assert job.config.teacher is not None
    path = paths.lesson_file(job.folder.name)
    if job.resume and path.is_file():
        return replace(job, lesson=path)
    began = time.monotonic()
    name = visible_line(job.config.teacher)
    engine = Engine(checkpoint.load(checkpoint.find(job.config.teacher)))
    _require_teacher(engine, name)
    if job.corpus.fingerprint not in checkpoint.describe(checkpoint.find(job.config.teacher)).sources:
        say(f"warning: {name} was not trained on this file; it may have seen messages of the validation or test part")
    utterances = job.corpus.utterances["train"]
    say(f"{name} reads {len(utterances):,} messages and writes others in their manner; this takes longer than training")
    seconds = None if minutes is None else 60 * minutes
    read, written = _work(engine, utterances, job.tokenizers.target, job.config.seed, seconds)
    real = RealMessages(utterance.text for utterance in utterances)
    kept = [message for message in written if not real.copied(message.text)]
    lesson = _assembled(utterances, read, kept, job.tokenizers.target)
    lesson.save(path)
    spent = time.monotonic() - began
    say(
        f"{name} read {len(read):,} messages and wrote {len(written):,}; {len(written) - len(kept):,} are left "
        f"out as near copies of real ones; this took {spent:.0f} s, which do not count as training time"
    )
    figures = {
        "teacher_messages": len(kept),
        "teacher_near_copies": len(written) - len(kept),
        "teacher_seconds": round(spent),
    }
    card = replace(job.card, metrics={**job.card.metrics, **figures})
    return replace(job, card=card, lesson=path)


def _require_teacher(engine: Engine, name: str) -> None:
    if engine.kind != "chat" or not engine.tokenizer.lossless:
        raise TuiLmError(
            f"{name} cannot teach: it does not write messages of a chat character by character",
            "choose a model of this chat with tokens that are characters or parts of words",
            about="teacher",
        )


def _work(
    engine: Engine, utterances: Sequence[Utterance], student: Tokenizer, seed: int, seconds: float | None
) -> tuple[dict[int, SoftTargets], list[Written]]:
    """The targets of real messages by number, and written messages, passage by passage.

    Half of the `seconds`, if there is a limit, are for reading.
    """
    now = time.monotonic()
    middle, stop = (None, None) if seconds is None else (now + seconds / 2, now + seconds)
    count = max(1, min(THREADS, os.cpu_count() or 1, len(utterances)))
    bounds = [len(utterances) * i // count for i in range(count + 1)]
    characters = WRITTEN * sum(len(utterance.text) for utterance in utterances) / count

    def run(part: int) -> tuple[dict[int, SoftTargets], list[Written]]:
        spelling = Spelling(engine.tokenizer, student)
        teacher = Teacher(engine, utterances, np.random.default_rng([seed, part]))
        read: dict[int, SoftTargets] = {}
        for message in teacher.read(range(bounds[part], bounds[part + 1])):
            assert message.number is not None
            if middle is not None and time.monotonic() > middle:
                break
            targets = _targets(spelling, utterances[message.number].text, message, TRUST)
            if targets is not None:
                read[message.number] = targets
        passages: dict[int, list[Written]] = {}
        wrote = 0
        for message in teacher.write(round(3 * characters / CHARACTERS_A_TOKEN)):
            if wrote >= characters or (stop is not None and time.monotonic() > stop):
                break
            text = engine.tokenizer.decode(message.tokens)
            targets = _targets(spelling, text, message, 1.0)
            if targets is not None and text:
                wrote += len(text)
                passages.setdefault(message.passage, []).append(Written(message.author, text, targets))
        return read, [message for passage in passages.values() for message in passage]

    with ThreadPoolExecutor(count) as pool:
        parts = list(pool.map(run, range(count)))
    return {n: targets for read, _ in parts for n, targets in read.items()}, [m for _, ws in parts for m in ws]


def _targets(spelling: Spelling, text: str, message: ReadMessage, trust: float) -> SoftTargets | None:
    return spelling.of_message(text, message.tokens, message.expected, trust)


def _assembled(
    utterances: Sequence[Utterance], read: dict[int, SoftTargets], written: Sequence[Written], student: Tokenizer
) -> Lesson:
    """One stream: the chat, then what the teacher wrote."""
    ids: list[int] = []
    parts: list[SoftTargets] = []
    messages = [(u.author, u.text, read.get(number)) for number, u in enumerate(utterances)]
    messages += [(message.author, message.text, message.targets) for message in written]
    for author, text, targets in messages:
        head = opening(student, author)
        own = [*student.encode(text), END]
        ids += [*head, *own]
        parts += [given(head), given(own) if targets is None else targets]
    soft = SoftTargets(
        np.concatenate([part.ids for part in parts]), np.concatenate([part.probabilities for part in parts])
    )
    assert len(soft.ids) == len(ids)
    return Lesson(np.array(ids, np.uint16), soft, sum(len(text) + 1 for _, text, _ in messages))
