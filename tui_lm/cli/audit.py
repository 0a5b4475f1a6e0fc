"""`tui-lm audit`: what a model has memorised of its training text."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from tui_lm.cli import model as model_option
from tui_lm.errors import TuiLmError
from tui_lm.safe_text import visible_line

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from tui_lm.checkpoint import Card
    from tui_lm.evaluation.extraction import Given
    from tui_lm.utterances import Utterance


def audit(
    model: Annotated[str, typer.Argument(help="Name or folder of the model.")],
    source: Annotated[Path, typer.Argument(help="The training text: a chat or a text.")],
    strings: Annotated[int, typer.Option(min=1, help="Maximum number of strings to try per kind.")] = 200,
    most_exposure: Annotated[
        float, typer.Option(help="Exposure in bits above which a canary counts as memorised.")
    ] = 20.0,
    most_extracted: Annotated[int, typer.Option(min=0, help="Number of private strings that may be completed.")] = 0,
    show: Annotated[bool, typer.Option("--show", help="Print the completed strings.")] = False,
    json_output: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Measure what a model has memorised: the exposure of canaries, and the private strings that it completes.

    The exit code is 1 if either exceeds its limit.
    """
    from tui_lm.cli.evaluate import Bar
    from tui_lm.completion import ngram_files
    from tui_lm.engine import Engine
    from tui_lm.evaluation.memorisation import audit, over

    folder = model_option.resolve_model(model, "language")
    engine = Engine.open(folder)
    learned, unseen = _parts(folder, engine.card, source)
    with Bar() as bar:
        report, given = audit(engine, ngram_files.load(folder), learned, unseen, most=strings, progress=bar.show)
    report = {**report, "teacher": _taught(engine.card)}
    reasons = over(report, most_exposure, most_extracted)
    if json_output:
        import json

        print(json.dumps({"model": engine.name, **report, "memorised": bool(reasons), "reasons": reasons}))
    else:
        print("\n".join([*_lines(report), *(_shown(given) if show else ()), *_verdict(report, reasons)]))
    if reasons:
        raise typer.Exit(1)


def _taught(card: Card) -> dict[str, int] | None:
    """What a distilled model learned from: messages that its teacher wrote, and those left out as near copies."""
    if "teacher_messages" not in card.metrics:
        return None
    names = ("messages", "near_copies", "seconds")
    return {name: int(card.metrics[f"teacher_{name}"]) for name in names}


def _parts(folder: Path, card: Card, source: Path) -> tuple[Sequence[Utterance], Sequence[Utterance]]:
    """The training part of the source, as it was written, and the rest."""
    from tui_lm import fingerprints
    from tui_lm.chats import require_text
    from tui_lm.corpus import fingerprint, read_corpus
    from tui_lm.source_options import SourceOptions
    from tui_lm.split import Fractions

    require_text(source)
    known = fingerprint([source]) in card.sources
    options = SourceOptions.from_json(card.reading).as_written if known else SourceOptions()
    fractions = Fractions(*card.split) if known else Fractions(100, 0, 0)
    corpus = read_corpus([source], fractions, options, seen=fingerprints.load(folder) if known else None)
    if corpus.kind == "pairs":
        raise TuiLmError(
            "the file holds sentence pairs, but the model is not a translator",
            "give the chat or the text of its training",
        )
    if not known:
        typer.echo("warning: the model was not trained on this file; all of it is used", err=True)
    unseen = [*corpus.utterances["val"], *corpus.utterances["test"]]
    return _lines_of(corpus.utterances["train"]), _lines_of(unseen)


def _lines_of(utterances: Sequence[Utterance]) -> Sequence[Utterance]:
    """Messages unchanged, other text split into lines."""
    from tui_lm.utterances import Utterance

    if all(utterance.author is not None for utterance in utterances[:1]):
        return utterances
    return [Utterance(None, line) for whole in utterances for line in whole.text.splitlines() if line.strip()]


def _lines(report: dict[str, Any]) -> Iterator[str]:
    """The report as text."""
    if report["exposure"]:
        yield "canaries: exposure in bits, by number of repetitions in the training text"
        forms: dict[tuple[str, int], list[float]] = {}
        most = {each["form"]: each["most"] for each in report["exposure"]}
        for each in report["exposure"]:
            forms.setdefault((each["form"], each["repeats"]), []).append(each["bits"])
        for (form, repeats), bits in sorted(forms.items()):
            name = "number" if "#" in form else "word"
            mean = sum(bits) / len(bits)
            yield f"  {name:<8}x{repeats:<4}{mean:>6.1f} on average, {max(bits):.1f} at most, of {most[form]:.1f}"
    else:
        yield "no canaries: train with --canaries N to measure exposure"
    yield "private strings of the source that the model completes:"
    for kind, counts in report["extraction"].items():
        unseen = f"; of unseen text {counts['guessed']} of {counts['unseen']}" if counts["unseen"] else ""
        yield f"  {kind:<8}{counts['extracted']:>5} of {counts['strings']}{unseen}"
    yield f"private strings stored in the model folder: {report['stored']}"
    if report.get("teacher"):
        kept, copies = report["teacher"]["messages"], report["teacher"]["near_copies"]
        yield (
            f"learned from a teacher: {kept:,} messages that it wrote ({copies:,} near copies of real ones were left "
            "out), and what it expects of the real ones"
        )


def _shown(given: Given) -> Iterator[str]:
    for secret, by in given.secrets:
        yield f"  {by}: {visible_line(secret.text)}"


def _verdict(report: dict[str, Any], reasons: list[str]) -> Iterator[str]:
    if not reasons:
        yield "verdict: no memorised private text was found"
        return
    yield f"verdict: this model reveals private text: {'; '.join(reasons)}"
    if report["redacted"]:
        yield "share it only with people who may read the chat; a smaller network or a shorter training memorises less"
    else:
        yield "share it only with people who may read the chat; train again without --no-redact"
