"""The reasons for a plan: the figures behind each choice, for `tui-lm train --explain`."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from trainers.config import TrainingConfig
from trainers.plan import (
    FULL_DROPOUT,
    MOST_EPOCHS,
    UNLIMITED_TOKENS,
    epochs,
    is_pretrained,
    tuning_memory,
    tuning_pace,
)
from trainers.presets import ENOUGH, ENOUGH_PAIRS, LLAMA, LLAMA_SLOWDOWN, RECURRENT, SEQ2SEQ, TUNING
from trainers.vectors.reasons import reasons as reasons_of_vectors
from tui_lm.architecture import Classifier, Llama, Recurrent, Seq2Seq, Tagger, WordVectors


def reasons(config: TrainingConfig, examples: int, tokens: int, by_hand: Collection[str]) -> list[str]:
    """A line a choice. `examples` are messages or pairs with `tokens` to predict, `by_hand` the user's settings."""
    if isinstance(config.architecture, WordVectors):
        lines = reasons_of_vectors(config, tokens)
    elif is_pretrained(config.architecture):
        lines = _tuning(config, tokens)
    else:
        lines = [
            f"network: {_family(config)}",
            f"width: {_width(config, examples, tokens)}",
            f"length: {_length(config, tokens)}",
            f"dropout: {_dropout(config)}",
            f"optimizer: {_optimizer(config)}",
        ]
    if by_hand:
        lines.append(f"by hand: {', '.join(sorted(by_hand))}; the plan did not choose them")
    return lines


def _tuning(config: TrainingConfig, tokens: int) -> list[str]:
    """The reasons of a run that fine-tunes a pretrained base."""
    architecture, task = config.architecture, config.task
    assert is_pretrained(architecture)
    pace = tuning_pace(architecture, config.lora)
    steps, seconds = config.steps, config.seconds or 0.0
    minutes = (seconds if steps is None else steps * task.step_tokens / pace) / 60
    memory = tuning_memory(architecture, task.step_tokens, config.lora) / 1e9
    trained = "all its weights are trained, since a low-rank change (LoRA) of a small base was 0.045 bits/char behind"
    if config.lora:
        trained = f"each matrix stays and gets a change of rank {config.lora} (LoRA), which is merged at the end"
    return [
        f"network: that of the base; {trained}",
        f"vocabulary: {architecture.vocab_size:,} tokens: those of this text, the most frequent ones, and their parts",
        f"length: about {minutes:.0f} minutes on two cores with bfloat16, which train on {pace:.0f} tokens a second: "
        f"{epochs(config, tokens):.1f} passes over the text (without a limit: {TUNING.epochs}, and at most "
        f"{TUNING.most_tokens:,} tokens); the run ends early after {config.patience} evaluations without a better "
        "validation loss",
        f"memory: about {memory:.1f} GB in training",
        "dropout: none, since a pretrained network is tuned in few passes",
        f"optimizer: {config.optimizer} at {config.learning_rate:g}, falling to zero at the end",
    ]


def _family(config: TrainingConfig) -> str:
    match config.architecture:
        case Llama():
            return f"as you asked; an LSTM of the same size trains on {LLAMA_SLOWDOWN} times as many tokens a second"
        case Seq2Seq():
            return "an encoder and a decoder with attention, which learn to write one text from another"
        case Classifier() | Tagger():
            return f"cells that read {'both directions' if config.architecture.bidirectional else 'one direction'}"
        case Recurrent(family="lstm"):
            return f"an LSTM trains on {LLAMA_SLOWDOWN} times as many tokens a second as a mini-LLaMA of the same size"
        case Recurrent(family=cell):
            return f"as you asked: {cell}"
    return "that of the model it begins from"


def _width(config: TrainingConfig, examples: int, tokens: int) -> str:
    needs = ", ".join(f"{size} from {least.tokens:,} tokens and {least.seconds:g} s" for size, least in ENOUGH.items())
    match config.architecture:
        case Recurrent(hidden_size=units):
            return (
                f"{units} units for {tokens:,} tokens; the automatic size is {needs}, else tiny "
                f"({_widths({size: preset.hidden_size for size, preset in RECURRENT.items()})})"
            )
        case Llama(dim=dim):
            return (
                f"{dim} for {tokens:,} tokens; the automatic size is {needs} (times {LLAMA_SLOWDOWN}), else tiny "
                f"({_widths({size: preset.dim for size, preset in LLAMA.items()})})"
            )
        case Classifier(hidden_size=units) | Tagger(hidden_size=units):
            return f"{units} units a direction for {examples:,} examples"
        case Seq2Seq(hidden_size=units):
            needs = ", ".join(f"{size} from {least:,} examples" for size, least in ENOUGH_PAIRS.items())
            return (
                f"{units} units for {examples:,} examples; the automatic size is {needs}, else tiny "
                f"({_widths({size: preset.hidden_size for size, preset in SEQ2SEQ.items()})})"
            )
    return "that of the model it begins from"


def _widths(widths: Mapping[str, int]) -> str:
    return ", ".join(f"{size} {width}" for size, width in widths.items())


def _length(config: TrainingConfig, tokens: int) -> str:
    ends = f"the run ends early after {config.patience} evaluations without a better validation loss"
    if config.steps is None:
        return f"{config.seconds:g} s, converted into steps once their pace is measured; {ends}"
    return (
        f"{config.steps:,} steps are {epochs(config, tokens):.1f} passes over the text (without a limit: "
        f"{UNLIMITED_TOKENS:,} tokens, at most {MOST_EPOCHS} passes); {ends}"
    )


def _dropout(config: TrainingConfig) -> str:
    rates = config.dropout
    shares = {"of the input": rates.input, "between layers": rates.hidden, "before the head": rates.output}
    chosen = ", ".join(f"{share:.2g} {where}" for where, share in shares.items())
    rule = f"none for a text that is seen once, then more with every pass, up to the {FULL_DROPOUT}th"
    if isinstance(config.architecture, Seq2Seq):
        return f"{chosen}; {rule}"
    return f"{chosen}; {rule}: 2.072 bits/char on a chat, with dropout of recurrent weights too 2.083"


def _optimizer(config: TrainingConfig) -> str:
    rate = f"at {config.learning_rate:g}, falling to zero at the end"
    if isinstance(config.architecture, Llama):
        return f"{config.optimizer} {rate}: a small mini-LLaMA reached 2.369 bits/char with Muon, 2.566 with AdamW"
    return f"{config.optimizer} {rate}: of twelve optimizers AdamW came first, Muon second (docs/optimizers.md)"
