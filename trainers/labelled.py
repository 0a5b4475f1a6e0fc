"""Classification in training: batches of labelled texts, and the cross-entropy of their labels."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

from trainers import device as devices
from trainers.length_batches import in_order, shuffled
from trainers.task_settings import ClassifySettings
from tui_lm.architecture import Classifier
from tui_lm.checkpoint import SavedModel
from tui_lm.classification.tokens import text_ids
from tui_lm.events import Sampled
from tui_lm.labelled_texts import LabelledText
from tui_lm.models.classifier import Lengths
from tui_lm.models.model import Model, State
from tui_lm.runtime.classifier import ClassifierRuntime
from tui_lm.tokenizers import Tokenizer

VALIDATED = 64  # texts of a validation batch


@dataclass(frozen=True, slots=True)
class TextBatch:
    """`inputs` [T, B] of which `lengths` [B] count, and `targets` [1, B]."""

    inputs: Tensor
    lengths: Tensor
    targets: Tensor

    def part(self, columns: slice) -> TextBatch:
        """Some of the texts: the share of one process."""
        return TextBatch(self.inputs[:, columns], self.lengths[columns], self.targets[:, columns])


@dataclass(frozen=True, slots=True)
class Texts:
    """The ids of texts, and the numbers of their labels."""

    ids: Sequence[Sequence[int]]
    labels: Sequence[int]

    @property
    def lengths(self) -> list[int]:
        return [len(ids) for ids in self.ids]

    def batch(self, chosen: Sequence[int]) -> TextBatch:
        rows = [torch.tensor(self.ids[i]) for i in chosen]
        return TextBatch(
            torch.nn.utils.rnn.pad_sequence(rows),
            torch.tensor([len(row) for row in rows]),
            torch.tensor([[self.labels[i] for i in chosen]]),
        )

    def __len__(self) -> int:
        return len(self.ids)


@dataclass(frozen=True, slots=True)
class LabelledTask:
    """Texts with a label that the training part does not have are left out. Without a validation part the training
    part is evaluated."""

    labels: tuple[str, ...]
    train: Texts
    valid: Texts
    shown: Sequence[str]  # texts of the validation part

    @classmethod
    def of(
        cls,
        labels: tuple[str, ...],
        train: Sequence[LabelledText],
        valid: Sequence[LabelledText],
        tokenizer: Tokenizer,
    ) -> LabelledTask:
        numbers = {label: number for number, label in enumerate(labels)}

        def texts(part: Sequence[LabelledText]) -> Texts:
            known = [text for text in part if text.label in numbers]
            return Texts([text_ids(tokenizer, text.text) for text in known], [numbers[text.label] for text in known])

        evaluated = [text for text in valid if text.label in numbers] or train
        return cls(labels, texts(train), texts(evaluated), [text.text for text in evaluated])

    @property
    def train_tokens(self) -> int:
        return len(self.train)

    @property
    def valid_tokens(self) -> int:
        return len(self.valid)

    @property
    def evaluated_tokens(self) -> int:
        return len(self.valid)

    def fitted(self, settings: ClassifySettings) -> ClassifySettings:
        return replace(settings, batch_size=max(1, min(settings.batch_size, len(self.train) // 4)))

    def steps_in_epoch(self, settings: ClassifySettings) -> int:
        return -(-len(self.train) // settings.batch_size)

    def epoch(self, settings: ClassifySettings, model: Model, generator: np.random.Generator) -> Iterator[TextBatch]:
        for chosen in shuffled(self.train.lengths, settings.batch_size, generator):
            yield self.train.batch(chosen)

    def loss(
        self, model: Model, batch: TextBatch, state: State | None, settings: ClassifySettings, device: str
    ) -> tuple[Tensor, State | None]:
        with devices.autocast(device):
            logits, _ = model(batch.inputs.to(device), Lengths(batch.lengths.to(device)))
        return F.cross_entropy(logits[0].float(), batch.targets[0].to(device)), None

    def validate(self, model: Model, device: str) -> tuple[float, float | None]:
        """Nats a text."""
        model.eval()
        total = 0.0
        with torch.no_grad():
            for chosen in in_order(self.valid.lengths, VALIDATED):
                batch = self.valid.batch(chosen)
                loss, _ = self.loss(model, batch, None, ClassifySettings(), device)
                total += float(loss) * len(batch.lengths)
        model.train()
        return total / max(1, len(self.valid)), None

    def sample(self, model: SavedModel, step: int, seed: int) -> Sampled:
        """A random text of the validation part, and the label that the network gives it now."""
        text = self.shown[int(np.random.default_rng([seed, step]).integers(len(self.shown)))]
        assert isinstance(model.card.architecture, Classifier)
        served = ClassifierRuntime(model.card.architecture, model.weights)
        best = int(served.logits([text_ids(model.tokenizer, text)])[0].argmax())
        return Sampled(step, None, f"{text} \N{RIGHTWARDS ARROW} {self.labels[best]}")
