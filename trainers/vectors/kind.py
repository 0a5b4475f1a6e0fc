"""The task of learning word vectors from a chat or from prose: its vocabulary and its plan. No torch."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from trainers.config import TrainingConfig
from trainers.plan import Wishes
from trainers.preparation import Preparation, training_texts
from trainers.task_settings import TaskSettings
from trainers.vectors.cooccurrence import cooccurrences, harmonic
from trainers.vectors.settings import OF_FAMILY, GloveSettings, NegativeSamplingSettings, PpmiSettings, VectorSettings
from trainers.vectors.text import WordStream
from tui_lm.architecture import VECTOR_FAMILIES, Architecture, WordVectors
from tui_lm.checkpoint import SavedModel
from tui_lm.corpus import Corpus
from tui_lm.errors import TuiLmError
from tui_lm.tokenizers import Tokenizers
from tui_lm.tokenizers.vocabulary import VocabularyTokenizer
from tui_lm.vectors.subwords import subwords

if TYPE_CHECKING:
    from trainers.vectors.learners import Learner

DIM = 100
BUCKETS = 50_000  # n-gram rows of fastText: a chat has fewer distinct n-grams than the 2,000,000 of its program need
WORDS_SEEN = 5_000_000  # of a run without a limit: a small text is read more often
EPOCHS = (5, 50)  # the fewest and the most passes of a run without a limit
GLOVE_EPOCHS = 50
ITERATIONS = 6  # of the singular value decomposition
# The rate times the occurrences of the most frequent word in a batch. At 4 times this the vectors are worthless.
# A step of fastText moves words further, since they share n-grams; CBOW sums fewer gradients.
STEADY = {"word2vec": 0.18, "fasttext": 0.09}
CBOW_STEADY = 2  # times that of skip-gram
SMALLEST_BATCH = 32  # words
FEWEST_WORDS = 2


class WordVectorLearning:
    name = "vectors"
    kinds = ("chat", "prose")
    families = VECTOR_FAMILIES

    def settings(self, architecture: Architecture) -> type[TaskSettings]:
        return OF_FAMILY.get(architecture.family, NegativeSamplingSettings)

    def prepare(self, corpus: Corpus, wishes: Wishes, base: SavedModel | None) -> Preparation:
        """Begin from random vectors, or from those of `base` and its words. Raises TuiLmError for too few words."""
        if wishes.tokenizer != "auto" or wishes.size != "auto":
            about = "size" if wishes.tokenizer == "auto" else "tokenizer"
            raise TuiLmError(f"word vectors have no {about} to choose", "set min_count, or dim", 2, about=about)
        family = _family(wishes, base)
        settings, rate = _given(OF_FAMILY[family](), wishes.settings), _rate(family, wishes)
        utterances = corpus.utterances["train"]
        tokenizer = VocabularyTokenizer.counted(
            training_texts(utterances), fewest=settings.min_count, lowercase=settings.lowercase
        )
        if base is not None:
            known = base.tokenizer
            assert isinstance(known, VocabularyTokenizer)
            tokenizer = known.joined(tokenizer.words)
        stream = WordStream.of(utterances, tokenizer)
        if np.count_nonzero(stream.counts) < FEWEST_WORDS:
            raise TuiLmError(
                f"no two words occur {settings.min_count} times in this text",
                "give more text, or set a smaller min_count",
                about="set",
            )
        shape = _shape(family, len(tokenizer.specials) + len(tokenizer.words), wishes.settings, base)
        if isinstance(settings, NegativeSamplingSettings) and "batch_words" not in wishes.settings:
            settings = replace(settings, batch_words=steady_batch(family, stream, settings, rate))
        steps = _steps(wishes, stream, settings)
        config = TrainingConfig(
            shape, settings, steps, None if steps else wishes.budget.seconds, wishes.seed, "cpu", learning_rate=rate
        )
        weights = None if base is None else {"inputs": _inputs(base, tokenizer, shape, wishes.seed)}
        return Preparation(Tokenizers.shared(tokenizer), config, weights=weights)

    def create(self, config: TrainingConfig, corpus: Corpus, tokenizers: Tokenizers) -> Any:
        """A `Learner`, which has a loop of its own (`trainers.vectors.run`)."""
        from trainers.vectors.learners import create

        tokenizer = tokenizers.target
        assert isinstance(tokenizer, VocabularyTokenizer)
        learner: Learner = create(config, WordStream.of(corpus.utterances["train"], tokenizer), tokenizer)
        return learner


def _family(wishes: Wishes, base: SavedModel | None) -> str:
    """How vectors are trained on: by word2vec, or fastText if they have n-grams. The counts of others are not known."""
    if base is None:
        return VECTOR_FAMILIES[0] if wishes.family == "auto" else wishes.family
    return "fasttext" if base.card.architecture.family == "fasttext" else "word2vec"


def _given(settings: VectorSettings, values: Mapping[str, Any]) -> VectorSettings:
    """The settings with those that the user chose; values of a wrong type are reported later, with all others."""
    own = {field.name: getattr(settings, field.name) for field in fields(settings)}
    chosen: dict[str, Any] = {key: value for key, value in values.items() if type(value) is type(own.get(key))}
    try:
        return replace(settings, **chosen)
    except ValueError as error:
        raise TuiLmError(f"{error}", "change the setting", exit_code=2, about="set") from error


def _rate(family: str, wishes: Wishes) -> float:
    """The peak learning rate: that of the papers' programs."""
    given = wishes.settings.get("learning_rate")
    if isinstance(given, int | float) and given > 0:
        return float(given)
    return 0.025 if family == "word2vec" and wishes.settings.get("objective") != "cbow" else 0.05


def _shape(family: str, vocab_size: int, values: Mapping[str, Any], base: SavedModel | None) -> WordVectors:
    if base is not None:
        shape = base.card.architecture
        assert isinstance(shape, WordVectors)
        return replace(shape, family=family, vocab_size=vocab_size)
    shape = WordVectors(family, vocab_size, DIM, BUCKETS if family == "fasttext" else 0)
    chosen: dict[str, Any] = {
        k: v for k, v in values.items() if k in ("dim", "buckets", "shortest", "longest") and type(v) is int
    }
    try:
        return replace(shape, **chosen)
    except ValueError as error:
        raise TuiLmError(f"{error}", "change the setting", exit_code=2, about="set") from error


def steady_batch(family: str, stream: WordStream, settings: NegativeSamplingSettings, rate: float) -> int:
    """The batch in which no word occurs so often that the sum of its gradients overshoots."""
    share = stream.counts / len(stream) * stream.kept_share(settings.subsampling)
    steady = STEADY[family] * (CBOW_STEADY if settings.objective == "cbow" else 1)
    largest = int(steady / (rate * float(share.max())))
    return max(SMALLEST_BATCH, min(settings.batch_words, largest))


def _steps(wishes: Wishes, stream: WordStream, settings: VectorSettings) -> int | None:
    budget = wishes.budget
    if budget.steps is not None or budget.seconds is not None:
        return budget.steps
    if isinstance(settings, PpmiSettings):
        return budget.epochs or ITERATIONS
    if isinstance(settings, GloveSettings):
        counts = len(cooccurrences(stream, settings.window, harmonic).values)
        return (budget.epochs or GLOVE_EPOCHS) * max(1, -(-counts // settings.batch_counts))
    fewest, most = EPOCHS
    epochs = budget.epochs or max(fewest, min(most, WORDS_SEEN // len(stream)))
    return epochs * max(1, -(-len(stream) // settings.batch_words))


def _inputs(base: SavedModel, tokenizer: VocabularyTokenizer, shape: WordVectors, seed: int) -> NDArray[np.float32]:
    """The rows [words + buckets, D] to begin from: those of the base, and small random ones for new words."""
    first, known = len(tokenizer.specials), base.tokenizer.vocab_size - len(tokenizer.specials)
    own = np.asarray(base.weights["embedding.weight"])[first:]
    grams = [np.asarray(base.weights["ngrams.weight"])] if shape.buckets else []
    if shape.buckets:  # the folder holds the mean of a word's row and its n-grams: take the n-grams out again
        found = subwords(tokenizer.words[:known], shape.shortest, shape.longest, shape.buckets)
        lengths = np.diff(found.offsets)
        sums = np.zeros_like(own)
        np.add.at(sums, np.repeat(np.arange(known), lengths), grams[0][found.rows])
        own = own * (lengths + 1)[:, None].astype(np.float32) - sums
    chance = np.random.default_rng(seed)
    new = chance.uniform(-0.5, 0.5, (len(tokenizer.words) - known, shape.dim)) / shape.dim
    return np.concatenate([own, new.astype(np.float32), *grams])
