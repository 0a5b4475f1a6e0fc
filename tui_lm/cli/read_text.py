"""What `tui-lm read` shows of prose and sentence pairs: how much there is, and two samples."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from tui_lm.errors import TuiLmError

if TYPE_CHECKING:
    from tui_lm.source_kind import Kind, Source

SAMPLES = 2


@dataclass(frozen=True, slots=True)
class TextSummary:
    """The content of a source that is not a chat. `counts` are by name, in display order."""

    kind: Kind
    reason: str
    counts: dict[str, int]
    samples: list[str]
    warnings: list[str]


def summarise_texts(
    sources: Sequence[Path], kind: Kind | None, columns: str | None, encoding: str | None
) -> TextSummary:
    """Reads sources of one kind once. Raises TuiLmError for sources of several kinds, and for chats."""
    from tui_lm.source_kind import TITLES, recognise

    found = [recognise(source, forced=kind, encoding=encoding) for source in sources]
    kinds = {source.kind for source in found}
    if len(kinds) > 1:
        names = " and ".join(sorted(TITLES[each] for each in kinds))
        raise TuiLmError(f"the sources are of several kinds: {names}", "give sources of one kind at a time")
    warnings = [warning for source in found for warning in source.warnings]
    readers = {"pairs": _pairs, "labelled": _labelled, "tagged": _tagged}
    counts, samples = readers.get(found[0].kind, _lines)(found, columns, warnings.append)
    return TextSummary(found[0].kind, found[0].reason, counts, samples, warnings)


def _pairs(
    found: Sequence[Source], columns: str | None, warn: Callable[[str], object]
) -> tuple[dict[str, int], list[str]]:
    from tui_lm.sentence_pairs import Layout, read_pairs

    layout = Layout.of(columns) if columns else Layout()
    count = 0
    samples: list[str] = []
    for pair in read_pairs([document for source in found for document in source.documents], layout, warn):
        count += 1
        if len(samples) < SAMPLES:
            samples.append(f"{pair.source} -> {pair.target}")
    return {"pairs": count}, samples


def _labelled(
    found: Sequence[Source], columns: str | None, warn: Callable[[str], object]
) -> tuple[dict[str, int], list[str]]:
    from tui_lm.labelled_texts import read_labelled

    documents = [document for source in found for document in source.documents]
    texts = list(read_labelled(documents, _two(columns)))
    samples = [f"{text.text} -> {text.label}" for text in texts[:SAMPLES]]
    return {"texts": len(texts), "labels": len({text.label for text in texts})}, samples


def _tagged(
    found: Sequence[Source], columns: str | None, warn: Callable[[str], object]
) -> tuple[dict[str, int], list[str]]:
    from tui_lm.tagged_sentences import read_tagged

    documents = [document for source in found for document in source.documents]
    sentences = list(read_tagged(documents, _two(columns)))
    samples = [" ".join(map("/".join, zip(s.tokens, s.tags, strict=True))) for s in sentences[:SAMPLES]]
    counts = {"sentences": len(sentences), "words": sum(len(sentence.tokens) for sentence in sentences)}
    return counts | {"tags": len({tag for sentence in sentences for tag in sentence.tags})}, samples


def _two(columns: str | None) -> tuple[str, str] | None:
    """The two columns that the user named."""
    from tui_lm.sentence_pairs import Layout

    layout = Layout.of(columns) if columns else None
    return None if layout is None else (layout.source, layout.target)


def _lines(
    found: Sequence[Source], columns: str | None, warn: Callable[[str], object]
) -> tuple[dict[str, int], list[str]]:
    files = lines = characters = 0
    samples: list[str] = []
    for source in found:
        for document in source.documents:
            files += 1
            for line in document.lines():
                lines += 1
                characters += len(line) + 1
                if len(samples) < SAMPLES and line.strip():
                    samples.append(line)
    return {"files": files, "lines": lines, "characters": characters}, samples


def print_texts(summary: TextSummary, preview: Callable[[str], str]) -> None:
    from tui_lm.source_kind import TITLES

    typer.echo(f"{TITLES[summary.kind]}: {summary.reason}")
    for name, count in summary.counts.items():
        typer.echo(f"{name}: {count:,}")
    typer.echo("samples:")
    for sample in summary.samples:
        typer.echo(f"  {preview(sample)}")


def as_object(summary: TextSummary) -> dict[str, Any]:
    """The object of `read --json`, as for a chat without messages, with the counts beside."""
    counts = {"records": 0, "messages": 0, "system": 0, "media": 0}
    rest = {"first": None, "last": None, "date_order": None, "warnings": summary.warnings}
    return {"format": summary.kind, **counts, "authors": {}, **rest, **summary.counts}
