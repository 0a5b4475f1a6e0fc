"""Labelled texts are read from tables, fastText's lines and JSON lines, and what is wrong is said with its row."""

from __future__ import annotations

from pathlib import Path

import pytest

from trainers.order import Order
from trainers.plan import Wishes
from tui_lm.corpus import read_corpus
from tui_lm.errors import TuiLmError
from tui_lm.labelled_texts import LabelledText
from tui_lm.sentence_pairs import Layout
from tui_lm.source_options import SourceOptions
from tui_lm.split import PARTS, Fractions

WANTED = [LabelledText("what a day", "joy"), LabelledText("go away", "anger")]


def read(path: Path, options: SourceOptions | None = None) -> list[LabelledText]:
    corpus = read_corpus([path], Fractions(100, 0, 0), options or SourceOptions())
    assert corpus.kind == "labelled"
    return [text for part in PARTS for text in corpus.labelled[part]]


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.tsv", "text\tlabel\nwhat a day\tjoy\ngo away\tanger\n"),
        ("a.tsv", "id\tLabel\tSentence\n1\tjoy\twhat a day\n\n2\tanger\tgo away\n"),
        ("a.csv", 'text,label\n"what a day",joy\ngo away,anger\n'),
        ("a.txt", "__label__joy what a day\n__label__anger __label__sad go away\n"),
        ("a.jsonl", '{"text": "what a day", "label": "joy"}\n{"label": "anger", "text": "go away"}\n'),
    ],
)
def test_every_form_gives_texts_and_labels(tmp_path: Path, name: str, content: str) -> None:
    path = tmp_path / name
    path.write_text(content, "utf-8")
    assert read(path) == WANTED


def test_columns_are_named_by_number_or_by_name(tmp_path: Path) -> None:
    path = tmp_path / "a.tsv"
    path.write_text("joy\twhat a day\nanger\tgo away\n", "utf-8")
    assert read(path, SourceOptions("labelled", layout=Layout("2", "1"))) == WANTED
    path.write_text("mood\tsaid\njoy\twhat a day\nanger\tgo away\n", "utf-8")
    assert read(path, SourceOptions("labelled", layout=Layout("said", "mood"))) == WANTED


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("text\tlabel\nwhat a day\tjoy\ngo away\t\n", "row 2 of a.tsv has no label"),
        ("text\tlabel\nwhat a day\tjoy\n \tanger\n", "row 2 of a.tsv has no text"),
        ("what a day\tjoy\ngo away\tanger\n", "no header with a column called text and one called label"),
        ("text\tlabel\n", "no labelled texts"),
    ],
)
def test_what_is_wrong_is_said(tmp_path: Path, content: str, message: str) -> None:
    path = tmp_path / "a.tsv"
    path.write_text(content, "utf-8")
    with pytest.raises(TuiLmError, match=message):
        Order((path,), Wishes(task="classify")).read()


def test_equal_texts_are_in_one_part(tmp_path: Path) -> None:
    path = tmp_path / "a.tsv"
    path.write_text("text\tlabel\n" + "".join(f"text {i % 50}\tjoy\n" for i in range(500)), "utf-8")
    corpus = read_corpus([path], Fractions(60, 20, 20))
    parts = [{text.text for text in corpus.labelled[part]} for part in PARTS]
    assert all(parts) and sum(map(len, parts)) == 50
