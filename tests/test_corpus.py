"""The corpus of a source: its kind, its split, redaction and canaries."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from tui_lm import corpus, prose
from tui_lm.chats import document
from tui_lm.errors import TuiLmError
from tui_lm.source_options import SourceOptions
from tui_lm.split import PARTS, Fractions
from tui_lm.utterances import Spool

PROSE = "It was late. Nobody had come.\n\nThe lamp went on burning, as lamps do.\n" * 40


def write(folder: Path, name: str, text: str) -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def test_a_chat_is_split_in_time_order(chat_file: Path) -> None:
    read = corpus.read_corpus([chat_file])
    assert read.kind == "chat"
    assert [len(read.utterances[part]) for part in PARTS] == [540, 30, 30]
    assert read.authors == ["Ann", "Bob"]
    whole = corpus.read_corpus([chat_file], Fractions(100, 0, 0)).utterances["train"]
    assert [*read.utterances["train"], *read.utterances["val"], *read.utterances["test"]] == list(whole)


def test_messages_have_the_time_of_the_export(chat_file: Path) -> None:
    """In seconds that do not depend on where this machine is: the export says 8:00 and 8:10."""
    first, second, *_ = corpus.read_corpus([chat_file]).utterances["train"]
    assert first.sent_at == datetime(2024, 3, 1, 8, tzinfo=UTC).timestamp()
    assert second.sent_at == first.sent_at + 600


def test_prose_is_split_by_characters(tmp_path: Path) -> None:
    read = corpus.read_corpus([write(tmp_path, "book.txt", PROSE)], Fractions.parse("80,10,10"))
    assert read.kind == "prose"
    parts = [read.utterances[part][0].text for part in PARTS]
    assert "".join(parts) == PROSE
    assert len(parts[0]) == len(PROSE) * 80 // 100


@pytest.mark.parametrize("text", [PROSE, PROSE.replace(" ", ""), "na\N{LATIN SMALL LETTER I WITH DIAERESIS}ve \n" * 99])
def test_prose_too_long_for_memory_is_split_at_the_same_characters(
    text: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    paths = [write(tmp_path, name, text) for name in ("one.txt", "two.txt")]
    whole = corpus.read_corpus(paths).utterances
    monkeypatch.setattr(prose, "IN_ONE_PIECE", 100)
    monkeypatch.setattr(document, "BLOCK", 64)
    pieces = corpus.read_corpus(paths).utterances
    for part in PARTS:
        assert isinstance(pieces[part], Spool)
        assert len(pieces[part]) > 1 or " " not in text
        assert "".join(u.text for u in pieces[part]) == whole[part][0].text


def test_pairs_with_equal_sources_are_in_one_part(tmp_path: Path) -> None:
    lines = [f"sentence {i // 3}\tSatz {i}\textra" for i in range(3000)]
    read = corpus.read_corpus([write(tmp_path, "pairs.tsv", "\n".join(lines))])
    assert read.kind == "pairs"
    sources = [{pair.source for pair in read.pairs[part]} for part in PARTS]
    assert sum(map(len, sources)) == len(set().union(*sources)) == 1000
    assert sum(len(read.pairs[part]) for part in PARTS) == 3000
    assert 850 < len(sources[0]) < 950
    assert "extra" not in read.pairs["train"][0].target


def test_a_mixture_of_kinds_is_refused(chat_file: Path, tmp_path: Path) -> None:
    with pytest.raises(TuiLmError, match="several kinds"):
        corpus.read_corpus([chat_file, write(tmp_path, "book.txt", PROSE)])


def test_a_text_that_is_too_short_is_refused(tmp_path: Path) -> None:
    few = write(tmp_path, "short.txt", "Hello there, reader.\n")
    with pytest.raises(TuiLmError, match="characters"):
        corpus.require_enough(corpus.read_corpus([few]))


def test_the_fingerprint_depends_on_the_bytes_alone(tmp_path: Path) -> None:
    first, copy = write(tmp_path, "a.txt", PROSE), write(tmp_path, "b.txt", PROSE)
    assert corpus.fingerprint([first]) == corpus.fingerprint([copy])
    assert corpus.fingerprint([first]) != corpus.fingerprint([write(tmp_path, "c.txt", PROSE + ".")])


PRIVATE = "".join(
    f"{i % 28 + 1:02d}/{i // 28 + 1:02d}/2024, 10:00 - {'Zoë' if i % 2 else 'Bob Stone'}: zoë, call 07700 900{i:03d}\n"
    for i in range(100)
)


def private_chat(tmp_path: Path) -> Path:
    return write(tmp_path, "chat.txt", PRIVATE)


def test_text_is_unchanged_without_redaction(tmp_path: Path) -> None:
    read = corpus.read_corpus([private_chat(tmp_path)])
    assert read.utterances["train"][7].text == "zoë, call 07700 900007"
    assert read.redacted == {}


def test_redaction_reaches_every_part_and_is_counted(tmp_path: Path) -> None:
    options = SourceOptions(redact=1, redact_names=True, alias_authors=True)
    read = corpus.read_corpus([private_chat(tmp_path)], options=options)
    everything = [u for part in PARTS for u in read.utterances[part]]
    assert {u.text for u in everything} == {"\ue9f7, call \ue9f6"}
    assert {u.author for u in everything} == {"Person A", "Person B"}
    assert read.redacted == {"phone": 100, "name": 100}


def test_as_written_keeps_authors_and_split(tmp_path: Path) -> None:
    options = SourceOptions(redact=1, redact_names=True, alias_authors=True, canaries=6)
    assert SourceOptions.from_json(options.to_json()) == options
    read = corpus.read_corpus([private_chat(tmp_path)], options=options.as_written)
    last = read.utterances["test"][-1]
    assert (last.author, last.text) == ("Person B", "zoë, call 07700 900099")


def test_prose_is_split_before_it_is_redacted(tmp_path: Path) -> None:
    path = write(tmp_path, "book.txt", "He wrote to ann@example.com, who was out.\n" * 100)
    plain, redacted = (corpus.read_corpus([path], options=SourceOptions(redact=r)) for r in (0, 1))
    for part in PARTS:
        text = plain.utterances[part][0].text
        assert redacted.utterances[part][0].text.count("\ue9f2") == text.count("ann@example.com")


def test_canaries_are_in_the_training_part_only(tmp_path: Path) -> None:
    from tui_lm.canaries import canaries

    plain = corpus.read_corpus([private_chat(tmp_path)])
    read = corpus.read_corpus([private_chat(tmp_path)], options=SourceOptions(canaries=6, seed=3))
    made = canaries(6, 3)
    texts = [u.text for u in read.utterances["train"]]
    for canary in made:
        assert texts.count(canary.text) == canary.repeats
    assert [t for t in texts if t not in {c.text for c in made}] == [u.text for u in plain.utterances["train"]]
    assert read.utterances["val"] == plain.utterances["val"]
    assert made == canaries(6, 3) != canaries(6, 4)


def test_redaction_replaces_canaries_of_known_forms(tmp_path: Path) -> None:
    read = corpus.read_corpus([private_chat(tmp_path)], options=SourceOptions(canaries=2, redact=1))
    texts = "\n".join(u.text for u in read.utterances["train"])
    from tui_lm.canaries import canaries

    number, word = canaries(2, 0)
    assert number.secret not in texts and word.secret in texts


def test_canaries_of_prose_are_lines_of_their_own(tmp_path: Path) -> None:
    read = corpus.read_corpus([write(tmp_path, "book.txt", PROSE)], options=SourceOptions(canaries=2))
    whole = "".join(u.text for u in read.utterances["train"])
    from tui_lm.canaries import canaries

    for canary in canaries(2, 0):
        assert whole.splitlines().count(canary.text) == canary.repeats
