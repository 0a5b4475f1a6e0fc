"""The tasks that a network can be trained for. A new task is a class and a line in `TASKS` (docs/add-a-task.md)."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, Protocol

from trainers.classifying import AUTHOR, CLASSIFY, EMOJI
from trainers.config import TrainingConfig
from trainers.language_modelling import LanguageModelling
from trainers.plan import Wishes
from trainers.preparation import Preparation
from trainers.tagging import Tagging
from trainers.task_settings import TaskSettings
from trainers.translating import Replies, Translation
from trainers.vectors.kind import WordVectorLearning
from tui_lm.architecture import Architecture, WordVectors
from tui_lm.checkpoint import SavedModel
from tui_lm.corpus import Corpus
from tui_lm.errors import TuiLmError
from tui_lm.tokenizers import Tokenizers

if TYPE_CHECKING:
    from trainers.task import Task


class TaskKind(Protocol):
    """All that `train --task NAME` needs. Only `create` imports torch."""

    @property
    def name(self) -> str: ...

    @property
    def kinds(self) -> tuple[str, ...]:
        """The kinds of corpus that it learns from, as `source_kind.KINDS` names them."""
        ...

    @property
    def families(self) -> tuple[str, ...]:
        """The networks that it trains; the first is the default."""
        ...

    def settings(self, architecture: Architecture) -> type[TaskSettings]:
        """The record of its settings for this network."""
        ...

    def prepare(self, corpus: Corpus, wishes: Wishes, base: SavedModel | None) -> Preparation:
        """Fit the tokenizer on the training part and plan the run, from `base` where there is one."""
        ...

    def create(self, config: TrainingConfig, corpus: Corpus, tokenizers: Tokenizers) -> Task[Any]:
        """The batches, the loss and the evaluation."""
        ...


TASKS: dict[str, TaskKind] = {
    "language": LanguageModelling(),
    "translation": Translation(),
    "replies": Replies(),
    "classify": CLASSIFY,
    "author": AUTHOR,
    "emoji": EMOJI,
    "tag": Tagging(),
    "vectors": WordVectorLearning(),
}  # "auto" takes the first that fits the corpus and the network


def families() -> tuple[str, ...]:
    """Every network that a task trains."""
    return tuple(dict.fromkeys(family for task in TASKS.values() for family in task.families))


def choose_task(corpus: Corpus, wishes: Wishes, base: SavedModel | None = None) -> TaskKind:
    """The requested task, or the first that fits. Raises TuiLmError if corpus or network do not fit."""
    if base is not None and isinstance(base.card.architecture, WordVectors) and wishes.task == "auto":
        wishes = replace(wishes, task="vectors")
    named = [TASKS[wishes.task]] if wishes.task != "auto" else [*TASKS.values()]
    fitting = [task for task in named if corpus.kind in task.kinds]
    if not fitting:
        raise TuiLmError(
            f"the task {wishes.task} does not learn from {corpus.kind}",
            f"it learns from {' or '.join(TASKS[wishes.task].kinds)}",
            about="task",
        )
    for task in fitting:
        if wishes.family in ("auto", *task.families):
            return task
    known = dict.fromkeys(family for task in fitting for family in task.families)
    raise TuiLmError(
        f"{wishes.family} cannot be trained on {corpus.kind}", f"choose one of {', '.join(known)}", about="arch"
    )
