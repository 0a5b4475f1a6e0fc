"""How long a run trains and with how much dropout, from the amount of text and the time available.

The figures were measured on two cores with bfloat16 (docs/decisions.md).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeGuard

from trainers.config import TrainingConfig
from trainers.presets import ENOUGH, LLAMA_SLOWDOWN, PRETRAINED, TUNING_PACE
from tui_lm.architecture import Architecture, Gpt2, Llama, Recurrent, count_parameters
from tui_lm.models.rates import DropoutRates

if TYPE_CHECKING:
    from tui_lm.vectors.words import Words

UNLIMITED_TOKENS = 10_000_000  # training tokens of a run without a limit
MOST_EPOCHS = 60
ASSUMED_PACE = 50_000  # tokens a second of an LSTM on two cores, to foresee the epochs that a time budget allows
LORA_SPEEDUP = 1.4  # of a step without the gradients of the matrices
RUNTIMES = 0.5e9  # bytes: torch, the tokenizer and the text
LORA_STAYING = 5.0  # bytes of a weight that stays: bfloat16 in training, merged and rounded when the run ends
FULL_DROPOUT = 9  # number of epochs at which dropout reaches its full strength


@dataclass(frozen=True, slots=True)
class Budget:
    """How long to train. At most one field is given; without any the amount of text decides."""

    steps: int | None = None
    epochs: int | None = None
    minutes: float | None = None

    @property
    def seconds(self) -> float | None:
        return None if self.minutes is None else self.minutes * 60


@dataclass(frozen=True, slots=True)
class Wishes:
    """The user's wishes. "auto" leaves a choice to the plan; `settings` replace values of the plan.

    `embeddings` are the word vectors from which a network begins, None for random ones.
    """

    family: str = "auto"
    tokenizer: str = "auto"
    size: str = "auto"
    budget: Budget = field(default_factory=Budget)
    device: str = "auto"
    seed: int = 0
    settings: Mapping[str, Any] = field(default_factory=dict)
    task: str = "auto"
    embeddings: Words | None = None
    teacher: str | None = None
    lora: int = 0


@dataclass(frozen=True, slots=True)
class Measured:
    """The size of the training part after tokenization. `examples` are messages or pairs, `tokens` those to predict.

    `source_vocab_size` is that of a translator whose source language has a tokenizer of its own. `authors` is the
    number of tokens that name an author, None where none has a name.
    """

    examples: int
    tokens: int
    tokenizer: str
    vocab_size: int
    source_vocab_size: int | None = None
    authors: int | None = None


def choose_size(wishes: Wishes, tokens: int, *, slowdown: float = 1.0) -> str:
    """The size of a language model: a wide network needs enough `tokens` to train on, and enough time.

    `slowdown` is how many times slower than an LSTM the network trains.
    """
    if wishes.size != "auto":
        return wishes.size
    seconds = wishes.budget.seconds
    available = float("inf") if seconds is None else seconds / slowdown
    fitting = [size for size, least in ENOUGH.items() if tokens >= least.tokens and available >= least.seconds]
    return fitting[-1] if fitting else "tiny"


@dataclass(frozen=True, slots=True)
class Length:
    """How long a run lasts: either `steps`, or `seconds` that become steps after calibration."""

    steps: int | None
    seconds: float | None
    epochs: float  # estimated number of passes over the text

    @classmethod
    def of(
        cls, budget: Budget, tokens: int, step_tokens: int, *, slowdown: float = 1.0, most_epochs: int = MOST_EPOCHS
    ) -> Length:
        """The length that `budget` allows on a text of `tokens`, or without a budget, the amount of text."""
        per_step = min(step_tokens, max(1, tokens - 1))
        if budget.steps is None and budget.epochs is None and budget.seconds is not None:
            return cls(None, budget.seconds, budget.seconds * ASSUMED_PACE / slowdown / max(1, tokens))
        if budget.steps is not None:
            steps = budget.steps
        elif budget.epochs is not None:
            steps = max(1, budget.epochs * tokens // per_step)
        else:
            steps = min(UNLIMITED_TOKENS, most_epochs * tokens) // per_step
        return cls(steps, None, steps * per_step / max(1, tokens))


def is_pretrained(architecture: Architecture) -> TypeGuard[Llama | Gpt2]:
    """Whether a network is so large that others have trained it on more text than one person has."""
    return isinstance(architecture, Llama | Gpt2) and count_parameters(architecture) >= PRETRAINED


def tuning_pace(architecture: Llama | Gpt2, lora: int = 0) -> float:
    """Tokens a second at which a pretrained network is fine-tuned on two cores, foreseen from its size."""
    pace = TUNING_PACE * 115e6 / count_parameters(architecture)
    return LORA_SPEEDUP * pace if lora else pace


def tuning_memory(architecture: Llama | Gpt2, step_tokens: int, lora: int = 0) -> float:
    """Bytes that fine-tuning takes, foreseen: weights, gradients, moments, two copies, and a step's activations.

    With low-rank changes the matrices have neither gradients nor moments; what is served is merged at the end.
    """
    activations = 2.3 * step_tokens * architecture.num_layers * (20 * architecture.dim + 6 * architecture.hidden_size)
    if not lora:
        return RUNTIMES + 32 * count_parameters(architecture) + activations
    tables = architecture.vocab_size * architecture.dim
    inputs_and_outputs = architecture.num_layers * (11 * architecture.dim + 3 * architecture.hidden_size)
    learned = tables + lora * inputs_and_outputs
    return LORA_STAYING * (count_parameters(architecture) - tables) + 24 * learned + activations


def slowdown(architecture: Architecture) -> float:
    """How many times slower than an LSTM of the same size a network trains."""
    if is_pretrained(architecture):
        return ASSUMED_PACE / tuning_pace(architecture)
    return 1 if isinstance(architecture, Recurrent) else LLAMA_SLOWDOWN


def epochs(config: TrainingConfig, tokens: int) -> float:
    """The estimated number of passes over a text of `tokens` tokens."""
    minutes = None if config.seconds is None else config.seconds / 60
    budget = Budget(steps=config.steps, minutes=minutes)
    return Length.of(budget, tokens, config.task.step_tokens, slowdown=slowdown(config.architecture)).epochs


def dropout_strength(epochs: float) -> float:
    """A text that is seen once needs no dropout; the more often it is seen, the more dropout helps."""
    return min(1.0, max(0.0, (epochs - 1) / (FULL_DROPOUT - 1)))


def language_dropout(epochs: float) -> DropoutRates:
    strength = dropout_strength(epochs)
    return DropoutRates(input=0.1 * strength, hidden=0.2 * strength, output=0.3 * strength)


def seq2seq_dropout(epochs: float) -> DropoutRates:
    strength = dropout_strength(epochs)
    return DropoutRates(embedding=0.1 * strength, input=0.1 * strength, hidden=0.2 * strength, output=0.2 * strength)
