"""The tasks of a classifier: labelled texts, who wrote a message, which emoji ends it. No torch (`labelled` has it)."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from trainers.config import TrainingConfig
from trainers.plan import Length, Measured, Wishes
from trainers.preparation import Preparation
from trainers.task_settings import AuthorSettings, ClassifySettings, EmojiSettings, TaskSettings
from trainers.transfer import beginning
from tui_lm import tokenizers
from tui_lm.architecture import Architecture, Classifier, Recurrent
from tui_lm.cells import CELLS
from tui_lm.chat_labels import by_author, by_emoji, frequent_labels
from tui_lm.checkpoint import SavedModel
from tui_lm.classification.tokens import normalised
from tui_lm.corpus import Corpus
from tui_lm.errors import TuiLmError
from tui_lm.labelled_texts import LabelledText
from tui_lm.models.rates import DropoutRates
from tui_lm.split import Part
from tui_lm.tokenizers import Tokenizers

if TYPE_CHECKING:
    from trainers.labelled import LabelledTask

MOST_LABELS = 1000
RATE = 0.002  # peak, of AdamW
TUNING_RATE = 0.5  # of the rate of a run from random weights
EPOCHS = 30  # of a run without a budget; it ends early


@dataclass(frozen=True, slots=True)
class Widths:
    """Widths of the embedding and of each direction's state."""

    dim: int
    hidden_size: int


SIZES = {
    "tiny": Widths(64, 64),
    "small": Widths(128, 128),
    "base": Widths(192, 256),
    "large": Widths(256, 512),
    "huge": Widths(384, 1024),
}


@dataclass(frozen=True, slots=True)
class Classification:
    """Many to one: `record` are the settings of the task, `texts` makes labelled texts of a part of the corpus."""

    name: str
    kinds: tuple[str, ...]
    record: type[ClassifySettings]
    texts: Callable[[Corpus, Part], Iterator[LabelledText]]

    @property
    def families(self) -> tuple[str, ...]:
        return (*CELLS,)

    def settings(self, architecture: Architecture) -> type[TaskSettings]:
        return self.record

    def labels(self, texts: Sequence[LabelledText]) -> tuple[str, ...]:
        """The labels of the training texts, most frequent first; of a chat only those with enough messages."""
        if self.name != "classify":
            return frequent_labels(texts)
        return _all_labels(texts)

    def prepare(self, corpus: Corpus, wishes: Wishes, base: SavedModel | None) -> Preparation:
        texts = list(self.texts(corpus, "train"))
        labels = self.labels(texts)
        _require_two(labels, self.name)
        texts = [text for text in texts if text.label in labels]
        if base is not None:
            return from_language_model(base, [text.text for text in texts], labels, wishes, self.record())
        kind = "word" if wishes.tokenizer == "auto" else wishes.tokenizer
        tokenizer = tokenizers.train(kind, [normalised(kind, text.text) for text in texts], tokenizers.Specials())
        measured = Measured(len(texts), len(texts), tokenizer.name, tokenizer.vocab_size)
        config = plan(wishes, measured, len(labels), self.record())
        return Preparation(Tokenizers.shared(tokenizer), config, labels=labels)

    def create(self, config: TrainingConfig, corpus: Corpus, tokenizers: Tokenizers) -> LabelledTask:
        from trainers.labelled import LabelledTask

        train = list(self.texts(corpus, "train"))
        return LabelledTask.of(self.labels(train), train, list(self.texts(corpus, "val")), tokenizers.target)


CLASSIFY = Classification("classify", ("labelled",), ClassifySettings, lambda corpus, part: iter(corpus.labelled[part]))
AUTHOR = Classification("author", ("chat",), AuthorSettings, lambda corpus, part: by_author(corpus.utterances[part]))
EMOJI = Classification("emoji", ("chat",), EmojiSettings, lambda corpus, part: by_emoji(corpus.utterances[part]))


def plan(wishes: Wishes, measured: Measured, num_labels: int, task: ClassifySettings) -> TrainingConfig:
    """The settings of a classifier."""
    cell = CELLS["lstm" if wishes.family == "auto" else wishes.family]
    widths = SIZES["small" if wishes.size == "auto" else wishes.size]
    architecture = Classifier(measured.vocab_size, num_labels, widths.dim, widths.hidden_size, cell=cell.name)
    length = Length.of(wishes.budget, measured.tokens, task.step_tokens, most_epochs=EPOCHS)
    return TrainingConfig(
        architecture,
        task,
        length.steps,
        length.seconds,
        wishes.seed,
        wishes.device,
        learning_rate=RATE,
        betas=(0.9, 0.99),
        dropout=DropoutRates(embedding=0.1, input=0.3, hidden=0.3, output=0.5),
    )


def from_language_model(
    base: SavedModel, texts: Sequence[str], labels: tuple[str, ...], wishes: Wishes, task: ClassifySettings
) -> Preparation:
    """A classifier whose cells and embedding are a language model's (ULMFiT, Howard & Ruder 2018).

    It reads in the direction of the language model. Its rate is lower, so that little of what the base knows is lost.
    """
    if not isinstance(base.card.architecture, Recurrent):
        raise TuiLmError(
            f"a classifier cannot begin from {base.card.name}",
            f"choose a language model of one of these networks: {', '.join(CELLS)}",
            about="base",
        )
    start = beginning(base, base.tokenizer.specials, texts)
    assert isinstance(start.architecture, Recurrent)
    body = start.architecture
    architecture = Classifier(
        body.vocab_size, len(labels), body.dim, body.hidden_size, body.num_layers, body.family, bidirectional=False
    )
    measured = Measured(len(texts), len(texts), start.tokenizer.name, start.tokenizer.vocab_size)
    config = replace(
        plan(wishes, measured, len(labels), task), architecture=architecture, learning_rate=RATE * TUNING_RATE
    )
    kept = {name: start.weights[name] for name in architecture.weights() if name in start.weights}
    kept = {name: weight for name, weight in kept.items() if not name.startswith("head.")}
    return Preparation(Tokenizers.shared(start.tokenizer), config, weights=kept, labels=labels)


def _all_labels(texts: Sequence[LabelledText]) -> tuple[str, ...]:
    from collections import Counter

    counts = Counter(text.label for text in texts)
    if len(counts) > MOST_LABELS or 2 * len(counts) > max(20, len(texts)):
        raise TuiLmError(
            f"there are {len(counts):,} different labels in {len(texts):,} texts",
            "check which column holds the labels, or name the columns of text and label",
            about="columns",
        )
    return tuple(label for label, _ in counts.most_common())


def _require_two(labels: Sequence[str], task: str) -> None:
    if len(labels) >= 2:
        return
    if task == "author":
        raise TuiLmError(
            "this chat has fewer than two authors with enough messages", "at least 20 messages of an author are needed"
        )
    if task == "emoji":
        raise TuiLmError(
            "this chat has fewer than two emoji that end enough messages",
            "at least 20 messages that end in an emoji are needed for each",
        )
    raise TuiLmError(
        "all texts have the same label", "a classifier needs texts with at least two labels", about="columns"
    )
