"""Keystroke savings of a model, of its parts and of baselines on the unseen part of a chat.

    python benchmarks/keystrokes.py DATA -m MODEL [--part test|val] [--last 1000] [--tools FOLDER]

DATA is a chat export that MODEL was trained on, or a folder with such files in it or in its folder chat/. With --tools,
a folder that holds keystroke_savings.py and ngram_baseline.py, those n-grams run on the same messages, in the simulator
of that folder.
"""

from __future__ import annotations

import argparse
import importlib
import resource
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from tui_lm import checkpoint, evaluation
from tui_lm.completion import Completer
from tui_lm.completion.ngrams import Ngrams
from tui_lm.completion.training_counts import build
from tui_lm.completion.words import ends_word
from tui_lm.corpus import Corpus, Utterance, fingerprint, read_corpus
from tui_lm.engine import Engine
from tui_lm.split import Fractions
from tui_lm.tokenizers.stream import WritingContext


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path)
    parser.add_argument("-m", "--model", required=True)
    parser.add_argument("--part", choices=("test", "val"), default="test")
    parser.add_argument("--last", type=int, default=1000, help="number of messages, from the end of the part")
    parser.add_argument("--ghosts", action="store_true", help="for each threshold, the share of ghosts shown and right")
    parser.add_argument("--tools", type=Path)
    arguments = parser.parse_args()
    engine = Engine.open(checkpoint.find(arguments.model))
    corpus = own_corpus(arguments.data, engine)
    train, part = corpus.utterances["train"], corpus.utterances[arguments.part][-arguments.last :]
    begun = time.perf_counter()
    ngrams = build(train)
    print(f"{engine.description}; {len(part)} messages of {arguments.part}; ", end="")
    print(f"n-grams of {len(train)} messages in {time.perf_counter() - begun:.1f} s\n")
    print("| system | KSR@3 | 95 % | KSR@1 | limit | next word top-1 / top-3 | ms p50 / p95 |")
    print("|---|---|---|---|---|---|---|")
    show("network alone", evaluation.typing(Completer(engine), part))
    show("n-grams alone", evaluation.typing(Completer(None, ngrams), part))
    before = resident()
    show("mixture", evaluation.typing(Completer(engine, ngrams), part))
    if arguments.ghosts:
        ghosts(engine, ngrams, part[-150:])
    if arguments.tools:
        sys.path.insert(0, str(arguments.tools))
        baselines(train, part)
    if before:
        print(f"\nmemory grew by {(resident() - before) / 2**20:.1f} MB while the mixture was measured")
    print(f"peak memory: {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MB")


def own_corpus(data: Path, engine: Engine) -> Corpus:
    """The corpus that the engine's model was trained on: the file, or the matching file of a folder."""
    files = [data] if data.is_file() else sorted([*data.glob("*.txt"), *data.glob("chat/*.txt")])
    for file in files:
        if fingerprint([file]) in engine.card.sources:
            return read_corpus([file], Fractions(*engine.card.split))
    sys.exit(f"{engine.name} was trained on none of the files in {data}")


def show(name: str, report: dict[str, Any]) -> None:
    savings, latency = report["keystroke_savings"], report["latency_ms"]
    low, high = savings["ci95"]
    print(
        f"| {name} | {savings['3']:.2f} | {low:.1f} to {high:.1f} | {savings['1']:.2f} | {savings['limit']:.1f} "
        f"| {savings['next_word_top1']:.1f} / {savings['next_word_top3']:.1f} "
        f"| {latency['p50']:.2f} / {latency['p95']:.2f} |",
        flush=True,
    )


def ghosts(engine: Engine, ngrams: Ngrams, part: Sequence[Utterance]) -> None:
    """For several thresholds: how often a ghost is shown at a key, and right to its end. Choose on --part val."""
    import numpy as np  # after tui_lm, which sets numpy's number of threads

    print("\n| ghost: least probability per character | shown % | right % | characters | ms p50 / p95 |")
    print("|---|---|---|---|---|")
    for sure in (0.6, 0.7, 0.75, 0.8, 0.9):
        completer = Completer(engine, ngrams, sure=sure)
        seconds: list[float] = []
        shown: list[tuple[bool, int]] = []
        history: list[tuple[str | None, str]] = []
        for message in part:
            for position in range(len(message.text)):
                begun = time.perf_counter()
                ghost = completer.ghost(WritingContext(message.text[:position], message.author, history))
                seconds.append(time.perf_counter() - begun)
                if ghost:
                    end = position + len(ghost)
                    right = message.text.startswith(ghost, position) and ends_word(message.text, end)
                    shown.append((right, len(ghost)))
            completer.learn(WritingContext(message.text, message.author, history))
            history.append((message.author, message.text))
        share = sum(right for right, _ in shown) / max(1, len(shown))
        length = sum(length for _, length in shown) / max(1, len(shown))
        p50, p95 = (1000 * np.quantile(seconds, (0.5, 0.95))).tolist()
        print(
            f"| {sure} | {100 * len(shown) / len(seconds):.1f} | {100 * share:.1f} | {length:.1f} "
            f"| {p50:.2f} / {p95:.2f} |",
            flush=True,
        )


def baselines(train: Sequence[Utterance], part: Sequence[Utterance]) -> None:
    """The baselines of the tools folder, in its own simulator."""
    simulator = importlib.import_module("keystroke_savings")
    ngrams = importlib.import_module("ngram_baseline")
    learned = [(message.author, message.text) for message in train]
    typed = [(message.author, message.text) for message in part]
    for name, make in (
        ("baseline: unigram prefix", lambda: ngrams.UnigramPrefix(learned)),
        ("baseline: Kneser-Ney 4-gram, NoRepeat", lambda: simulator.NoRepeat(ngrams.WordNgram(learned))),
        (
            "baseline: online Witten-Bell 4-gram, cache, NoRepeat",
            lambda: simulator.NoRepeat(ngrams.WordNgram(learned, kind="wb", online=True, cache=0.05)),
        ),
    ):
        three, one = (simulator.simulate(typed, make(), n=n) for n in (3, 1))
        low, high = simulator.bootstrap(three)
        print(
            f"| {name} | {three['KSR']:.2f} | {low:.1f} to {high:.1f} | {one['KSR']:.2f} "
            f"| {three['KSR_limit_1key_per_word']:.1f} | {three['next_word_top1']:.1f} / {three['next_word_top3']:.1f} "
            f"| {three['latency_ms']['p50']:.2f} / {three['latency_ms']['p95']:.2f} |",
            flush=True,
        )


def resident() -> int:
    """Bytes of the process's own memory, without mapped files; 0 if the system does not report it."""
    status = Path("/proc/self/status")
    lines = status.read_text("ascii").splitlines() if status.exists() else []
    return next((1024 * int(line.split()[1]) for line in lines if line.startswith("RssAnon")), 0)


if __name__ == "__main__":
    main()
