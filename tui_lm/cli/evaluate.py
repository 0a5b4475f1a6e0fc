"""`tui-lm evaluate`: the quality of a model on unseen text."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
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
    model: Annotated[str, typer.Argument(help="Name or folder of the model.")],
    source: Annotated[
        Path | None,
        typer.Argument(help="A chat, a text, sentence pairs, labelled texts or tagged sentences, as the model needs."),
    ] = None,
    split: Annotated[
        Split | None,
        typer.Option(help="Part to evaluate on. Default: test for the training file, all for other files."),
    ] = None,
    window: Annotated[
        int | None, typer.Option(min=1, help="Reset the network's state every N tokens (language models).")
    ] = None,
    parallel: Annotated[
        tuple[Path, Path] | None,
        typer.Option(metavar="SOURCE TARGET", help="Two files whose lines correspond (translators)."),
    ] = None,
    columns: Annotated[
        str | None, typer.Option(help="Columns of the source and of its translations, such as 1,2,3 (translators).")
    ] = None,
    beam: Annotated[int | None, typer.Option(min=1, help="Beam size (translators).")] = None,
    metrics: Annotated[
        str | None,
        typer.Option(
            metavar="NAME,...",
            help="Which of bits, keystrokes, glance, latency to measure (language models). Default: all.",
        ),
    ] = None,
    limit: Annotated[
        int | None,
        typer.Option(min=1, help="Number of messages to type, from the end (language models). Default: 1000."),
    ] = None,
    budget_ms: Annotated[
        float | None,
        typer.Option(
            min=0, help="Processor time for the candidates of a key, in milliseconds (language models). Default: none."
        ),
    ] = None,
    lower_case: Annotated[bool, typer.Option("--lower-case", help="Ignore case (translators).")] = False,
    json_output: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Evaluate a language model: bits per character of the network alone, keystroke savings, ghost text, latency.

    Evaluate a translator: BLEU and chrF, with all translations of a source as references. Evaluate a classifier:
    accuracy, macro-F1, confusion, calibration. Evaluate a tagger: accuracy and F1 of entities."""
    from tui_lm import checkpoint
    from tui_lm.cli import evaluate_labels as labels

    files = [source] if source is not None else list(parallel or ())
    if not files or (source is not None and parallel):
        raise TuiLmError(
            "no text to evaluate on was given",
            "name a file after the model, or use --parallel SOURCE TARGET",
            exit_code=2,
        )
    folder = checkpoint.find(model)
    card = checkpoint.describe(folder)
    of_language = window or metrics or limit or budget_ms is not None
    of_translators = parallel or columns or beam or lower_case
    if (of_language and card.purpose != "language") or (of_translators and card.purpose != "translation"):
        raise TuiLmError(
            "some of these options do not fit the model",
            "--window, --metrics, --limit and --budget-ms are for language models; "
            "--parallel, --columns, --beam and --lower-case are for translators",
            exit_code=2,
        )
    lines: Callable[[dict[str, Any]], Iterable[str]] = _lines
    if card.purpose == "translation":
        report = _translator_report(folder, _pairs(card, files, columns, split), beam, lower_case)
        lines = _translator_lines
    elif card.purpose == "classification":
        if card.kind == "chat":
            texts = labels.of_messages(card, _part(folder, card, files[0], split))
        else:
            texts = labels.labelled(card, files[0], split)
        with Bar() as bar:
            report = labels.classifier_report(folder, texts, bar.show)
        lines = labels.classifier_lines
    elif card.purpose == "tagging":
        with Bar() as bar:
            report = labels.tagger_report(folder, labels.tagged(card, files[0], split), bar.show)
        lines = labels.tagger_lines
    else:
        report = _language_report(
            folder, _part(folder, card, files[0], split), window, _metrics(metrics), limit, budget_ms
        )
    if json_output:
        import json

        print(json.dumps(report))
    else:
        print("\n".join(lines(report)))


def _metrics(names: str | None) -> Sequence[str]:
    """The metrics of --metrics, all of them by default."""
    from tui_lm.evaluation.report import METRICS

    chosen = METRICS if names is None else tuple(name.strip() for name in names.split(","))
    for name in chosen:
        if name not in METRICS:
            raise TuiLmError(f"there is no metric {name!r}", f"choose from {', '.join(METRICS)}", exit_code=2)
    return chosen


def _language_report(
    folder: Path,
    utterances: Sequence[Utterance],
    window: int | None,
    metrics: Sequence[str],
    limit: int | None,
    budget_ms: float | None,
) -> dict[str, Any]:
    from tui_lm import evaluation
    from tui_lm.completion import Completer, ngram_files
    from tui_lm.engine import Engine

    engine = Engine.open(folder)
    with Bar() as bar:
        completer = Completer(engine, ngram_files.load(folder, learned=False))  # learns in memory only
        return evaluation.evaluate(
            engine,
            completer,
            utterances,
            window=window,
            metrics=metrics,
            most=limit or evaluation.MOST_MESSAGES,
            budget=None if budget_ms is None else budget_ms / 1000,
            progress=bar.show,
        )


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
    """The split of sentence pairs to evaluate on, divided as in training, with every column of translations."""
    from dataclasses import replace

    from tui_lm.chats import require_text
    from tui_lm.corpus import fingerprint, read_corpus
    from tui_lm.sentence_pairs import Layout
    from tui_lm.source_options import SourceOptions
    from tui_lm.split import PARTS, Fractions

    for file in files:
        require_text(file)
    trained = SourceOptions.from_json(card.reading)
    if columns is None:
        layouts = [replace(trained.layout or Layout(), aligned=len(files) > 1)]
    else:
        first, *others = columns.split(",")
        layouts = [Layout.of(f"{first},{other}") for other in others or [""]]
    known = fingerprint(files) in card.sources
    if split is None:
        split = Split.TEST if known else Split.ALL
    fractions = Fractions(*card.split)
    options = SourceOptions(seed=trained.seed, encoding=trained.encoding if known else None)
    corpora = [read_corpus(files, fractions, replace(options, layout=layout)) for layout in layouts]
    return [pair for corpus in corpora for part in PARTS if split in (part, Split.ALL) for pair in corpus.pairs[part]]


def _part(folder: Path, card: Card, source: Path, split: Split | None) -> Sequence[Utterance]:
    """The split of `source` to evaluate on, divided as in training; redacted if the model's training text was.

    Of a newer export of the training chat, that is what the model has not been trained on.
    """
    from tui_lm import fingerprints
    from tui_lm.chats import require_text
    from tui_lm.corpus import Utterance, fingerprint, read_corpus
    from tui_lm.source_options import SourceOptions
    from tui_lm.split import PARTS, Fractions

    require_text(source)
    known = fingerprint([source]) in card.sources
    options = SourceOptions.from_json(card.reading).as_written if known else SourceOptions()
    seen = fingerprints.load(folder)
    corpus = read_corpus([source], Fractions(*card.split), options, seen=seen)
    if corpus.kind == "pairs":
        raise TuiLmError("the file holds sentence pairs, but the model is not a translator", "give a chat or a text")
    if corpus.known and not known:
        trained = corpus.known["train"]
        typer.echo(f"{trained:,} messages of this file are known from training; --split all includes them", err=True)
        corpus = read_corpus([source], Fractions(0, 0, 100), options, seen=seen)
        split = split or Split.TEST
    if split is None:
        split = Split.TEST if known else Split.ALL
    found = [utterance for part in PARTS if split in (part, Split.ALL) for utterance in corpus.utterances[part]]
    if card.kind == "chat" and corpus.kind == "prose":
        return [Utterance(None, line) for text in found for line in text.text.splitlines() if line.strip()]
    return found


class Bar:
    """Progress bars on stderr, if it is a terminal."""

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
    """The report as text; values that are None are left out."""
    savings, latency = report["keystroke_savings"], report["latency_ms"]
    low, high = savings["ci95"] or (None, None)
    rows = [
        ("bits per character", report["bits_per_char"], ""),
        ("perplexity", report["perplexity"], "per token"),
        ("characters", report["characters"], ""),
        ("keystroke savings", savings["3"], f"% with three suggestions (95 %: {low} to {high})"),
        ("", savings["1"], "% with one suggestion"),
        ("", savings["limit"], "% at most, with one key per word"),
        ("next word", savings["next_word_top1"], "% of first suggestions are right"),
        ("", savings["next_word_top3"], "% with three suggestions"),
        ("glancing typist", report["glancing"]["3"], "% with three suggestions, read at every third key"),
        ("", report["glancing"]["1"], "% with one suggestion"),
        ("ghost text", report["ghost"]["acceptance"], "% of ghosts accepted"),
        ("", report["ghost"]["wrong_shows"], "% of keys with a wrong ghost"),
        ("latency", latency["p50"], "ms, median over keys"),
        ("", latency["p95"], "ms, 95th percentile"),
    ]
    return [
        f"{name:<20}{value:>10,.{0 if isinstance(value, int) else 3 if value < 10 else 1}f} {unit}".rstrip()
        for name, value, unit in rows
        if value is not None
    ]


def _translator_lines(report: dict[str, Any]) -> list[str]:
    if not report["sentences"]:
        return ["this split holds no sentence pairs"]
    return [
        f"BLEU      {report['bleu']:6.2f}   {report['signature']}",
        f"chrF      {report['chrf']:6.2f}   {report['chrf_signature']}",
        f"sentences {report['sentences']:>6,}",
    ]
