"""A training job: corpus, fitted tokenizer, settings and model folder, ready for `trainers.run.run`. No torch."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from trainers.config import TrainingConfig
from trainers.descent import with_descent
from trainers.embeddings import with_embeddings
from trainers.old_names import current_settings, current_training, old_task
from trainers.overrides import override
from trainers.plan import Wishes
from trainers.preparation import count_tokens, training_texts
from trainers.run_files import source_files
from trainers.tasks import TASKS, TaskKind, choose_task
from trainers.transfer import beginning
from tui_lm import checkpoint, tokenizers
from tui_lm.checkpoint import Card, SavedModel
from tui_lm.corpus import Corpus
from tui_lm.errors import DAMAGE, TuiLmError
from tui_lm.safe_text import visible_line
from tui_lm.source_options import PLAIN, SourceOptions
from tui_lm.split import PARTS
from tui_lm.tokenizers import Tokenizers

if TYPE_CHECKING:
    from numpy.typing import NDArray

COUNTED = {"pairs": "pairs", "labelled": "texts", "tagged": "sentences"}  # what the card counts, by kind of corpus


@dataclass(frozen=True, slots=True)
class TrainingJob:
    """`resume` continues from the snapshot in `folder`; `weights` are those to begin from, None for random ones.

    `base` is the folder of the model that the run begins from; `files` are the paths of the sources, by use, which an
    unfinished run keeps. `by_hand` are the settings that the user chose; `renamed` maps old names of settings among
    them to current ones. `lesson` is the file of what a teacher teaches.
    """

    corpus: Corpus
    tokenizers: Tokenizers
    config: TrainingConfig
    card: Card
    folder: Path
    resume: bool = False
    weights: Mapping[str, NDArray[Any]] | None = None
    base: Path | None = None
    files: Mapping[str, Sequence[str]] = field(default_factory=dict)
    by_hand: frozenset[str] = frozenset()
    renamed: Mapping[str, str] = field(default_factory=dict)
    lesson: Path | None = None

    @property
    def continues_chat(self) -> bool:
        """Whether the base was trained on a part of this chat, and the run adds what came later."""
        return self.base is not None and bool(self.corpus.known)

    @property
    def task(self) -> TaskKind:
        return TASKS[self.config.task.TASK]

    def amount(self) -> tuple[int, int]:
        """The number of examples to train on, and of tokens or labels to predict in them."""
        if self.corpus.kind == "pairs":
            pairs = self.corpus.pairs["train"]
            return len(pairs), sum(len(self.tokenizers.target.encode(pair.target)) + 1 for pair in pairs)
        if self.corpus.kind == "labelled":
            return (len(self.corpus.labelled["train"]),) * 2
        if self.corpus.kind == "tagged":
            sentences = self.corpus.tagged["train"]
            return len(sentences), sum(len(sentence.tokens) for sentence in sentences)
        utterances = self.corpus.utterances["train"]
        return len(utterances), count_tokens(utterances, self.tokenizers.target)


def new(
    corpus: Corpus,
    folder: Path,
    me: str | None,
    wishes: Wishes,
    base: SavedModel | None = None,
    *,
    options: SourceOptions = PLAIN,
    languages: tuple[str, str] | None = None,
    base_folder: Path | None = None,
) -> TrainingJob:
    """Fit the tokenizer on the training part and plan the run. Raises TuiLmError for wishes that cannot be met.

    With `base` the run begins from that model: its network and tokenizer, and the authors of this corpus.
    """
    if wishes.embeddings is not None and wishes.tokenizer == "auto":
        wishes = replace(wishes, tokenizer="word")
    prepared, known = choose_task(corpus, wishes, base).prepare(corpus, wishes, base), {}
    if wishes.embeddings is not None:
        prepared, begun = with_embeddings(prepared, wishes.embeddings, wishes.seed)
        known = {"tokens_with_vectors": begun}
    settings, renamed = current_settings(wishes.settings, prepared.config.task)
    config = override(prepared.config, settings)
    begins = base is not None or wishes.embeddings is not None
    if begins and config.architecture != prepared.config.architecture:
        raise TuiLmError(
            "a run that begins from other weights keeps their shape",
            "leave out the settings of its shape",
            exit_code=2,
            about="set",
        )
    fractions = corpus.fractions
    card = Card(
        name=folder.name,
        kind=corpus.kind,
        architecture=config.architecture,
        tokenizer=prepared.tokenizers.target.name,
        me=me,
        authors=prepared.authors,
        labels=prepared.labels,
        sources=(corpus.fingerprint, *(() if base is None else base.card.sources)),
        split=(fractions.train, fractions.val, fractions.test),
        reading=options.to_json(),
        languages=languages,
        training=config.to_json(),
        metrics={COUNTED.get(corpus.kind, "messages"): sum(len(corpus.examples(part)) for part in PARTS), **known},
    )
    job = TrainingJob(
        corpus,
        prepared.tokenizers,
        config,
        card,
        folder,
        weights=prepared.weights,
        base=base_folder,
        by_hand=frozenset(settings),
        renamed=renamed,
    )
    if config.descent == "mini-batch":
        return job
    config = with_descent(config, job.amount()[1], steps_given=wishes.budget.steps is not None)
    return replace(job, config=config, card=replace(card, training=config.to_json()))


def unfinished(fingerprint: str, name: str | None) -> Path | None:
    """The folder of the unfinished run on this source, called `name` if given; None if that run has finished.

    Raises TuiLmError if there is no such run.
    """
    if name is not None:
        folder = checkpoint.find(name)
        return folder if checkpoint.is_unfinished(folder) else None
    for name in checkpoint.names():
        folder = checkpoint.find(name)
        if checkpoint.is_unfinished(folder) and fingerprint in checkpoint.describe(folder).sources:
            return folder
    raise TuiLmError("there is no unfinished run on this source", "start a new run, or name the model", about="name")


def resumed(corpus: Corpus, folder: Path) -> TrainingJob:
    """The job of an unfinished run, with its settings. Raises TuiLmError for another source."""
    card = checkpoint.describe(folder)
    if corpus.fingerprint not in card.sources:
        raise TuiLmError(
            f"{visible_line(card.name)} was trained on another file", "give the file that the run was started with"
        )
    try:
        config = saved_config(card)
    except DAMAGE as error:
        raise TuiLmError(
            f"the training settings of {visible_line(card.name)} are damaged", "train it again", about="overwrite"
        ) from error
    weights = _staying(corpus, card, folder) if config.lora else None
    return TrainingJob(
        corpus,
        tokenizers.load(card.tokenizer, folder),
        config,
        replace(card, training=config.to_json()),
        folder,
        resume=True,
        weights=weights,
    )


def _staying(corpus: Corpus, card: Card, folder: Path) -> Mapping[str, NDArray[Any]]:
    """The weights of the base of a low-rank run, which its snapshot does not hold."""
    bases = source_files(folder).get("base", ())
    if not bases or not bases[0].is_dir():
        raise TuiLmError(
            f"the base of {visible_line(card.name)} is no longer there, and its matrices are needed to go on",
            "import the base again under its old name",
            about="base",
        )
    utterances = corpus.utterances["train"]
    specials = tokenizers.Specials(card.authors)
    start = beginning(checkpoint.load(bases[0]), specials, training_texts(utterances))
    if start.architecture != card.architecture:
        raise TuiLmError(f"the base of {visible_line(card.name)} has changed", "start a new run", about="base")
    return start.weights


def saved_config(card: Card) -> TrainingConfig:
    """The settings in a model's card, of this version or 0.1.0. Raises one of `DAMAGE` for anything else."""
    name = card.training["task"]["name"] if "task" in card.training else old_task(card)
    settings = TASKS[name].settings(card.architecture)
    training = card.training if "task" in card.training else current_training(card.training, settings)
    return TrainingConfig.from_json(training, card.architecture, settings)
