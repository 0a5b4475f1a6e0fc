"""`tui-lm audit`: what a model has memorised of the text that it learned from."""

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
    model: Annotated[str, typer.Argument(help="A model's name or folder.")],
    source: Annotated[Path, typer.Argument(help="What it was trained on: a chat or a text.")],
    strings: Annotated[int, typer.Option(min=1, help="Try at most so many strings of a kind.")] = 200,
    most_exposure: Annotated[float, typer.Option(help="Bits from which on a canary counts as memorised.")] = 20.0,
    most_extracted: Annotated[int, typer.Option(min=0, help="Private strings that may be completed.")] = 0,
    show: Annotated[bool, typer.Option("--show", help="Print the strings that are completed.")] = False,
    json_output: Annotated[bool, typer.Option("--json", help="One JSON object.")] = False,
) -> None:
    """Measure what a model memorised: the exposure of canaries, and which private strings it completes.

    Ends with 1 where that is more than allowed.
    """
    from tui_lm.cli.evaluate import Bar
    from tui_lm.completion import ngram_files
    from tui_lm.engine import Engine
    from tui_lm.evaluation.memorisation import audit, over

    folder = model_option.resolve_model(model, "language")
    engine = Engine.open(folder)
    learned, unseen = _parts(engine.card, source)
    with Bar() as bar:
        report, given = audit(engine, ngram_files.load(folder), learned, unseen, most=strings, progress=bar.show)
    reasons = over(report, most_exposure, most_extracted)
    if json_output:
        import json

        print(json.dumps({"model": engine.name, **report, "memorised": bool(reasons), "reasons": reasons}))
    else:
        print("\n".join([*_lines(report), *(_shown(given) if show else ()), *_verdict(report, reasons)]))
    if reasons:
        raise typer.Exit(1)


def _parts(card: Card, source: Path) -> tuple[Sequence[Utterance], Sequence[Utterance]]:
    """What the model learned from, as it was written, and the rest of the source."""
    from tui_lm.corpus import fingerprint, read_corpus
    from tui_lm.source_kind import kind_of
    from tui_lm.source_options import SourceOptions
    from tui_lm.split import Fractions

    kind_of(source)  # a missing or binary file is told first
    known = fingerprint([source]) in card.sources
    options = SourceOptions.from_json(card.reading).as_written if known else SourceOptions()
    corpus = read_corpus([source], Fractions(*card.split) if known else Fractions(100, 0, 0), options)
    if corpus.kind == "pairs":
        raise TuiLmError(
            "these are sentence pairs, and the model is no translator", "give the chat or the text that it learned from"
        )
    if not known:
        typer.echo("warning: the model was not trained on this file; all of it is tried", err=True)
    unseen = [*corpus.utterances["val"], *corpus.utterances["test"]]
    return _lines_of(corpus.utterances["train"]), _lines_of(unseen)


def _lines_of(utterances: Sequence[Utterance]) -> Sequence[Utterance]:
    """Messages as they are, a text line by line."""
    from tui_lm.utterances import Utterance

    if all(utterance.author is not None for utterance in utterances[:1]):
        return utterances
    return [Utterance(None, line) for whole in utterances for line in whole.text.splitlines() if line.strip()]


def _lines(report: dict[str, Any]) -> Iterator[str]:
    """The figures for people."""
    if report["exposure"]:
        yield "canaries: exposure in bits, by how often they stand in the training text"
        forms: dict[tuple[str, int], list[float]] = {}
        most = {each["form"]: each["most"] for each in report["exposure"]}
        for each in report["exposure"]:
            forms.setdefault((each["form"], each["repeats"]), []).append(each["bits"])
        for (form, repeats), bits in sorted(forms.items()):
            name = "number" if "#" in form else "word"
            mean = sum(bits) / len(bits)
            yield f"  {name:<8}x{repeats:<4}{mean:>6.1f} on average, {max(bits):.1f} at most, of {most[form]:.1f}"
    else:
        yield "no canaries: train with --canaries to measure exposure"
    yield "private strings of the source that the model completes:"
    for kind, counts in report["extraction"].items():
        unseen = f"; of text never seen {counts['guessed']} of {counts['unseen']}" if counts["unseen"] else ""
        yield f"  {kind:<8}{counts['extracted']:>5} of {counts['strings']}{unseen}"
    yield f"private strings that can be read in the model's folder: {report['stored']}"


def _shown(given: Given) -> Iterator[str]:
    for secret, by in given.secrets:
        yield f"  {by}: {visible_line(secret.text)}"


def _verdict(report: dict[str, Any], reasons: list[str]) -> Iterator[str]:
    if not reasons:
        yield "verdict: nothing private was found to be memorised"
        return
    yield f"verdict: this model gives private text away: {'; '.join(reasons)}"
    if report["redacted"]:
        yield "share it with nobody who may not read the chat; a smaller network, or fewer minutes, memorise less"
    else:
        yield "share it with nobody who may not read the chat; train again without --no-redact"
