"""What a tagger's folder has beside its network: the linear branch, and the mixture of both."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from trainers import linear_tags
from trainers.job import TrainingJob
from tui_lm.architecture import Tagger
from tui_lm.checkpoint import SavedModel
from tui_lm.linear.tag_model import LinearTagModel
from tui_lm.runtime.crf import Chain
from tui_lm.runtime.tagger import TaggerRuntime
from tui_lm.tagged_sentences import TaggedSentence
from tui_lm.tagging.mixture import Validation
from tui_lm.tagging.tagger import scored
from tui_lm.tokenizers.word import WordTokenizer

MOST_VALIDATION = 1000  # sentences by which the mixture is chosen


@dataclass(frozen=True, slots=True)
class TagBranch:
    """The mixture is chosen anew at each save, on sentences that neither part was fitted on where there are any."""

    linear: LinearTagModel
    evaluated: Sequence[TaggedSentence]

    @classmethod
    def of(cls, job: TrainingJob) -> Self:
        """Fit the linear branch; a run that is resumed has it in its folder."""
        numbers = {label: number for number, label in enumerate(job.card.labels)}
        train, valid = (
            [sentence for sentence in job.corpus.tagged[part] if all(tag in numbers for tag in sentence.tags)]
            for part in ("train", "val")
        )
        if job.resume:
            linear = LinearTagModel.load(job.folder, len(numbers))
        else:
            linear = linear_tags.fit(*_sides(train, numbers), *_sides(valid, numbers), len(numbers))
        return cls(linear, (valid or train)[:MOST_VALIDATION])

    def write(self, folder: Path, model: SavedModel) -> None:
        """Write both files, for a model with the weights of now."""
        assert isinstance(model.card.architecture, Tagger) and isinstance(model.tokenizer, WordTokenizer)
        network = TaggerRuntime(model.card.architecture, model.weights)
        linear = self.linear
        mixture = Validation(
            model.card.labels,
            [sentence.tags for sentence in self.evaluated],
            scored(network, linear, model.tokenizer, [sentence.tokens for sentence in self.evaluated]),
            network.chain,
            Chain(linear.first, linear.last, linear.transitions),
        ).choose()
        linear.save(folder)
        mixture.save(folder)


def _sides(
    sentences: Sequence[TaggedSentence], numbers: dict[str, int]
) -> tuple[list[tuple[str, ...]], list[list[int]]]:
    return [s.tokens for s in sentences], [[numbers[tag] for tag in s.tags] for s in sentences]
