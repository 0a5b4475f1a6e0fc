"""The task of language modelling: predict each next token of a chat or of prose. No torch (`language` has it)."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from trainers.config import TrainingConfig
from trainers.plan import (
    Budget,
    Length,
    Measured,
    Wishes,
    choose_size,
    is_pretrained,
    language_dropout,
    slowdown,
)
from trainers.preparation import Preparation, measure, training_texts
from trainers.presets import EMBEDDING, LLAMA, LLAMA_BATCH, LLAMA_SLOWDOWN, RECURRENT, TUNING
from trainers.task_settings import StreamSettings, TaskSettings, WindowSettings
from trainers.transfer import beginning
from tui_lm import tokenizers
from tui_lm.architecture import Architecture, Gpt2, Llama, Recurrent
from tui_lm.cells import CELLS
from tui_lm.checkpoint import SavedModel
from tui_lm.corpus import Corpus
from tui_lm.errors import TuiLmError
from tui_lm.tokenizers import Tokenizers
from tui_lm.utterances import authors_of

if TYPE_CHECKING:
    from trainers.language import LanguageTask

AUTO_CELL = "lstm"
WRITTEN = 1.0  # characters that a teacher writes, as a share of those of the text
TUNING_RATE = 0.3  # of the rate of a run from random weights: a lower rate forgets less


class LanguageModelling:
    name = "language"
    kinds = ("chat", "prose")
    families = (*CELLS, "llama")

    def settings(self, architecture: Architecture) -> type[TaskSettings]:
        return StreamSettings if isinstance(architecture, Recurrent) else WindowSettings

    def prepare(self, corpus: Corpus, wishes: Wishes, base: SavedModel | None) -> Preparation:
        """Begin from random weights, or from `base`: its network and tokenizer, with the authors of this corpus."""
        utterances = corpus.utterances["train"]
        specials = tokenizers.Specials.of_authors(authors_of(utterances))
        texts = training_texts(utterances)
        if base is not None:
            start = beginning(base, specials, texts)
            config = plan_tuning(start.architecture, wishes, measure(utterances, start.tokenizer))
            return Preparation(Tokenizers.shared(start.tokenizer), config, specials.authors, weights=start.weights)
        kind = "char" if wishes.tokenizer == "auto" else wishes.tokenizer
        tokenizer = tokenizers.train(kind, texts, specials)
        measured = measure(utterances, tokenizer)
        if wishes.teacher is not None:  # which writes as much text as there is
            measured = replace(measured, tokens=round((1 + WRITTEN) * measured.tokens))
        config = plan(wishes, measured)
        if wishes.teacher is not None:
            _require_student(config, tokenizer.name)
            config = replace(config, teacher=wishes.teacher)
        return Preparation(Tokenizers.shared(tokenizer), config, specials.authors)

    def create(self, config: TrainingConfig, corpus: Corpus, tokenizers: Tokenizers) -> LanguageTask:
        from trainers.language import LanguageTask

        return LanguageTask.of(corpus, tokenizers.target)


def _require_student(config: TrainingConfig, tokenizer: str) -> None:
    if not isinstance(config.architecture, Recurrent) or tokenizer != "char":
        raise TuiLmError(
            "only a recurrent network of characters learns from a teacher",
            "choose the tokenizer char, and lstm, gru, mingru or rnn",
            exit_code=2,
            about="teacher",
        )


def plan(wishes: Wishes, measured: Measured) -> TrainingConfig:
    """The settings of a run from random weights. Every "auto" is decided here."""
    family = AUTO_CELL if wishes.family == "auto" else wishes.family
    size = choose_size(wishes, measured.tokens, slowdown=LLAMA_SLOWDOWN if family == "llama" else 1)
    if family == "llama":
        preset = LLAMA[size]
        architecture: Architecture = preset.architecture(measured.vocab_size)
        return _windows(architecture, preset.context_length, preset.learning_rate, wishes, measured)
    cell, recurrent, dim = CELLS[family], RECURRENT[size], EMBEDDING[measured.tokenizer]
    architecture = Recurrent(
        cell.name, measured.vocab_size, dim, recurrent.hidden_size, cell.layers, authors=measured.authors
    )
    return _streams(architecture, cell.peak_rate * recurrent.rate_factor, wishes, measured)


def plan_tuning(architecture: Architecture, wishes: Wishes, measured: Measured) -> TrainingConfig:
    """The settings of a run that begins from a trained network."""
    if wishes.lora and not (isinstance(architecture, Llama) and is_pretrained(architecture)):
        raise TuiLmError(
            "only a large pretrained LLaMA is adapted by LoRA; this base is trained whole",
            "leave the rank out",
            2,
            about="lora",
        )
    if isinstance(architecture, Recurrent):
        return _streams(architecture, TUNING_RATE * architecture.spec.peak_rate, wishes, measured)
    if is_pretrained(architecture):
        return _base(architecture, wishes, measured)
    if not isinstance(architecture, Llama | Gpt2):
        raise ValueError("this network is no language model")
    nearest = min(LLAMA.values(), key=lambda preset: abs(preset.dim - architecture.dim))
    length = min(architecture.context_length, LLAMA_BATCH)
    return _windows(architecture, length, TUNING_RATE * nearest.learning_rate, wishes, measured)


def _streams(architecture: Architecture, rate: float, wishes: Wishes, measured: Measured) -> TrainingConfig:
    task = StreamSettings()
    length = Length.of(wishes.budget, measured.tokens, task.step_tokens)
    return TrainingConfig(
        architecture,
        task,
        length.steps,
        length.seconds,
        wishes.seed,
        wishes.device,
        learning_rate=rate,
        dropout=language_dropout(length.epochs),
    )


def _windows(
    architecture: Architecture, sequence_length: int, rate: float, wishes: Wishes, measured: Measured
) -> TrainingConfig:
    task = WindowSettings(max(1, LLAMA_BATCH // sequence_length), sequence_length)
    length = Length.of(wishes.budget, measured.tokens, task.step_tokens, slowdown=slowdown(architecture))
    return TrainingConfig(
        architecture,
        task,
        length.steps,
        length.seconds,
        wishes.seed,
        wishes.device,
        optimizer="muon",
        learning_rate=rate,
        betas=(0.9, 0.99),
        dropout=language_dropout(length.epochs),
    )


def _base(architecture: Llama | Gpt2, wishes: Wishes, measured: Measured) -> TrainingConfig:
    """The settings that fine-tune a pretrained network: a few passes, and few evaluations, since both are slow."""
    task = WindowSettings(TUNING.batch_size, TUNING.sequence_length)
    budget = wishes.budget
    if budget == Budget():
        tokens = min(TUNING.epochs * measured.tokens, TUNING.most_tokens)
        budget = Budget(steps=max(1, tokens // task.step_tokens))
    length = Length.of(budget, measured.tokens, task.step_tokens, slowdown=slowdown(architecture))
    steps = length.steps or max(1, round(length.epochs * measured.tokens / task.step_tokens))
    return TrainingConfig(
        architecture,
        task,
        length.steps,
        length.seconds,
        wishes.seed,
        wishes.device,
        learning_rate=TUNING.lora_rate if wishes.lora else TUNING.learning_rate,
        betas=TUNING.betas,
        weight_decay=TUNING.weight_decay,
        warmup=min(0.1, TUNING.warmup_steps / steps),
        evaluations=TUNING.evaluations,
        lora=wishes.lora,
    )
