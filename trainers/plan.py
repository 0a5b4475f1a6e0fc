"""Which network fits: how wide, how long, how much is dropped, from the amount of text and the time there is.

The figures were measured on two cores with bfloat16; `docs/decisions.md` has them. All choices were made on validation
text.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from trainers.config import TrainingConfig
from tui_lm.architecture import Architecture, Llama, Recurrent, Seq2Seq
from tui_lm.cells import CELLS
from tui_lm.models.rates import DropRates

FAMILIES = ("auto", *CELLS, "llama", "seq2seq")
SIZES = ("auto", "tiny", "small", "base", "large", "huge")
HIDDEN = {"tiny": 128, "small": 320, "base": 512, "large": 1024, "huge": 2048}
EMBEDDING = {"char": 64, "subword": 192, "word": 256}

# What --size auto wants for a network: tokens to learn from, and seconds on two cores.
ENOUGH = {"small": (40_000, 20.0), "base": (250_000, 75.0)}

# LLaMA by size: layers, width, heads, heads of keys and values, context, peak rate. 0.4M to 100M parameters.
LLAMA = {
    "tiny": (3, 96, 3, 3, 128, 0.006),
    "small": (4, 160, 5, 5, 128, 0.006),
    "base": (6, 256, 8, 4, 256, 0.005),
    "large": (8, 512, 8, 4, 512, 0.004),
    "huge": (12, 768, 12, 12, 1024, 0.003),
}
# Seq2seq by size: width of the embeddings, of the networks, layers.
SEQ2SEQ = {
    "tiny": (128, 256, 1),
    "small": (256, 384, 1),
    "base": (256, 512, 1),
    "large": (512, 1024, 2),
    "huge": (512, 1024, 4),
}
SEQ2SEQ_PAIRS = {"small": 5_000, "base": 20_000}  # what --size auto wants for a network
SEQ2SEQ_BATCH = 1024  # target tokens of a step
REPLY_BATCH = 2048  # tokens of a step, those of contexts
REPLY_ALONE = 0.1  # share of messages that are learned without their context
LLAMA_BATCH = 2048  # tokens of a step: many small steps learn faster than few large ones
LLAMA_SLOWER = 6  # times, than an LSTM of the same size by name: 12,000 against 68,000 tokens a second for "base"
TUNING_RATE = 0.3  # of the rate that a model would be trained with from nothing
LLAMA_BEGIN = 0.5  # share of the windows of prose that begin with `<s>`

AUTO_CELL = "lstm"
UNHURRIED_TOKENS = 10_000_000  # training tokens of a run that nobody gave a limit
MOST_EPOCHS = 60
ASSUMED_PACE = 50_000  # tokens a second on two cores, to foresee how often a time budget will show the text


@dataclass(frozen=True, slots=True)
class Budget:
    """How long to train. At most one is given; with none the text decides."""

    steps: int | None = None
    epochs: int | None = None
    minutes: float | None = None


def choose_size(size: str, train_tokens: int, budget: Budget, family: str = "lstm") -> str:
    """A wide network needs text to learn from and time to do it in."""
    if size != "auto":
        return size
    seconds = float("inf") if budget.minutes is None else budget.minutes * 60
    if family == "llama":
        seconds /= LLAMA_SLOWER
    fitting = [size for size, (tokens, time) in ENOUGH.items() if train_tokens >= tokens and seconds >= time]
    return fitting[-1] if fitting else "tiny"


def llama(size: str, vocab_size: int) -> Llama:
    """A preset, with a SwiGLU of 8/3 of the width as in the paper."""
    layers, dim, heads, shared, context, _ = LLAMA[size]
    return Llama(vocab_size, dim, round(dim / 12) * 32, layers, heads, shared, context)


def plan(
    *,
    family: str,
    tokenizer: str,
    size: str,
    vocab_size: int,
    train_tokens: int,
    budget: Budget,
    seed: int,
    device: str,
) -> TrainingConfig:
    """The settings of a run that begins from nothing. Every "auto" is decided here."""
    size = choose_size(size, train_tokens, budget, family)
    if family == "llama":
        architecture: Architecture = llama(size, vocab_size)
        shape = _in_windows(architecture, LLAMA[size][4], LLAMA[size][-1])
    else:
        cell = CELLS[AUTO_CELL if family == "auto" else family]
        rate = cell.peak_rate * (1.5 if size == "tiny" else 1.0)
        architecture = Recurrent(cell.name, vocab_size, EMBEDDING[tokenizer], HIDDEN[size], cell.layers)
        shape = TrainingConfig(architecture, steps=1, learning_rate=rate)
    return lasting(shape, train_tokens, budget, seed, device)


def fine_tuning(
    architecture: Architecture, train_tokens: int, budget: Budget, seed: int, device: str
) -> TrainingConfig:
    """The settings of a run that begins from a model: its own, at a lower rate, which forgets less."""
    if isinstance(architecture, Recurrent):
        shape = TrainingConfig(architecture, steps=1, learning_rate=TUNING_RATE * architecture.spec.peak_rate)
    elif isinstance(architecture, Seq2Seq):
        raise ValueError("a translator is not tuned")
    else:
        chunk = min(architecture.context_length, LLAMA_BATCH)
        rate = TUNING_RATE * min(LLAMA.values(), key=lambda preset: abs(preset[1] - architecture.dim))[-1]
        shape = _in_windows(architecture, chunk, rate)
    return lasting(shape, train_tokens, budget, seed, device)


def vocabulary(words: int) -> int:
    """How many subwords a translator learns: a rare one is never learned well (Sennrich & Zhang 2019)."""
    return int(min(8000, max(500, words / 100)))


def translating(
    *,
    vocab_size: int,
    source_vocab_size: int,
    shared: bool,
    size: str,
    pairs: int,
    train_tokens: int,
    budget: Budget,
    seed: int,
    device: str,
) -> TrainingConfig:
    """The settings of a translator."""
    if size == "auto":
        size = next((size for size, least in reversed(SEQ2SEQ_PAIRS.items()) if pairs >= least), "tiny")
    dim, hidden, layers = SEQ2SEQ[size]
    architecture = Seq2Seq(
        vocab_size,
        source_vocab_size,
        dim,
        hidden,
        layers,
        share_embeddings=shared,
        tie_embeddings=True,
    )
    shape = TrainingConfig(
        architecture,
        steps=1,
        streams=SEQ2SEQ_BATCH // 64,
        learning_rate=0.002,
        betas=(0.9, 0.98),
        average=200,
        smoothing=0.1,
        weight_decay=0.01,
    )
    return lasting(shape, train_tokens, budget, seed, device)


def answering(
    *, vocab_size: int, size: str, messages: int, train_tokens: int, budget: Budget, seed: int, device: str
) -> TrainingConfig:
    """The settings of a network that learns replies: a translator's, whose source is longer than its target.

    Probabilities are what completion needs of it, so that labels are not smoothed.
    """
    planned = translating(
        vocab_size=vocab_size,
        source_vocab_size=vocab_size,
        shared=True,
        size=size,
        pairs=messages,
        train_tokens=train_tokens,
        budget=budget,
        seed=seed,
        device=device,
    )
    shape = replace(planned, streams=REPLY_BATCH // planned.chunk, smoothing=0.0, reset=REPLY_ALONE)
    return lasting(shape, train_tokens, budget, seed, device)


def lasting(shape: TrainingConfig, train_tokens: int, budget: Budget, seed: int, device: str) -> TrainingConfig:
    """`shape` for as long as the budget says, or the text; what is dropped depends on how often the text is seen."""
    per_step = min(shape.streams * shape.chunk, max(1, train_tokens - 1))
    seconds = None if budget.minutes is None else budget.minutes * 60
    if budget.steps is not None:
        steps: int | None = budget.steps
    elif budget.epochs is not None:
        steps = max(1, budget.epochs * train_tokens // per_step)
    elif seconds is not None:
        steps = None
    else:
        steps = min(UNHURRIED_TOKENS, MOST_EPOCHS * train_tokens) // per_step
    planned = replace(shape, steps=steps, seconds=None if steps is not None else seconds, seed=seed, device=device)
    foreseen = epochs(planned, train_tokens)
    return replace(planned, rates=drop_rates(foreseen, translating=isinstance(shape.architecture, Seq2Seq)))


def epochs(config: TrainingConfig, train_tokens: int) -> float:
    """How often a run will read the text, as far as that can be foreseen."""
    if config.steps is not None:
        return config.steps * min(config.streams * config.chunk, max(1, train_tokens - 1)) / max(1, train_tokens)
    pace = ASSUMED_PACE if isinstance(config.architecture, Recurrent) else ASSUMED_PACE / LLAMA_SLOWER
    return (config.seconds or 0) * pace / max(1, train_tokens)


def _in_windows(architecture: Architecture, length: int, rate: float) -> TrainingConfig:
    return TrainingConfig(
        architecture,
        steps=1,
        streams=max(1, LLAMA_BATCH // length),
        chunk=length,
        optimizer="muon",
        learning_rate=rate,
        betas=(0.9, 0.99),
        reset=LLAMA_BEGIN,
    )


def drop_rates(epochs: float, *, translating: bool = False) -> DropRates:
    """Nothing is dropped from a text that is seen once; the more often it is seen, the more."""
    strength = min(1.0, max(0.0, (epochs - 1) / 8))
    if translating:
        return DropRates(embedding=0.1 * strength, input=0.1 * strength, hidden=0.2 * strength, output=0.2 * strength)
    return DropRates(input=0.1 * strength, hidden=0.2 * strength, output=0.3 * strength)
