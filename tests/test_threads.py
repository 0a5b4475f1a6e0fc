"""Threads: in a chat of two, in a busy channel, across pauses, and without times."""

from __future__ import annotations

from itertools import groupby

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui_lm.threads import GAP, NOTHING, TURNS, Utterance, context_of, links, replies, thread


def said(*lines: str, pause: float | None = 60.0) -> list[Utterance]:
    """Messages from lines such as "Ann| hello", `pause` seconds apart."""
    parts = [line.partition("| ") for line in lines]
    times = [None if pause is None else pause * i for i in range(len(lines))]
    return [Utterance(author, text, at) for (author, _, text), at in zip(parts, times, strict=True)]


def answered(*lines: str) -> dict[str, list[str]]:
    """The text of each answer, and the texts of its context."""
    return {reply.answer.text: [message.text for message in reply.context] for reply in replies(said(*lines))}


def test_in_a_chat_of_two_each_answers_the_other() -> None:
    assert answered("Ann| hi", "Bob| hello", "Bob| how are you?", "Ann| fine") == {
        "hello": ["hi"],
        "fine": ["hi", "hello", "how are you?"],
    }


def test_a_context_is_limited_in_turns_of_one_or_more_messages() -> None:
    lines = [f"{'Ann' if i // 3 % 2 else 'Bob'}| {i}" for i in range(30)]
    *_, last = replies(said(*lines))
    assert [message.text for message in last.context] == [str(i) for i in range(27 - 3 * TURNS, 27)]


def test_a_message_after_a_long_pause_answers_nothing() -> None:
    assert list(replies(said("Ann| hi", "Bob| hello", pause=GAP + 1))) == []
    assert len(list(replies(said("Ann| hi", "Bob| hello", pause=GAP)))) == 1


@pytest.mark.parametrize("pause", [None, 0.0])
def test_messages_without_times_are_linked_by_order(pause: float | None) -> None:
    assert len(list(replies(said("Ann| hi", "Bob| hello", "Ann| so?", pause=pause)))) == 2


@pytest.mark.parametrize("call", ["Ann: six", "Ann, six", "ann: six", "@Ann six", "@ann, six"])
def test_a_message_that_names_someone_answers_them(call: str) -> None:
    assert answered("Ann Lee| when?", "Cid| I am off", f"Bob| {call}")[call] == ["when?"]


@pytest.mark.parametrize("text", ["Dora: six", "well, six", "Bob: six", "six Ann: "])
def test_a_word_before_a_colon_is_a_name_only_if_it_is_another_authors(text: str) -> None:
    assert answered("Ann| when?", "Cid| I am off", f"Bob| {text}")[text] == ["when?", "I am off"]


def test_someone_who_was_named_answers_the_message_that_named_them() -> None:
    lines = ["Ann| who has the key?", "Bob| Ann: which one?", "Cid| I am off", "Ann| the small one"]
    assert answered(*lines)["the small one"] == ["who has the key?", "Ann: which one?"]


def test_an_addition_to_a_question_is_part_of_the_context() -> None:
    lines = ["Ann| hi", "Bob| Ann: which one?", "Bob| the small one?", "Cid| I am off", "Ann| yes"]
    assert answered(*lines)["yes"] == ["hi", "Ann: which one?", "the small one?"]


def busy(*lines: str) -> list[str]:
    """A channel where people name each other, followed by `lines`."""
    talk = [f"{one}| {other}: message {i}" for i in range(10) for one, other in (("X", "Y"), ("Y", "X"))]
    return [*talk, *lines]


def test_one_of_several_threads_is_followed() -> None:
    lines = busy(
        "Ann| how do I mount a disk?", "X| Y: so", "Bob| Ann: which disk?", "Y| X: no", "Ann| Bob: the new one"
    )
    assert answered(*lines)["Bob: the new one"] == ["how do I mount a disk?", "Ann: which disk?"]


def test_in_a_busy_channel_a_message_without_a_name_continues_its_author_or_starts_a_thread() -> None:
    lines = said(*busy("Ann| how do I mount a disk?", "X| Y: so", "Ann| it is a new one"))
    first, _, second = list(links(lines))[-3:]
    assert first.meant == NOTHING
    assert second.meant == len(lines) - 3, "her own message"
    assert second.open == len(lines) - 2, "before its text is known, it answers the previous message"


def test_training_and_serving_use_the_same_context() -> None:
    """The context for a history is the one that training gives to the message after it."""
    lines = said("Ann| hi", "Bob| Ann: which one?", "Cid| I am off", "Ann| the small one")
    found = list(links(lines))
    context = thread([link.meant for link in found], [u.author for u in lines], found[-1].open)
    history = [(message.author, message.text) for message in lines[:-1]]
    assert context_of(history, "Ann") == [history[i] for i in context]
    assert [text for _, text in context_of(history, "Dora")] == ["hi", "Ann: which one?", "I am off"]
    assert context_of([], "Ann") == []


messages = st.builds(
    Utterance,
    st.sampled_from([None, "Ann", "Bob Lee", "Cid"]),
    st.sampled_from(["hi", "Ann: yes", "bob, no", "@cid so", ": ", "Ann: "]),
    st.none() | st.floats(0, 1e6),
)


@given(st.lists(messages, max_size=40))
def test_links_go_back_in_time_and_answers_go_to_another_author(lines: list[Utterance]) -> None:
    found = list(links(lines))
    assert len(found) == len(lines)
    authors = [message.author for message in lines]
    for index, link in enumerate(found):
        assert NOTHING <= link.meant < index or link.meant == NOTHING
        assert NOTHING <= link.open < index or link.open == NOTHING
        led = thread([one.meant for one in found], authors, link.meant)
        assert led == sorted(set(led))
        assert len(list(groupby(authors[i] for i in led))) <= TURNS
    for reply in replies(lines):
        assert reply.context[-1].author != reply.answer.author
