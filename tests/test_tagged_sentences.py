"""Tagged sentences are read from CoNLL files and CoNLL-U."""

from __future__ import annotations

from pathlib import Path

import pytest

from trainers.order import Order
from trainers.plan import Wishes
from tui_lm.corpus import read_corpus
from tui_lm.errors import TuiLmError
from tui_lm.split import PARTS, Fractions
from tui_lm.tagged_sentences import TaggedSentence, as_bio

CONLL = "Ann\tB-person\nsings\tO\n.\tO\n\nBob\tB-person\nsleeps\tO\n\n"
CONLLU = (
    "# text = Ann's here\n"
    "1-2\tAnn's\t_\t_\t_\t_\t_\t_\t_\t_\n1\tAnn\tAnn\tPROPN\tNNP\t_\t3\tnsubj\t_\t_\n2\t's\tbe\tAUX\t_\t_\t3\tcop\t_\t_\n"
    "3\there\there\tADV\tRB\t_\t0\troot\t_\t_\n\n# text = go\n1\tgo\tgo\tVERB\tVB\t_\t0\troot\t_\t_\n"
    "2\tnow\tnow\tADV\tRB\t_\t1\tadvmod\t_\t_\n\n"
)


def read(path: Path) -> list[TaggedSentence]:
    corpus = read_corpus([path], Fractions(100, 0, 0))
    assert corpus.kind == "tagged"
    return [sentence for part in PARTS for sentence in corpus.tagged[part]]


@pytest.mark.parametrize("text", [CONLL, CONLL.replace("\t", " "), CONLL.replace("\n\n", "\n\t\n"), CONLL.rstrip()])
def test_a_token_and_a_tag_a_line(tmp_path: Path, text: str) -> None:
    path = tmp_path / "a.conll"
    path.write_text(text, "utf-8")
    assert read(path) == [
        TaggedSentence(("Ann", "sings", "."), ("B-person", "O", "O")),
        TaggedSentence(("Bob", "sleeps"), ("B-person", "O")),
    ]


def test_the_last_of_four_columns_is_the_tag_and_marks_of_documents_are_left_out(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_text("-DOCSTART- -X- -X- O\n\nAnn NNP B-NP I-PER\nsings VBZ B-VP O\n\nBob NNP B-NP I-PER\n. . O O\n\n")
    assert [sentence.tags for sentence in read(path)] == [("B-PER", "O"), ("B-PER", "O")]


def test_conllu_gives_words_and_their_parts_of_speech(tmp_path: Path) -> None:
    path = tmp_path / "a.conllu"
    path.write_text(CONLLU, "utf-8")
    assert read(path)[0] == TaggedSentence(("Ann", "'s", "here"), ("PROPN", "AUX", "ADV"))


def test_plain_tags_are_seen_without_an_o(tmp_path: Path) -> None:
    path = tmp_path / "a.tsv"
    path.write_text("the\tDET\ncat\tNOUN\nsat\tVERB\n\na\tDET\ndog\tNOUN\nran\tVERB\nof\tADP\n\n" * 3, "utf-8")
    assert read(path)[0].tags == ("DET", "NOUN", "VERB")


def test_a_tag_that_continues_nothing_begins_an_entity() -> None:
    assert list(as_bio(["I-x", "I-x", "I-y", "O", "I-x"])) == ["B-x", "I-x", "B-y", "O", "B-x"]


def test_a_line_without_a_tag_is_an_error_that_names_it(tmp_path: Path) -> None:
    path = tmp_path / "a.conll"
    path.write_text(CONLL + "alone\n\n", "utf-8")
    with pytest.raises(TuiLmError, match=r"line 8 of a\.conll has no tag"):
        Order((path,), Wishes(task="tag")).read()
