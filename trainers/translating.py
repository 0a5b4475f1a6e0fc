"""The tasks of a seq2seq: translate a sentence, or answer a message. No torch (`pairs`, `reply_batches` have it)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING

from trainers.config import TrainingConfig
from trainers.plan import Length, Measured, Wishes, seq2seq_dropout, slowdown
from trainers.preparation import Preparation, count_tokens, training_texts
from trainers.presets import ENOUGH_PAIRS, SEQ2SEQ
from trainers.task_settings import ReplySettings, TaskSettings, TranslationSettings
from tui_lm import tokenizers
from tui_lm.architecture import Architecture, Seq2Seq
from tui_lm.checkpoint import SavedModel
from tui_lm.corpus import Corpus
from tui_lm.errors import TuiLmError
from tui_lm.threads import TURNS
from tui_lm.tokenizers import Tokenizers
from tui_lm.utterances import authors_of

if TYPE_CHECKING:
    from trainers.pairs import PairTask


class Translation:
    name = "translation"
    kinds = ("pairs",)
    families = ("seq2seq",)

    def settings(self, architecture: Architecture) -> type[TaskSettings]:
        return TranslationSettings

    def prepare(self, corpus: Corpus, wishes: Wishes, base: SavedModel | None) -> Preparation:
        """Languages of one script share their subwords; others have a tokenizer each."""
        _require_random_start(base, "translator")
        pairs = corpus.pairs["train"]
        sources, targets = [pair.source for pair in pairs], [pair.target for pair in pairs]
        kind = "subword" if wishes.tokenizer == "auto" else wishes.tokenizer
        words = sum(len(text.split()) for text in targets)
        specials = tokenizers.Specials()
        if _same_script(sources, targets):
            both = Tokenizers.shared(tokenizers.train(kind, [*sources, *targets], specials, vocabulary(2 * words)))
        else:
            both = Tokenizers(
                *(tokenizers.train(kind, side, specials, vocabulary(words)) for side in (sources, targets))
            )
        measured = Measured(
            len(pairs),
            sum(len(both.target.encode(text)) + 1 for text in targets),
            both.target.name,
            both.target.vocab_size,
            None if both.are_shared else both.source.vocab_size,
        )
        return Preparation(both, plan(wishes, measured, TranslationSettings()))

    def create(self, config: TrainingConfig, corpus: Corpus, tokenizers: Tokenizers) -> PairTask:
        from trainers.pairs import PairTask

        return PairTask.of(corpus, tokenizers)


class Replies:
    name = "replies"
    kinds = ("chat",)
    families = ("seq2seq",)

    def settings(self, architecture: Architecture) -> type[TaskSettings]:
        return ReplySettings

    def prepare(self, corpus: Corpus, wishes: Wishes, base: SavedModel | None) -> Preparation:
        _require_random_start(base, "network of replies")
        utterances = corpus.utterances["train"]
        specials = tokenizers.Specials.of_authors(authors_of(utterances))
        kind = "subword" if wishes.tokenizer == "auto" else wishes.tokenizer
        words = sum(len(utterance.text.split()) for utterance in utterances)
        tokenizer = tokenizers.train(kind, training_texts(utterances), specials, vocabulary(words))
        tokens = count_tokens(utterances, tokenizer) * TURNS  # a message is read again as the context of later ones
        measured = Measured(len(utterances), tokens, tokenizer.name, tokenizer.vocab_size)
        return Preparation(Tokenizers.shared(tokenizer), plan(wishes, measured, ReplySettings()), specials.authors)

    def create(self, config: TrainingConfig, corpus: Corpus, tokenizers: Tokenizers) -> PairTask:
        from trainers.reply_batches import reply_task

        assert isinstance(config.task, ReplySettings)
        return reply_task(corpus, tokenizers.target, config.task)


def plan(wishes: Wishes, measured: Measured, task: TaskSettings) -> TrainingConfig:
    """The settings of a seq2seq for `task`."""
    size = wishes.size
    if size == "auto":
        fitting = [size for size, least in ENOUGH_PAIRS.items() if measured.examples >= least]
        size = fitting[-1] if fitting else "tiny"
    preset = SEQ2SEQ[size]
    architecture = Seq2Seq(
        measured.vocab_size,
        measured.source_vocab_size or measured.vocab_size,
        preset.dim,
        preset.hidden_size,
        preset.num_layers,
        share_embeddings=measured.source_vocab_size is None,
        tie_embeddings=True,
    )
    length = Length.of(wishes.budget, measured.tokens, task.step_tokens, slowdown=slowdown(architecture))
    return TrainingConfig(
        architecture,
        task,
        length.steps,
        length.seconds,
        wishes.seed,
        wishes.device,
        learning_rate=0.002,
        betas=(0.9, 0.98),
        weight_decay=0.01,
        ema=200,
        dropout=seq2seq_dropout(length.epochs),
    )


def vocabulary(words: int) -> int:
    """The vocabulary size for a training text of this many words: rare subwords are learned badly.

    Sennrich & Zhang 2019, "Revisiting low-resource neural machine translation".
    """
    return int(min(8000, max(500, words / 100)))


def _require_random_start(base: SavedModel | None, name: str) -> None:
    if base is not None:
        raise TuiLmError(f"a {name} cannot be fine-tuned yet", "train it from random weights", about="base")


def _same_script(sources: Sequence[str], targets: Sequence[str]) -> bool:
    """Whether most letters of either language also occur in the other."""
    one, other = (Counter(c for text in side for c in text if c.isalpha()) for side in (sources, targets))
    common = [sum(n for c, n in a.items() if c in b) / max(1, a.total()) for a, b in ((one, other), (other, one))]
    return min(common) > 0.5
