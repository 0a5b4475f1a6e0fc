"""The task of an order: the requested one, or the first that fits the source and the network."""

from __future__ import annotations

import pytest

from tests.trainers.conftest import CORPUS
from tests.trainers.processes import PAIR_CORPUS
from trainers.plan import Wishes
from trainers.tasks import TASKS, choose_task, families
from tui_lm.architecture.word_vectors import WordVectors
from tui_lm.corpus import Corpus
from tui_lm.errors import TuiLmError
from tui_lm.split import Fractions

PROSE = Corpus("prose", Fractions(), "prose")


@pytest.mark.parametrize(
    ("corpus", "wishes", "task"),
    [
        (CORPUS, Wishes(), "language"),
        (CORPUS, Wishes(family="llama"), "language"),
        (CORPUS, Wishes(family="seq2seq"), "replies"),
        (CORPUS, Wishes(task="replies"), "replies"),
        (PAIR_CORPUS, Wishes(), "translation"),
        (PROSE, Wishes(family="gru"), "language"),
    ],
)
def test_a_source_and_a_network_decide_the_task(corpus: Corpus, wishes: Wishes, task: str) -> None:
    assert choose_task(corpus, wishes) is TASKS[task]


@pytest.mark.parametrize(
    ("corpus", "wishes", "about"),
    [
        (PAIR_CORPUS, Wishes(family="lstm"), "arch"),
        (PROSE, Wishes(family="seq2seq"), "arch"),
        (CORPUS, Wishes(task="translation"), "task"),
        (PROSE, Wishes(task="replies"), "task"),
        (CORPUS, Wishes(task="language", family="seq2seq"), "arch"),
    ],
)
def test_a_source_that_does_not_fit_is_an_error(corpus: Corpus, wishes: Wishes, about: str) -> None:
    with pytest.raises(TuiLmError) as error:
        choose_task(corpus, wishes)
    assert error.value.about == about
    assert "--" not in error.value.hint, "the command line adds the option"


def test_every_task_is_listed_under_its_name() -> None:
    from tui_lm import architecture

    for name, task in TASKS.items():
        vectors = task.families[0] in architecture.VECTOR_FAMILIES
        shape = WordVectors(task.families[0], 9, 8) if vectors else architecture.Recurrent("lstm", 9, 8, 8)
        assert task.name == name
        assert name == task.settings(shape).TASK
    assert families()[0] == "lstm"
