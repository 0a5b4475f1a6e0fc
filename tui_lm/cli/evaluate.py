"""`tui-lm evaluate`: what a model is worth on text that it has not seen."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from tui_lm.errors import TuiLmError

if TYPE_CHECKING:
    from tui_lm.checkpoint import Card
    from tui_lm.corpus import Utterance
    from tui_lm.sentence_pairs import Pair


class Split(StrEnum):
    TEST = "test"
    VAL = "val"
    TRAIN = "train"
    ALL = "all"


def evaluate(
    model: Annotated[str, typer.Argument(help="A model's name or folder.")],
    source: Annotated[Path | None, typer.Argument(help="A chat or a text; for a translator sentence pairs.")] = None,
    split: Annotated[
        Split | None,
        typer.Option(help="Which part; without it test of the file that the model was trained on, else all of it."),
    ] = None,
    window: Annotated[int | None, typer.Option(min=1, help="Reset the network's state every N tokens.")] = None,
    parallel: Annotated[
        tuple[Path, Path] | None,
        typer.Option(metavar="SOURCE TARGET", help="Two files: line N of one translates line N of the other."),
    ] = None,
    columns: Annotated[
        str | None, typer.Option(help="Of sentence pairs: the source's, then its translations': 1,2,3.")
    ] = None,
    beam: Annotated[int | None, typer.Option(min=1, help="Of a translator: hypotheses that are followed.")] = None,
    lower_case: Annotated[bool, typer.Option("--lower-case", help="Of a translator: case does not count.")] = False,
    json_output: Annotated[bool, typer.Option("--json", help="One JSON object.")] = False,
) -> None:
    """Measure a language model by bits per character of the network alone, keystroke savings and the time that
    suggestions take; a translator by BLEU and chrF, all translations of one source being right."""
    from tui_lm import checkpoint

    files = [source] if source is not None else list(parallel or ())
    if not files or (source is not None and parallel):
        raise TuiLmError(
            "say what to measure on", "name a file after the model, or --parallel SOURCE TARGET", exit_code=2
        )
    folder = checkpoint.find(model)
    card = checkpoint.describe(folder)
    translates = card.purpose == "translation"
    if window if translates else (parallel or columns or beam or lower_case):
        raise TuiLmError(
            "some of these options do not fit the model",
            "--window is for language models; --parallel, --columns, --beam and --lower-case are for translators",
            exit_code=2,
        )
    if translates:
        report = _translator_report(folder, _pairs(card, files, columns, split), beam, lower_case)
    else:
        report = _language_report(folder, _part(card, files[0], split), window)
    if json_output:
        import json

        print(json.dumps(report))
    else:
        print("\n".join(_translator_lines(report) if translates else _lines(report)))


def _language_report(folder: Path, utterances: Sequence[Utterance], window: int | None) -> dict[str, Any]:
    from tui_lm import evaluation
    from tui_lm.completion import Completer, ngram_files
    from tui_lm.engine import Engine

    engine = Engine.open(folder)
    with Bar() as bar:
        completer = Completer(engine, ngram_files.load(folder, learned=False))  # learns here, and keeps nothing
        return evaluation.evaluate(engine, completer, utterances, window=window, progress=bar.show)


def _translator_report(folder: Path, pairs: Sequence[Pair], beam: int | None, lower_case: bool) -> dict[str, Any]:
    from tui_lm.cli.translate import cores
    from tui_lm.evaluation.bleu import references, score
    from tui_lm.translation import BeamOptions, Translator

    targets = references(pairs)
    answers = []
    with Bar() as bar:
        options = BeamOptions() if beam is None else BeamOptions(beam=beam)
        for answer in Translator.open(folder).translate_many(targets, options, threads=cores()):
            answers.append(answer.text)
            bar.show("translating", len(answers), len(targets))
    return score(answers, list(targets.values()), lower_case=lower_case)


def _pairs(card: Card, files: Sequence[Path], columns: str | None, split: Split | None) -> Sequence[Pair]:
    """The part of sentence pairs to measure on, cut as training cut it, with every column of translations."""
    from dataclasses import replace

    from tui_lm.corpus import fingerprint, read_corpus
    from tui_lm.sentence_pairs import Layout
    from tui_lm.source_kind import kind_of
    from tui_lm.source_options import SourceOptions
    from tui_lm.split import PARTS, Fractions

    for file in files:
        kind_of(file)  # a missing or binary file is told first
    trained = SourceOptions.from_json(card.reading)
    if columns is None:
        layouts = [replace(trained.layout or Layout(), aligned=len(files) > 1)]
    else:
        first, *others = columns.split(",")
        layouts = [Layout.of(f"{first},{other}") for other in others or [""]]
    if split is None:
        split = Split.TEST if fingerprint(files) in card.sources else Split.ALL
    fractions = Fractions(*card.split)
    corpora = [read_corpus(files, fractions, SourceOptions(layout=layout, seed=trained.seed)) for layout in layouts]
    return [pair for corpus in corpora for part in PARTS if split in (part, Split.ALL) for pair in corpus.pairs[part]]


def _part(card: Card, source: Path, split: Split | None) -> Sequence[Utterance]:
    """The part of `source` to measure on, cut as training cut it, in the form that the model was trained on."""
    from tui_lm.corpus import Utterance, fingerprint, read_corpus
    from tui_lm.source_kind import kind_of
    from tui_lm.source_options import SourceOptions
    from tui_lm.split import PARTS, Fractions

    kind_of(source)  # a missing or binary file is told first
    known = fingerprint([source]) in card.sources
    options = SourceOptions.from_json(card.reading).as_written if known else SourceOptions()
    corpus = read_corpus([source], Fractions(*card.split), options)
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


class Bar:
    """Progress on stderr, where that is a terminal."""

    def __enter__(self) -> Bar:
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


def _translator_lines(report: dict[str, Any]) -> list[str]:
    if not report["sentences"]:
        return ["there are no sentence pairs in this part"]
    return [
        f"BLEU      {report['bleu']:6.2f}   {report['signature']}",
        f"chrF      {report['chrf']:6.2f}   {report['chrf_signature']}",
        f"sentences {report['sentences']:>6,}",
    ]
