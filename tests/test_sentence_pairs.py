"""Sentence pairs are read from TSV columns, aligned files and JSON lines, compressed or not."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest

from tui_lm.chats.document import Document, Meter, file_document
from tui_lm.corpus import read_corpus, with_parts
from tui_lm.errors import TuiLmError
from tui_lm.sentence_pairs import Layout, Pair, looks_parallel, read_pairs
from tui_lm.split import Fractions

PAIRS = [Pair("one dog", "ein Hund"), Pair("two dogs", "zwei Hunde"), Pair("no dog", "kein Hund")]


def write(folder: Path, name: str, lines: list[str]) -> Path:
    path = folder / name
    path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    return path


def document(path: Path) -> Document:
    return file_document(path, path.name, {}, Meter())


def read(path: Path, layout: Layout | None = None) -> tuple[list[Pair], list[str]]:
    """The pairs of a file, and the warnings."""
    warnings: list[str] = []
    return list(read_pairs([document(path)], layout or Layout(), warnings.append)), warnings


def test_the_first_two_columns_are_the_pair_by_default(tmp_path: Path) -> None:
    path = write(tmp_path, "a.tsv", [f"{p.source}\t{p.target}\tlicence" for p in PAIRS])
    assert looks_parallel(document(path))
    assert list(read_pairs([document(path)], Layout())) == PAIRS


def test_columns_can_be_chosen_and_exchanged(tmp_path: Path) -> None:
    path = write(tmp_path, "a.tsv", [f"{i}\t{p.target}\t{p.source}" for i, p in enumerate(PAIRS)])
    assert list(read_pairs([document(path)], Layout.of("3,2"))) == PAIRS
    assert list(read_pairs([document(path)], Layout.of("2,3", reverse=True))) == PAIRS


def test_a_line_with_one_sentence_is_skipped(tmp_path: Path) -> None:
    path = write(
        tmp_path, "a.tsv", ["alone", "one dog\tein Hund", "\tnur rechts", "left\t ", "", "two dogs\tzwei Hunde"]
    )
    assert list(read_pairs([document(path)], Layout())) == PAIRS[:2]


def test_fields_of_json_lines_are_chosen_by_number_or_name(tmp_path: Path) -> None:
    rows = [{"id": i, "en": p.source, "de": p.target} for i, p in enumerate(PAIRS)]
    path = write(tmp_path, "a.jsonl", [json.dumps(row) for row in rows])
    assert looks_parallel(document(path))
    assert list(read_pairs([document(path)], Layout())) == PAIRS
    assert list(read_pairs([document(path)], Layout.of("de,en", reverse=True))) == PAIRS
    nested = write(tmp_path, "b.jsonl", [json.dumps({"translation": row}) for row in rows])
    assert list(read_pairs([document(nested)], Layout.of("en,de"))) == PAIRS


def test_aligned_files_may_be_compressed(tmp_path: Path) -> None:
    source = write(tmp_path, "train.en", [p.source for p in PAIRS])
    target = tmp_path / "train.de.gz"
    target.write_bytes(gzip.compress("\n".join(p.target for p in PAIRS).encode()))
    assert list(read_pairs([document(source), document(target)], Layout(aligned=True))) == PAIRS
    assert list(read_pairs([document(target), document(source)], Layout(aligned=True, reverse=True))) == PAIRS


def test_an_empty_line_in_one_aligned_file_skips_the_line_in_the_other(tmp_path: Path) -> None:
    source = write(tmp_path, "a", ["one dog", "", "no dog"])
    target = write(tmp_path, "b", ["ein Hund", "zwei Hunde", "kein Hund"])
    assert list(read_pairs([document(source), document(target)], Layout(aligned=True))) == [PAIRS[0], PAIRS[2]]


def test_aligned_files_of_different_lengths_are_refused(tmp_path: Path) -> None:
    source, target = write(tmp_path, "a", ["x", "y"]), write(tmp_path, "b", ["z"])
    with pytest.raises(TuiLmError, match="different numbers of lines"):
        list(read_pairs([document(source), document(target)], Layout(aligned=True)))


def test_a_file_without_pairs_in_the_chosen_columns_is_refused(tmp_path: Path) -> None:
    path = write(tmp_path, "a.tsv", ["one\ttwo"])
    with pytest.raises(TuiLmError, match="no sentence pairs in columns 4 and 5"):
        list(read_pairs([document(path)], Layout.of("4,5")))


def test_a_truncated_gzip_file_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.tsv.gz"
    path.write_bytes(gzip.compress(b"one\ttwo\n" * 5000)[:-40])
    with pytest.raises(TuiLmError, match="cut short"):
        list(read_pairs([document(path)], Layout()))


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_csv_with_quotes_is_pairs(delimiter: str, tmp_path: Path) -> None:
    rows = [f'"{p.source}, he said ""now"""{delimiter}"{p.target}"' for p in PAIRS]
    path = write(tmp_path, "a.tsv" if delimiter == "\t" else "a.csv", [f"en{delimiter}de", *rows])
    assert looks_parallel(document(path))
    pairs, warnings = read(path)
    assert pairs == [Pair(f'{p.source}, he said "now"', p.target) for p in PAIRS]
    assert warnings == []
    assert read(path, Layout.of("de,en"))[0][0].source == PAIRS[0].target, "columns have the names of the header"


def test_csv_without_quotes_is_pairs_only_by_its_name(tmp_path: Path) -> None:
    lines = [f"{p.source};{p.target}" for p in PAIRS]
    assert looks_parallel(document(write(tmp_path, "a.csv", lines)))
    assert not looks_parallel(document(write(tmp_path, "a.txt", lines)))


@pytest.mark.parametrize("header", ["English\tGerman", "source\ttarget", "eng_Latn\tdeu_Latn", "pt-BR\tes"])
def test_a_header_row_is_no_pair(header: str, tmp_path: Path) -> None:
    path = write(tmp_path, "a.tsv", [header, *(f"{p.source}\t{p.target}" for p in PAIRS)])
    assert read(path)[0] == PAIRS


def test_the_first_pair_is_no_header(tmp_path: Path) -> None:
    path = write(tmp_path, "a.tsv", ["Go\tGeh", "Run\tLauf"])
    assert len(read(path)[0]) == 2


def test_columns_of_numbers_are_passed_over_with_a_warning(tmp_path: Path) -> None:
    path = write(tmp_path, "a.tsv", [f"{1000 + i}\t{p.source}\t{i}\t{p.target}" for i, p in enumerate(PAIRS)])
    assert looks_parallel(document(path))
    pairs, warnings = read(path)
    assert pairs == PAIRS
    assert "--columns" in warnings[0]
    assert read(path, Layout.of("2,4")) == (PAIRS, [])


@pytest.mark.parametrize(
    "lines",
    [
        ["one line\twith a tab"],
        ['{"a": "one line", "b": "of JSON"}'],
        ["1\t2", "3\t4"],
        ["He came, saw, and went.", "She stayed, and read."],
        ["\tindented", "\tcode"],
    ],
)
def test_a_file_without_two_columns_of_text_has_no_pairs(lines: list[str], tmp_path: Path) -> None:
    assert not looks_parallel(document(write(tmp_path, "a.txt", lines)))


@pytest.mark.parametrize("columns", ["1", "1,1", "0,1", "a,", "1,2,3", ""])
def test_anything_but_two_columns_is_a_usage_error(columns: str) -> None:
    with pytest.raises(TuiLmError) as error:
        Layout.of(columns)
    assert error.value.exit_code == 2


def test_validation_and_test_pairs_can_come_from_separate_files(tmp_path: Path, chat_file: Path) -> None:
    own = read_corpus(
        [write(tmp_path, "a.tsv", [f"s{i}\tt{i}" for i in range(50)])], Fractions().without("val", "test")
    )
    valid = read_corpus([write(tmp_path, "v.tsv", [f"v{i}\tt{i}" for i in range(30)])])
    whole = with_parts(own, valid, None)
    assert [len(whole.pairs[part]) for part in ("train", "val", "test")] == [50, 30, 0]
    chat = read_corpus([chat_file])
    with pytest.raises(TuiLmError, match="cannot be evaluated on chat"):
        with_parts(own, chat, None)
