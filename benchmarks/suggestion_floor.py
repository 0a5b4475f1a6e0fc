"""Chooses the minimum probability of a candidate: keystroke savings by floor, on validation messages.

    python benchmarks/suggestion_floor.py DATA MODEL [--last 300] [--floors 0.001,0.005,0.01,0.02,0.03,0.05]

DATA is the chat that MODEL was trained on, or a folder that holds it. For each floor the table has the savings of both
typists, the number of candidates at a key, and the acceptance and wrong shows of ghost text. Choose the highest floor
that costs the reading typist at most 0.3 points.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from keystrokes import own_corpus

from tui_lm import checkpoint, evaluation
from tui_lm.completion import Candidate, Completer
from tui_lm.completion.search import FLOOR, Limits
from tui_lm.completion.training_counts import build
from tui_lm.engine import Engine
from tui_lm.tokenizers.stream import WritingContext

SHOWN = 3


class Counting(Completer):
    """A completer that counts how many of `SHOWN` candidates it has."""

    asked = offered = 0

    def candidates(self, context: WritingContext, *, n: int = SHOWN, **options: Any) -> tuple[Candidate, ...]:
        found = super().candidates(context, n=n, **options)
        if n == SHOWN:
            self.asked += 1
            self.offered += len(found)
        return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path)
    parser.add_argument("model")
    parser.add_argument("--last", type=int, default=300, help="number of messages, from the end of the validation part")
    parser.add_argument("--floors", default="0.001,0.005,0.01,0.02,0.03,0.05")
    arguments = parser.parse_args()
    engine = Engine.open(checkpoint.find(arguments.model))
    corpus = own_corpus(arguments.data, engine)
    ngrams = build(corpus.utterances["train"])
    print(f"{engine.description}; {arguments.last} messages of val; the floor is {FLOOR} now\n")
    print("| floor | reading KSR@3 / @1 | glancing @3 / @1 | candidates at a key | ghosts accepted | wrong shows |")
    print("|---|---|---|---|---|---|")
    for floor in map(float, arguments.floors.split(",")):
        completer = Counting(engine, ngrams, limits=Limits(floor=floor))
        metrics = ("keystrokes", "glance")
        report = evaluation.typing(
            completer, corpus.utterances["val"], engine.kind, metrics=metrics, most=arguments.last
        )
        reading, glancing, ghost = report["keystroke_savings"], report["glancing"], report["ghost"]
        print(
            f"| {floor:g} | {reading['3']:.2f} / {reading['1']:.2f} | {glancing['3']:.2f} / {glancing['1']:.2f} "
            f"| {completer.offered / max(1, completer.asked):.2f} "
            f"| {ghost['acceptance']:.1f} % | {ghost['wrong_shows']:.1f} % |",
            flush=True,
        )


if __name__ == "__main__":
    main()
