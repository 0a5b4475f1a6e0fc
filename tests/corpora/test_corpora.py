"""The bundled corpora match their generators and suit a training run."""

from __future__ import annotations

import re
import sys
from collections import Counter
from datetime import datetime
from functools import cache
from pathlib import Path

CORPORA = Path(__file__).parents[2] / "corpora"
sys.path.insert(0, str(CORPORA))

import write_chat  # noqa: E402
import write_pairs  # noqa: E402

HEAD = re.compile(r"^(\d\d/\d\d/\d{4}, \d\d:\d\d) - (?:(Priya|Callum|Marta|Joel|Bea): )?(.*)$")
PLACEHOLDERS = {"<Media omitted>", "This message was deleted", "You deleted this message"}


@cache
def chat() -> str:
    return (CORPORA / "chat.txt").read_text(encoding="utf-8")


@cache
def messages() -> list[tuple[datetime, str | None, str]]:
    """(time, author, text) of each message in the file, with continuation lines joined."""
    found: list[tuple[datetime, str | None, str]] = []
    for line in chat().splitlines():
        if match := HEAD.match(line):
            found.append((datetime.strptime(match[1], "%d/%m/%Y, %H:%M"), match[2], match[3]))
        else:
            when, author, text = found[-1]
            found[-1] = (when, author, f"{text}\n{line}")
    return found


@cache
def written() -> list[write_chat.Row]:
    return write_chat.chat_rows()


@cache
def patterns() -> dict[str, list[tuple[str, str]]]:
    return write_pairs.pairs_by_pattern()


@cache
def texts() -> list[str]:
    return [text for _, author, text in messages() if author and text not in PLACEHOLDERS]


@cache
def pairs() -> list[tuple[str, str]]:
    lines = (CORPORA / "english-hindi.tsv").read_text(encoding="utf-8").splitlines()
    return [(en, hi) for en, hi in (line.split("\t") for line in lines)]


def test_the_chat_matches_its_generator() -> None:
    assert write_chat.exported(written()) == chat()


def test_the_pairs_match_their_generator() -> None:
    assert write_pairs.table(patterns()) == (CORPORA / "english-hindi.tsv").read_text(encoding="utf-8")


def test_the_chat_is_large_enough() -> None:
    assert len(messages()) >= 9000
    assert len(texts()) >= 8000
    assert 420_000 <= len(chat().encode()) <= 900_000


def test_five_people_write_regularly() -> None:
    authors = Counter(author for _, author, _ in messages() if author)
    assert len(authors) == 5
    assert min(authors.values()) > len(messages()) / 10


def test_messages_are_in_chronological_order() -> None:
    times = [when for when, _, _ in messages()]
    assert times == sorted(times)
    assert (times[-1] - times[0]).days > 350


def test_nights_are_quiet() -> None:
    assert not [when for when, _, _ in messages() if 1 <= when.hour < 6]


def test_the_chat_has_every_kind_of_row() -> None:
    rows = Counter(text for _, author, text in messages() if author)
    system = [text for _, author, text in messages() if author is None]
    assert system[0].startswith("Messages and calls are end-to-end encrypted")
    assert any(text.startswith("Missed group voice call") for text in system)
    assert any("changed the group name" in text for text in system)
    assert all(rows[text] for text in PLACEHOLDERS)
    assert any(text.endswith("<This message was edited>") for text in texts())
    assert sum("\n" in text for text in texts()) > 100
    assert sum(bool(re.search("[\U0001f300-\U0001faff]", text)) for text in texts()) > 500
    assert sum(text.startswith("*") for text in texts()) > 20


def test_few_rows_have_no_text() -> None:
    assert 0.005 < 1 - len(texts()) / len(messages()) < 0.03


def test_long_messages_are_mostly_unique() -> None:
    long = [text for text in texts() if len(text.split()) > 4]
    assert len(set(long)) / len(long) > 0.75


def test_every_slot_and_choice_is_resolved() -> None:
    assert not [text for text in texts() if re.search(r"[{}\[\]|]|<(?!This message was edited>)[a-z]+>", text)]


def test_no_dialogue_dominates() -> None:
    most = Counter(row.source for row in written() if row.source).most_common(1)[0][1]
    assert most / len(written()) < 0.06


def test_contact_details_are_fictional() -> None:
    assert all(number.startswith("01632 960") for number in re.findall(r"\b0\d{4} ?\d{6}\b", chat()))
    assert all(host.endswith("example.com") for host in re.findall(r"@([\w.-]+\w)", chat()))


def test_there_are_enough_pairs_and_no_source_is_repeated() -> None:
    assert len(pairs()) >= 4500
    assert len({en for en, _ in pairs()}) == len(pairs())


def test_sources_are_english_and_targets_are_devanagari() -> None:
    for en, hi in pairs():
        assert re.fullmatch(r"[A-Za-z ,.?!']+", en), en
        assert re.fullmatch(r"[\u0900-\u097f ,?!-]+", hi), hi
        assert hi.endswith(("।", "?")), hi


def test_no_pattern_dominates() -> None:
    total = sum(len(found) for found in patterns().values())
    assert max(len(found) for found in patterns().values()) / total < 0.06
    assert len(patterns()["phrases"]) >= 300


def test_known_sentences_have_the_right_agreement() -> None:
    known = {en: hi for found in patterns().values() for en, hi in found}
    assert known["Think about it."] == "इसके बारे में सोचिए।"
    assert known["Think about your future."] == "अपने भविष्य के बारे में सोचिए।"
    assert known["Don't worry."] == "चिंता मत कीजिए।"
