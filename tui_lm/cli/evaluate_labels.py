"""`tui-lm evaluate` of classifiers and taggers: the examples to evaluate on, and the report in lines."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tui_lm.errors import TuiLmError

if TYPE_CHECKING:
    from tui_lm.checkpoint import Card
    from tui_lm.corpus import Corpus
    from tui_lm.labelled_texts import LabelledText
    from tui_lm.split import Part
    from tui_lm.tagged_sentences import TaggedSentence
    from tui_lm.utterances import Utterance

WIDEST_TABLE = 12  # labels of a confusion matrix that is printed


def classifier_report(
    folder: Path, texts: Sequence[LabelledText], progress: Callable[[str, int, int], object]
) -> dict[str, Any]:
    from tui_lm.classification.classifier import TextClassifier
    from tui_lm.evaluation.labels import classification

    return classification(TextClassifier.open(folder), texts, progress)


def tagger_report(
    folder: Path, sentences: Sequence[TaggedSentence], progress: Callable[[str, int, int], object]
) -> dict[str, Any]:
    from tui_lm.evaluation.labels import tagging
    from tui_lm.tagging.tagger import SentenceTagger

    return tagging(SentenceTagger.open(folder), sentences, progress)


def of_messages(card: Card, messages: Sequence[Utterance]) -> list[LabelledText]:
    """The labelled texts of a chat, as the model's task makes them."""
    from tui_lm.chat_labels import by_author, by_emoji

    return list(by_emoji(messages) if card.training["task"]["name"] == "emoji" else by_author(messages))


def labelled(card: Card, source: Path, split: str | None) -> list[LabelledText]:
    """The labelled texts of a file: of the training file its test part, of another one all."""
    corpus, parts = _read(card, source, split)
    return [text for part in parts for text in corpus.labelled[part]]


def tagged(card: Card, source: Path, split: str | None) -> list[TaggedSentence]:
    """The same for tagged sentences."""
    corpus, parts = _read(card, source, split)
    return [sentence for part in parts for sentence in corpus.tagged[part]]


def _read(card: Card, source: Path, split: str | None) -> tuple[Corpus, Sequence[Part]]:
    from dataclasses import replace

    from tui_lm.chats import require_text
    from tui_lm.corpus import NAMES, fingerprint, read_corpus
    from tui_lm.source_options import SourceOptions
    from tui_lm.split import PARTS, Fractions

    require_text(source)
    known = fingerprint([source]) in card.sources
    trained = SourceOptions.from_json(card.reading)
    options = trained if known else replace(SourceOptions(), seed=trained.seed)
    corpus = read_corpus([source], Fractions(*card.split), options)
    if corpus.kind != card.kind:
        needed = NAMES["labelled" if card.kind == "labelled" else "tagged"]
        raise TuiLmError(f"this model is evaluated on {needed}, and the file holds none", f"give a file of {needed}")
    split = split or ("test" if known else "all")
    return corpus, [part for part in PARTS if split in (part, "all")]


def classifier_lines(report: Mapping[str, Any]) -> Iterator[str]:
    from tui_lm.evaluation.labels import warning
    from tui_lm.safe_text import visible_line

    if not report["texts"]:
        yield "this split holds no labelled texts"
        return
    yield f"{'':<26}{'accuracy':>10}{'macro-F1':>10}"
    baselines = report["baselines"]
    for name, row in (
        ("this model", report),
        ("its network alone", report["network"]),
        ("linear model (TF-IDF)", baselines["linear"]),
        ("most frequent label", baselines["majority"]),
    ):
        yield f"{name:<26}{row['accuracy']:>9.1f}%{row['macro_f1']:>9.1f}%"
    yield f"{'texts':<26}{report['texts']:>10,}"
    yield f"{'calibration error':<26}{report['calibration_error']:>9.1f}%"
    if report["unknown_labels"]:
        yield f"{'labels not in training':<26}{report['unknown_labels']:>10,}"
    for label, value in report["f1"].items():
        if value is not None:
            yield f"  F1 of {visible_line(label)[:18]:<18}  {value:>9.1f}%"
    yield from _confusion(report["confusion"]["labels"], report["confusion"]["counts"])
    if (note := warning(report, "macro_f1")) is not None:
        yield f"note: {note}"


def _confusion(labels: Sequence[str], counts: Sequence[Sequence[int]]) -> Iterator[str]:
    from tui_lm.safe_text import visible_line

    if len(labels) > WIDEST_TABLE:
        return
    width = max(len(f"{count:,}") for row in counts for count in row) + 2
    yield "confusion (rows: right, columns: given)"
    yield f"{'':<20}" + "".join(f"{number:>{width}}" for number in range(1, len(labels) + 1))
    for number, (label, row) in enumerate(zip(labels, counts, strict=True), start=1):
        yield f"{number:>2} {visible_line(label)[:16]:<16} " + "".join(f"{count:>{width},}" for count in row)


def tagger_lines(report: Mapping[str, Any]) -> Iterator[str]:
    from tui_lm.evaluation.labels import warning
    from tui_lm.safe_text import visible_line

    if not report["sentences"]:
        yield "this split holds no tagged sentences"
        return
    entities = report["f1"] is not None
    yield f"{'':<26}{'words':>10}" + (f"{'entity F1':>11}" if entities else "")
    baselines = report["baselines"]
    for name, row in (
        ("this model", report),
        ("its network alone", report["network"]),
        ("linear CRF", baselines["linear"]),
        ("most frequent tag", baselines["majority"]),
    ):
        yield f"{name:<26}{row['accuracy']:>9.1f}%" + (f"{row['f1']:>10.1f}%" if entities else "")
    yield f"{'sentences, words':<26}{report['sentences']:>10,}, {report['words']:,}"
    if entities:
        yield f"{'precision, recall':<26}{report['precision']:>9.1f}%, {report['recall']:.1f}%"
        for kind, row in report["types"].items():
            yield f"  F1 of {visible_line(kind)[:18]:<18}  {row['f1']:>9.1f}%  of {row['entities']:,}"
    if (note := warning(report, "f1" if entities else "accuracy")) is not None:
        yield f"note: {note}"
