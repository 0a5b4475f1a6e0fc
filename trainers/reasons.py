"""Why a run is planned as it is: the figures behind each choice of `trainers.plan`, for `tui-lm train --explain`."""

from __future__ import annotations

from collections.abc import Collection

from trainers.config import TrainingConfig
from trainers.plan import (
    ENOUGH,
    HIDDEN,
    LLAMA,
    LLAMA_SLOWER,
    MOST_EPOCHS,
    SEQ2SEQ,
    SEQ2SEQ_PAIRS,
    UNHURRIED_TOKENS,
    epochs,
)
from tui_lm.architecture import Llama, Recurrent, Seq2Seq


def reasons(config: TrainingConfig, parts: int, tokens: int, by_hand: Collection[str]) -> list[str]:
    """A line a choice. `parts` messages or pairs hold `tokens` to learn from; `by_hand` are the keys that were set."""
    told = [
        f"network: {_family(config)}",
        f"width: {_width(config, parts, tokens)}",
        f"length: {_length(config, tokens)}",
    ]
    told += [f"dropped: {_dropped(config, tokens)}", f"optimizer: {_optimizer(config)}"]
    if by_hand:
        told.append(f"by hand: {', '.join(sorted(by_hand))}; the plan had no say in them")
    return told


def _family(config: TrainingConfig) -> str:
    match config.architecture:
        case Llama():
            return f"as asked for; an LSTM of the same --size reads {LLAMA_SLOWER} times as many tokens a second"
        case Seq2Seq():
            return "an encoder and a decoder with attention, the kind that learns from one text to write another"
        case Recurrent(family="lstm"):
            return f"an LSTM reads {LLAMA_SLOWER} times as many tokens a second as a mini-LLaMA of the same --size"
        case Recurrent(family=cell):
            return f"as asked for: {cell}"
    return "that of the model it begins from"


def _width(config: TrainingConfig, parts: int, tokens: int) -> str:
    needs = ", ".join(f"{size} from {least:,} tokens and {seconds:g} s" for size, (least, seconds) in ENOUGH.items())
    match config.architecture:
        case Recurrent(hidden_size=units):
            sizes = ", ".join(f"{size} {width}" for size, width in HIDDEN.items())
            return f"{units} units for {tokens:,} tokens: --size auto is {needs}, else tiny ({sizes})"
        case Llama(dim=dim):
            sizes = ", ".join(f"{size} {preset[1]}" for size, preset in LLAMA.items())
            return f"{dim} for {tokens:,} tokens: --size auto is {needs} x {LLAMA_SLOWER}, else tiny ({sizes})"
        case Seq2Seq(hidden_size=units):
            needs = ", ".join(f"{size} from {least:,} examples" for size, least in SEQ2SEQ_PAIRS.items())
            sizes = ", ".join(f"{size} {preset[1]}" for size, preset in SEQ2SEQ.items())
            return f"{units} units for {parts:,} examples: --size auto is {needs}, else tiny ({sizes})"
    return "that of the model it begins from"


def _length(config: TrainingConfig, tokens: int) -> str:
    ends = f"it ends early after {config.patience} evaluations without a better validation loss"
    if config.steps is None:
        return f"{config.seconds:g} s, turned into steps when their pace has been measured; {ends}"
    return (
        f"{config.steps:,} steps read the text {epochs(config, tokens):.1f} times (without a limit: "
        f"{UNHURRIED_TOKENS:,} tokens, {MOST_EPOCHS} times at most); {ends}"
    )


def _dropped(config: TrainingConfig, tokens: int) -> str:
    rates = config.rates
    shares = {"input": rates.input, "between layers": rates.hidden, "before the head": rates.output}
    told = ", ".join(f"{share:.2g} {place}" for place, share in shares.items())
    seen = "nothing where a text is seen once, more the more often, all from the ninth time on"
    if isinstance(config.architecture, Seq2Seq):
        return f"{told}; {seen}"
    return f"{told}; {seen}: 2.072 bits on a chat, with recurrent weights dropped too 2.083"


def _optimizer(config: TrainingConfig) -> str:
    rate = f"at {config.learning_rate:g}, which falls to zero at the end"
    if isinstance(config.architecture, Llama):
        return f"{config.optimizer} {rate}: for a small mini-LLaMA Muon reached 2.369 bits where AdamW reached 2.566"
    return f"{config.optimizer} {rate}: of twelve on the same run AdamW came first, Muon second (docs/optimizers.md)"
