"""`tui-lm evaluate`: what a model is worth on text that it has not seen."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from tui_lm.cli import model as model_option
from tui_lm.errors import TuiLmError

if TYPE_CHECKING:
    from tui_lm.checkpoint import Card
    from tui_lm.corpus import Utterance


class Split(StrEnum):
    TEST = "test"
    VAL = "val"
    TRAIN = "train"
    ALL = "all"


def evaluate(
    model: Annotated[str, typer.Argument(help="A model's name or folder.")],
    source: Annotated[Path, typer.Argument(help="A chat or a text.")],
    split: Annotated[
        Split | None,
        typer.Option(help="Which part; without it test of the file that the model was trained on, else all of it."),
    ] = None,
    window: Annotated[int | None, typer.Option(min=1, help="Reset the network's state every N tokens.")] = None,
    json_output: Annotated[bool, typer.Option("--json", help="One JSON object.")] = False,
) -> None:
    """Measure a model: bits per character of the network alone, keystroke savings, the time that suggestions take."""
    from tui_lm import evaluation
    from tui_lm.completion import Completer, ngram_files
    from tui_lm.engine import Engine

    folder = model_option.resolve_model(model, "language")
    engine = Engine.open(folder)
    utterances = _part(engine.card, source, split)
    with _Bar() as bar:
        completer = Completer(engine, ngram_files.load(folder, learned=False))  # learns here, and keeps nothing
        report = evaluation.evaluate(engine, completer, utterances, window=window, progress=bar.show)
    if json_output:
        import json

        print(json.dumps(report))
    else:
        print("\n".join(_lines(report)))


def _part(card: Card, source: Path, split: Split | None) -> Sequence[Utterance]:
    """The part of `source` to measure on, cut as training cut it, in the form that the model was trained on."""
    from tui_lm.corpus import PARTS, Fractions, Reading, Utterance, fingerprint, kind_of, read_corpus

    kind_of(source)  # a missing or binary file is told first
    known = fingerprint([source]) in card.sources
    reading = Reading.from_json(card.reading).as_written if known else Reading()
    corpus = read_corpus([source], Fractions(*card.split), reading)
    if corpus.kind == "pairs":
        raise TuiLmError(
            "these are sentence pairs, and the model is no translator", "give a chat or a text to measure on"
        )
    if split is None:
        split = Split.TEST if known else Split.ALL
    found = [utterance for part in PARTS if split in (part, Split.ALL) for utterance in corpus.utterances[part]]
    if card.kind == "chat" and corpus.kind == "prose":
        return [Utterance(None, line) for text in found for line in text.text.splitlines() if line.strip()]
    return found


class _Bar:
    """Progress on stderr, where that is a terminal."""

    def __enter__(self) -> _Bar:
        from rich.console import Console
        from rich.progress import Progress

        console = Console(stderr=True)
        self._progress = Progress(console=console, disable=not console.is_terminal, transient=True)
        self._tasks: dict[str, Any] = {}
        self._progress.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._progress.stop()

    def show(self, task: str, done: int, total: int) -> None:
        if task not in self._tasks:
            self._tasks[task] = self._progress.add_task(task, total=total)
        self._progress.update(self._tasks[task], completed=done, total=total)


def _lines(report: dict[str, Any]) -> list[str]:
    """The report for people; what is None is not said."""
    savings, latency = report["keystroke_savings"], report["latency_ms"]
    low, high = savings["ci95"] or (None, None)
    rows = [
        ("bits per character", report["bits_per_char"], ""),
        ("perplexity", report["perplexity"], "a token"),
        ("characters", report["characters"], ""),
        ("keystroke savings", savings["3"], f"% with three suggestions (95 %: {low} to {high})"),
        ("", savings["1"], "% with one"),
        ("", savings["limit"], "% at most, at one key a word"),
        ("next word", savings["next_word_top1"], "% first"),
        ("", savings["next_word_top3"], "% among three"),
        ("latency", latency["p50"], "ms, half of the keys"),
        ("", latency["p95"], "ms, 95 % of the keys"),
    ]
    return [
        f"{name:<20}{value:>10,.{0 if isinstance(value, int) else 3 if value < 10 else 1}f} {unit}".rstrip()
        for name, value, unit in rows
        if value is not None
    ]
