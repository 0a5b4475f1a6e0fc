"""What a classifier's folder has beside its network: the linear branch, and the mixture of both."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import numpy as np

from trainers import linear_texts
from trainers.classifying import Classification
from trainers.job import TrainingJob
from trainers.task_settings import ClassifySettings
from tui_lm.architecture import Classifier
from tui_lm.checkpoint import SavedModel
from tui_lm.classification.classifier import network_logits
from tui_lm.classification.mixture import Mixture, balancing, choose, favouring, scale_of
from tui_lm.errors import TuiLmError
from tui_lm.labelled_texts import LabelledText
from tui_lm.linear.text_model import LinearTextModel
from tui_lm.runtime.classifier import ClassifierRuntime

MOST_VALIDATION = 40_000  # probabilities by which the mixture is chosen


@dataclass(frozen=True, slots=True)
class TextBranch:
    """The mixture is chosen anew at each save, on texts that neither part was fitted on where there are any."""

    linear: LinearTextModel
    evaluated: Sequence[str]
    right: Sequence[int]
    shares: Sequence[float]
    factors: Sequence[float]
    scale: float

    @classmethod
    def of(cls, job: TrainingJob) -> Self:
        """Fit the linear branch; a run that is resumed has it in its folder."""
        task = job.task
        assert isinstance(task, Classification)
        numbers = {label: number for number, label in enumerate(job.card.labels)}
        train, valid = (
            [text for text in task.texts(job.corpus, part) if text.label in numbers] for part in ("train", "val")
        )
        evaluated, right = _sides((valid or train)[: MOST_VALIDATION // len(numbers)], numbers)
        counts = np.bincount([numbers[text.label] for text in train], minlength=len(numbers))
        shares = (counts / counts.sum()).tolist()
        if job.resume:
            saved = Mixture.load(job.folder, len(numbers))
            linear = LinearTextModel.load(job.folder, len(numbers))
            return cls(linear, evaluated, right, shares, saved.factors, saved.alone["linear"])
        fitted = linear_texts.fit(*_sides(train, numbers), *_sides(valid, numbers), len(numbers))
        scale = scale_of(fitted.right, fitted.logits) if len(fitted.right) else 1.0
        return cls(fitted.model, evaluated, right, shares, _factors(job, fitted, shares), scale)

    def write(self, folder: Path, model: SavedModel) -> None:
        """Write both files, for a model with the weights of now."""
        assert isinstance(model.card.architecture, Classifier)
        network = ClassifierRuntime(model.card.architecture, model.weights)
        of_network = network_logits(network, model.tokenizer, self.evaluated)
        of_linear = np.stack([self.linear.logits(text) for text in self.evaluated])
        mixture = choose(np.array(self.right), of_network, of_linear, self.shares, self.factors, self.scale)
        self.linear.save(folder)
        mixture.save(folder)


def _factors(job: TrainingJob, fitted: linear_texts.Fitted, shares: Sequence[float]) -> Sequence[float]:
    """The factors of the labels: for the F1 of the user's label, else for the macro-F1, and none in a chat."""
    settings = job.config.task
    assert isinstance(settings, ClassifySettings)
    if settings.positive_label:
        if settings.positive_label not in job.card.labels:
            raise TuiLmError(
                f"no text has the label {settings.positive_label}",
                f"the labels are {', '.join(job.card.labels[:10])}",
                about="set",
            )
        return favouring(fitted.right, fitted.logits, job.card.labels.index(settings.positive_label))
    if settings.TASK != "classify":  # who writes often is often right
        return [1.0] * len(shares)
    return balancing(fitted.right, fitted.logits, shares)


def _sides(texts: Sequence[LabelledText], numbers: dict[str, int]) -> tuple[list[str], list[int]]:
    return [text.text for text in texts], [numbers[text.label] for text in texts]
