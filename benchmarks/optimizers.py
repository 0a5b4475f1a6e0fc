"""Which optimizer learns fastest on the same run, each at its own best rate?

    python benchmarks/optimizers.py TEXT [--steps 500] [--only NAME]... [--output FILE] [--defaults]

Trains the same small LSTM on the first 85 % of TEXT with every optimizer of `trainers.optim`, and evaluates it on the
next 5 %. The rate of each is raised or lowered by factors of 3 until a higher and a lower rate are worse, then the two
rates halfway to them are tried. Prints a table and writes the measurements to FILE as JSON, which
docs/pictures/optimizers.py draws. With --defaults only the rate of `--set optimizer=NAME` is tried. One thread: results
depend on steps only, and a busy machine just takes longer.
"""

from __future__ import annotations

import argparse
import json
import math
import tempfile
from collections.abc import Callable
from pathlib import Path

import torch

from trainers.config import TrainingConfig
from trainers.job import TrainingJob
from trainers.optim import OPTIMIZERS
from trainers.run import run
from tui_lm import tokenizers
from tui_lm.architecture import Recurrent
from tui_lm.checkpoint import Card
from tui_lm.corpus import Corpus, read_corpus
from tui_lm.errors import TuiLmError
from tui_lm.events import Evaluated
from tui_lm.split import Fractions
from tui_lm.tokenizers import Tokenizer, Tokenizers

WIDTH = 128
ADAMW = 0.018  # the planned rate for this width; `relative_rate` is relative to it
COARSE = 3.0
Curve = list[tuple[int, float]]  # step, bits per character on validation


def trained(corpus: Corpus, tokenizer: Tokenizer, optimizer: str, rate: float, steps: int) -> Curve:
    """The evaluations of the run; none if it diverged."""
    config = TrainingConfig(
        Recurrent("lstm", tokenizer.vocab_size, 64, WIDTH),
        steps=steps,
        device="cpu",
        optimizer=optimizer,
        learning_rate=rate / OPTIMIZERS[optimizer][1],
        evaluations=10,
        patience=99,
    )
    with tempfile.TemporaryDirectory() as folder:
        card = Card("run", corpus.kind, config.architecture, tokenizer.name)
        try:
            seen = list(run(TrainingJob(corpus, Tokenizers.shared(tokenizer), config, card, Path(folder) / "run")))
        except TuiLmError:
            return []
    return [(e.step, e.bits_per_char or math.nan) for e in seen if isinstance(e, Evaluated)]


def best_rate(measure: Callable[[float], float], start: float) -> None:
    """Call `measure` with rates until the best lies between two worse ones, then with the two halfway to them."""
    tried = {start: measure(start)}

    def at(rate: float) -> float:
        near = [known for known in tried if math.isclose(known, rate, rel_tol=0.01)]
        if not near:
            tried[rate] = measure(rate)
        return tried[near[0] if near else rate]

    best = start
    while True:
        better = min((best / COARSE, best, best * COARSE), key=at)
        if better == best:
            break
        best = better
    for rate in (best / math.sqrt(COARSE), best * math.sqrt(COARSE)):
        at(rate)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("text", type=Path)
    parser.add_argument("--steps", type=int, default=500)
    parser.add_argument("--only", action="append", choices=sorted(OPTIMIZERS))
    parser.add_argument("--output", type=Path)
    parser.add_argument("--defaults", action="store_true")
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    corpus = read_corpus([arguments.text], Fractions(85, 5, 10))
    texts = [utterance.text for utterance in corpus.utterances["train"]]
    tokenizer = tokenizers.train("char", texts, tokenizers.Specials())
    found: dict[str, dict[str, Curve]] = {}
    print("| optimizer | best rate | relative to adamw's | bits/char | at the neighbouring rates |", flush=True)
    print("|---|---|---|---|---|")
    for name in arguments.only or OPTIMIZERS:
        curves: dict[float, Curve] = {}

        def measure(rate: float, name: str = name, curves: dict[float, Curve] = curves) -> float:
            curves[rate] = trained(corpus, tokenizer, name, rate, arguments.steps)
            return min((bits for _, bits in curves[rate]), default=math.inf)

        default = ADAMW * OPTIMIZERS[name][1]
        if arguments.defaults:
            measure(default)
        else:
            best_rate(measure, default)
        least = {rate: min((bits for _, bits in curve), default=math.inf) for rate, curve in sorted(curves.items())}
        best = min(least, key=lambda rate: least[rate])
        others = ", ".join(f"{rate:.3g}: {bits:.3f}" for rate, bits in least.items() if rate != best)
        print(f"| {name} | {best:.3g} | {best / ADAMW:.3g} | {least[best]:.3f} | {others} |", flush=True)
        found[name] = {f"{rate:.6g}": curve for rate, curve in sorted(curves.items())}
    if arguments.output:
        arguments.output.write_text(json.dumps({"steps": arguments.steps, "curves": found}), encoding="utf-8")


if __name__ == "__main__":
    main()
