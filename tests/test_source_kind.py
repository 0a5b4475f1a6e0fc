"""The detector of the kind of a source: its order, and what it refuses."""

from __future__ import annotations

import gzip
import zipfile
from pathlib import Path

import pytest

from tui_lm.corpus import read_corpus
from tui_lm.errors import TuiLmError
from tui_lm.source_kind import kind_of, recognise
from tui_lm.source_options import SourceOptions

CHAT = "28/03/2024, 22:00 - Ann: hi\n28/03/2024, 22:01 - Bob: hello\n"
PROSE = "The river runs by the old mill.\nWe sat there, and it was late.\n" * 20
PAIRS = "one dog\tein Hund\ntwo dogs\tzwei Hunde\nno dog\tkein Hund\n" * 5
CONLL = "Ann\tB-PER\nlives\tO\nhere\tO\n\nshe\tO\nis\tO\nfine\tO\n\n" * 5


def write(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, "utf-8")
    return path


def zipped(path: Path, **members: str) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in members.items():
            archive.writestr(name.replace("__", "."), text)
    return path


@pytest.mark.parametrize(
    ("name", "text", "kind"),
    [
        ("a.txt", CHAT, "chat"),
        ("a.txt", PROSE, "prose"),
        ("a.txt", "one long line " * 500, "prose"),
        ("a.txt", "a heart <3 and a list: [1]\n" * 3, "prose"),
        ("a.tsv", PAIRS, "pairs"),
        ("a.csv", '"one, dog","ein Hund"\n"two","zwei"\n', "pairs"),
        ("a.jsonl", '{"en": "one", "de": "eins"}\n{"en": "two", "de": "zwei"}\n', "pairs"),
        ("a.tsv", "text\tlabel\ngood\tjoy\nbad\tanger\n", "labelled"),
        ("a.txt", "__label__joy good\n__label__anger bad\n", "labelled"),
        ("a.conll", CONLL, "tagged"),
        ("a.conll", CONLL.replace("\n\n", "\n\t\n"), "tagged"),
        ("a.txt", "def f():\n\treturn 1\n\ndef g():\n\treturn 2\n", "prose"),
    ],
)
def test_the_kind_of_a_file(name: str, text: str, kind: str, tmp_path: Path) -> None:
    assert kind_of(write(tmp_path / name, text)) == kind


@pytest.mark.parametrize(
    ("text", "remedy"),
    [
        ("<!DOCTYPE html><html><body>hello</body></html>", "export as JSON or text"),
        ('<?xml version="1.0"?><notes><note>x</note></notes>', "export as JSON or text"),
        ("<html><title>instagram</title><div>x</div></html>", "choose JSON"),
        ("<html><title>Exported Data</title><div>x</div></html>", "machine-readable JSON"),
        ('{"one": "line", "of": "JSON"}', "name the format of the chat"),
        ('[{"a": 1}]', "name the format of the chat"),
        ("window.YTD.tweets.part0 = [ ]", "name the format of the chat"),
        ("[3/1 10:00 AM] Rosa Lee\nnumber 0 at the river\n", "name the format of the chat"),
    ],
)
def test_markup_and_unknown_exports_are_refused_with_a_remedy(text: str, remedy: str, tmp_path: Path) -> None:
    path = write(tmp_path / "a.txt", text)
    with pytest.raises(TuiLmError) as raised:
        kind_of(path)
    assert remedy in raised.value.hint
    assert recognise(path, forced="prose").kind == "prose", "unless it is forced"


def test_the_texts_of_a_folder_and_a_zip_are_read(tmp_path: Path) -> None:
    folder = tmp_path / "stories"
    files = [write(folder / f"{number}.txt", f"{number} {PROSE}") for number in range(3)]
    packed = zipped(tmp_path / "stories.zip", **{f"s/{number}__txt": f"{number} {PROSE}" for number in range(3)})
    texts = [[u.text for u in read_corpus(sources).utterances["train"]] for sources in ([folder], [packed], files)]
    assert texts[0] == texts[1] == texts[2]
    assert texts[0][0].startswith("0 The river")


def test_pairs_in_a_zip_with_notes_beside_them(tmp_path: Path) -> None:
    path = zipped(tmp_path / "deu-eng.zip", deu__txt=PAIRS, _about__txt=PROSE * 10)
    found = recognise(path)
    assert (found.kind, [document.name for document in found.documents]) == ("pairs", ["deu.txt"])
    assert "_about.txt" in found.warnings[0]
    assert sum(map(len, read_corpus([path]).pairs.values())) == 15


def test_skipped_files_of_a_folder_are_named(tmp_path: Path) -> None:
    write(tmp_path / "a.txt", PROSE)
    write(tmp_path / "meta.json", '{"a": 1}')
    found = recognise(tmp_path)
    assert found.kind == "prose"
    assert found.warnings == ("left out, since they are not prose: meta.json",)
    write(tmp_path / "page.html", "<html><body>" + PROSE * 9 + "</body></html>")
    with pytest.raises(TuiLmError, match="is HTML or XML"):
        recognise(tmp_path)


def test_a_compressed_text_is_recognised_by_its_content(tmp_path: Path) -> None:
    path = tmp_path / "a.txt.gz"
    path.write_bytes(gzip.compress(PROSE.encode()))
    assert recognise(path).documents[0].head().text == PROSE


def test_a_text_in_which_most_lines_begin_with_a_time_is_suspicious(tmp_path: Path) -> None:
    path = write(tmp_path / "a.txt", "Mar 01 10:00:00 rosa says hello\n" * 6)
    assert "begin with a time" in recognise(path).warnings[0]


@pytest.mark.parametrize(
    ("encoding", "text", "told"),
    [
        ("windows-1251", "река течёт мимо старой мельницы\n", "Windows-1251"),
        ("gbk", "今天晚上我们去河边吃饭。\n", "GB18030"),
        ("shift_jis", "今日は川のそばで食べます。\n", "CP932"),
        ("windows-1252", "It’s a café by the river.\n", "Windows-1252"),
    ],
)
def test_other_encodings_are_detected_and_can_be_named(encoding: str, text: str, told: str, tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes(text.encode(encoding) * 100)
    found = recognise(path)
    assert told in found.warnings[0]
    assert found.documents[0].head().text == text * 100
    named = recognise(path, encoding=encoding)
    assert named.warnings == ()
    corpus = read_corpus([path], options=SourceOptions(encoding=encoding))
    assert corpus.utterances["train"][0].text.startswith(text)


def test_a_few_broken_bytes_do_not_cost_a_file_its_encoding(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes("река течёт ".encode() * 200 + b"\xff\n")
    assert recognise(path).documents[0].head().text.startswith("река течёт река")


@pytest.mark.parametrize("encoding", ["utf-32", "utf-16", "utf-8-sig", "utf-16-le"])
def test_unicodes_own_encodings_need_no_name(encoding: str, tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes(CHAT.encode(encoding))
    assert kind_of(path) == "chat"
    assert recognise(path).warnings == ()


def test_lone_returns_are_line_ends(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes(CHAT.replace("\n", "\r").encode())
    assert len(read_corpus([path]).utterances["train"]) + len(read_corpus([path]).utterances["test"]) == 2


def test_labelled_texts_are_read_as_prose_where_the_user_says_so(tmp_path: Path) -> None:
    path = write(tmp_path / "a.tsv", "text\tlabel\ngood\tjoy\nbad\tanger\n")
    assert read_corpus([path]).kind == "labelled"
    assert read_corpus([path], options=SourceOptions("prose")).kind == "prose"
