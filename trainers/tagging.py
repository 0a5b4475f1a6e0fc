"""The task of a tagger: a tag for each word. No torch (`tagged` has it)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from trainers.config import TrainingConfig
from trainers.plan import Length, Measured, Wishes
from trainers.preparation import Preparation
from trainers.task_settings import TagSettings, TaskSettings
from tui_lm.architecture import Architecture, Tagger
from tui_lm.cells import CELLS
from tui_lm.checkpoint import SavedModel
from tui_lm.corpus import Corpus
from tui_lm.errors import TuiLmError
from tui_lm.models.rates import DropoutRates
from tui_lm.tagged_sentences import TaggedSentence
from tui_lm.tagging.words import word_table
from tui_lm.tokenizers import Tokenizers

if TYPE_CHECKING:
    from trainers.tagged import TaggedTask

MOST_TAGS = 500
EPOCHS = 20  # of a run without a budget; it ends early


@dataclass(frozen=True, slots=True)
class Widths:
    """Widths of the embeddings of words and characters, and of each direction's states."""

    dim: int
    hidden_size: int
    character_dim: int
    character_size: int


SIZES = {
    "tiny": Widths(48, 48, 16, 16),
    "small": Widths(100, 100, 25, 25),
    "base": Widths(128, 200, 32, 50),
    "large": Widths(256, 400, 48, 100),
    "huge": Widths(384, 800, 64, 200),
}


class Tagging:
    name = "tag"
    kinds = ("tagged",)
    families = (*CELLS,)

    def settings(self, architecture: Architecture) -> type[TaskSettings]:
        return TagSettings

    def prepare(self, corpus: Corpus, wishes: Wishes, base: SavedModel | None) -> Preparation:
        if base is not None:
            raise TuiLmError("a tagger cannot begin from another model", "train it from random weights", about="base")
        sentences = corpus.tagged["train"]
        labels = tags_of(sentences)
        table = word_table(sentence.tokens for sentence in sentences)
        words = sum(len(sentence.tokens) for sentence in sentences)
        measured = Measured(len(sentences), words, table.name, table.vocab_size)
        return Preparation(Tokenizers.shared(table), plan(wishes, measured, len(labels)), labels=labels)

    def create(self, config: TrainingConfig, corpus: Corpus, tokenizers: Tokenizers) -> TaggedTask:
        from trainers.tagged import TaggedTask

        return TaggedTask.of(tags_of(corpus.tagged["train"]), corpus, tokenizers.target)


def tags_of(sentences: Sequence[TaggedSentence]) -> tuple[str, ...]:
    """The tags of the training part, most frequent first. Raises TuiLmError for one tag alone, or far too many."""
    counts = Counter(tag for sentence in sentences for tag in sentence.tags)
    if len(counts) < 2:
        raise TuiLmError(
            "all words have the same tag", "a tagger needs sentences with at least two tags", about="columns"
        )
    if len(counts) > MOST_TAGS:
        raise TuiLmError(
            f"there are {len(counts):,} different tags", "name the columns of token and tag", about="columns"
        )
    return tuple(tag for tag, _ in counts.most_common())


def plan(wishes: Wishes, measured: Measured, num_tags: int) -> TrainingConfig:
    """The settings of a tagger."""
    task = TagSettings()
    cell = CELLS["lstm" if wishes.family == "auto" else wishes.family]
    widths = SIZES["small" if wishes.size == "auto" else wishes.size]
    architecture = Tagger(
        measured.vocab_size,
        num_tags,
        widths.dim,
        widths.hidden_size,
        widths.character_dim,
        widths.character_size,
        cell.name,
    )
    length = Length.of(wishes.budget, measured.tokens, task.step_tokens, most_epochs=EPOCHS)
    return TrainingConfig(
        architecture,
        task,
        length.steps,
        length.seconds,
        wishes.seed,
        wishes.device,
        learning_rate=0.003,
        betas=(0.9, 0.99),
        dropout=DropoutRates(embedding=0.1, input=0.4, output=0.4),
    )
