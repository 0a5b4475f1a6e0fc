"""The settings of each task: the shape of its batches, and what is varied at random in its examples. No torch.

One record per task, so that every setting has one meaning. `--set` takes the names of their fields.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass, replace
from typing import Any, ClassVar, Self


class TaskSettings(ABC):
    """The interface of a task's settings to the training loop. Subclasses are frozen dataclasses."""

    __slots__ = ()
    TASK: ClassVar[str]  # its name in `trainers.tasks.TASKS`
    BATCH: ClassVar[str] = "batch_size"  # the field that is halved when memory runs out
    UNUSED: ClassVar[frozenset[str]] = frozenset()  # settings of `TrainingConfig` that mean nothing for this task

    @property
    @abstractmethod
    def step_tokens(self) -> int:
        """Tokens that one step learns from."""

    @property
    def batch(self) -> int:
        size: int = getattr(self, self.BATCH)
        return size

    def with_batch(self, size: int) -> Self:
        """The same settings with batches of another size."""
        changed: Any = replace(self, **{self.BATCH: size})  # type: ignore[type-var]
        same: Self = changed
        return same


@dataclass(frozen=True, slots=True)
class StreamSettings(TaskSettings):
    """Language modelling by a network with a state: truncated back-propagation through time.

    The text is cut into `batch_size` streams that are read side by side, `sequence_length` tokens a step. A stream's
    state is reset between two steps with probability `state_reset`. A message is shown without its author with
    probability `author_dropout`.
    """

    batch_size: int = 32
    sequence_length: int = 64
    state_reset: float = 0.04
    author_dropout: float = 0.1

    TASK: ClassVar[str] = "language"

    @property
    def step_tokens(self) -> int:
        return self.batch_size * self.sequence_length


@dataclass(frozen=True, slots=True)
class WindowSettings(TaskSettings):
    """Language modelling by a network without a state: `batch_size` windows of `sequence_length` tokens a step.

    A window of prose begins with `<s>` with probability `text_start`. A message is shown without its author with
    probability `author_dropout`.
    """

    batch_size: int = 16
    sequence_length: int = 128
    text_start: float = 0.5
    author_dropout: float = 0.1

    TASK: ClassVar[str] = "language"

    @property
    def step_tokens(self) -> int:
        return self.batch_size * self.sequence_length


@dataclass(frozen=True, slots=True)
class TranslationSettings(TaskSettings):
    """Translation. A batch holds at most `batch_tokens` on either side.

    `label_smoothing` is the share of each target that is spread over the vocabulary (Szegedy et al. 2016).
    """

    batch_tokens: int = 1024
    label_smoothing: float = 0.1

    TASK: ClassVar[str] = "translation"
    BATCH: ClassVar[str] = "batch_tokens"

    @property
    def step_tokens(self) -> int:
        return self.batch_tokens


@dataclass(frozen=True, slots=True)
class ReplySettings(TaskSettings):
    """Replies in a chat. A batch holds at most `batch_tokens` on either side.

    A message is shown without its context with probability `no_context`, and without authors with probability
    `author_dropout`. Labels are not smoothed: completion needs calibrated probabilities.
    """

    batch_tokens: int = 2048
    no_context: float = 0.1
    author_dropout: float = 0.1
    label_smoothing: float = 0.0

    TASK: ClassVar[str] = "replies"
    BATCH: ClassVar[str] = "batch_tokens"

    @property
    def step_tokens(self) -> int:
        return self.batch_tokens


@dataclass(frozen=True, slots=True)
class ClassifySettings(TaskSettings):
    """A batch holds `batch_size` texts of similar length. A text is one prediction, and counts as one token.

    `positive_label` is the label whose F1 counts, as in finding one kind of text; by default all labels count alike.
    """

    batch_size: int = 32
    positive_label: str = ""

    TASK: ClassVar[str] = "classify"

    @property
    def step_tokens(self) -> int:
        return self.batch_size


@dataclass(frozen=True, slots=True)
class AuthorSettings(ClassifySettings):
    TASK: ClassVar[str] = "author"


@dataclass(frozen=True, slots=True)
class EmojiSettings(ClassifySettings):
    TASK: ClassVar[str] = "emoji"


@dataclass(frozen=True, slots=True)
class TagSettings(TaskSettings):
    """A batch holds `batch_size` sentences of similar length."""

    batch_size: int = 16

    TASK: ClassVar[str] = "tag"

    @property
    def step_tokens(self) -> int:
        return self.batch_size * 20  # words of a sentence, about
