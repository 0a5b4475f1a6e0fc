"""Who answers whom: in a chat of two, among many who talk at once, across pauses, and without times."""

from __future__ import annotations

from itertools import groupby

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui_lm.threads import GAP, NOTHING, TURNS, Utterance, context_of, links, replies, thread


def said(*lines: str, pause: float | None = 60.0) -> list[Utterance]:
    """Messages from "Ann| hello", as long after one another as `pause` says."""
    parts = [line.partition("| ") for line in lines]
    times = [None if pause is None else pause * place for place in range(len(lines))]
    return [Utterance(author, text, at) for (author, _, text), at in zip(parts, times, strict=True)]


def answered(*lines: str) -> dict[str, list[str]]:
    """The texts of all answers, with those of their contexts."""
    return {reply.answer.text: [message.text for message in reply.context] for reply in replies(said(*lines))}


def test_in_a_chat_of_two_the_other_one_is_answered() -> None:
    assert answered("Ann| hi", "Bob| hello", "Bob| how are you?", "Ann| fine") == {
        "hello": ["hi"],
        "fine": ["hi", "hello", "how are you?"],
    }


def test_a_context_has_a_few_turns_and_several_messages_of_one_author_are_one() -> None:
    lines = [f"{'Ann' if place // 3 % 2 else 'Bob'}| {place}" for place in range(30)]
    *_, last = replies(said(*lines))
    assert [message.text for message in last.context] == [str(place) for place in range(27 - 3 * TURNS, 27)]


def test_nobody_is_answered_after_a_long_pause() -> None:
    assert list(replies(said("Ann| hi", "Bob| hello", pause=GAP + 1))) == []
    assert len(list(replies(said("Ann| hi", "Bob| hello", pause=GAP)))) == 1


@pytest.mark.parametrize("pause", [None, 0.0])
def test_without_times_the_order_counts(pause: float | None) -> None:
    assert len(list(replies(said("Ann| hi", "Bob| hello", "Ann| so?", pause=pause)))) == 2


@pytest.mark.parametrize("call", ["Ann: six", "Ann, six", "ann: six", "@Ann six", "@ann, six"])
def test_whoever_is_named_is_answered(call: str) -> None:
    assert answered("Ann Lee| when?", "Cid| I am off", f"Bob| {call}")[call] == ["when?"]


@pytest.mark.parametrize("text", ["Dora: six", "well, six", "Bob: six", "six Ann: "])
def test_a_word_before_a_mark_is_a_name_only_if_somebody_else_is_called_so(text: str) -> None:
    assert answered("Ann| when?", "Cid| I am off", f"Bob| {text}")[text] == ["when?", "I am off"]


def test_whoever_was_named_answers_that() -> None:
    lines = ["Ann| who has the key?", "Bob| Ann: which one?", "Cid| I am off", "Ann| the small one"]
    assert answered(*lines)["the small one"] == ["who has the key?", "Ann: which one?"]


def test_what_is_added_to_a_question_is_answered_too() -> None:
    lines = ["Ann| hi", "Bob| Ann: which one?", "Bob| the small one?", "Cid| I am off", "Ann| yes"]
    assert answered(*lines)["yes"] == ["hi", "Ann: which one?", "the small one?"]


def busy(*lines: str) -> list[str]:
    """A channel where people name each other, and then `lines`."""
    talk = [f"{one}| {other}: message {place}" for place in range(10) for one, other in (("X", "Y"), ("Y", "X"))]
    return [*talk, *lines]


def test_among_many_conversations_one_is_followed() -> None:
    lines = busy(
        "Ann| how do I mount a disk?", "X| Y: so", "Bob| Ann: which disk?", "Y| X: no", "Ann| Bob: the new one"
    )
    assert answered(*lines)["Bob: the new one"] == ["how do I mount a disk?", "Ann: which disk?"]


def test_where_names_are_the_custom_a_message_without_one_goes_on_or_begins_something() -> None:
    lines = said(*busy("Ann| how do I mount a disk?", "X| Y: so", "Ann| it is a new one"))
    first, _, second = list(links(lines))[-3:]
    assert first.meant == NOTHING
    assert second.meant == len(lines) - 3, "her own message"
    assert second.open == len(lines) - 2, "what one sees is the message before, until something is written"


def test_what_is_learned_from_is_what_is_seen_when_serving() -> None:
    """The context of a history is what training gives a message that follows it."""
    lines = said("Ann| hi", "Bob| Ann: which one?", "Cid| I am off", "Ann| the small one")
    found = list(links(lines))
    places = thread([link.meant for link in found], [u.author for u in lines], found[-1].open)
    history = [(message.author, message.text) for message in lines[:-1]]
    assert context_of(history, "Ann") == [history[place] for place in places]
    assert [text for _, text in context_of(history, "Dora")] == ["hi", "Ann: which one?", "I am off"]
    assert context_of([], "Ann") == []


messages = st.builds(
    Utterance,
    st.sampled_from([None, "Ann", "Bob Lee", "Cid"]),
    st.sampled_from(["hi", "Ann: yes", "bob, no", "@cid so", ": ", "Ann: "]),
    st.none() | st.floats(0, 1e6),
)


@given(st.lists(messages, max_size=40))
def test_links_lead_back_and_never_to_oneself(lines: list[Utterance]) -> None:
    found = list(links(lines))
    assert len(found) == len(lines)
    authors = [message.author for message in lines]
    for place, link in enumerate(found):
        assert NOTHING <= link.meant < place or link.meant == NOTHING
        assert NOTHING <= link.open < place or link.open == NOTHING
        led = thread([one.meant for one in found], authors, link.meant)
        assert led == sorted(set(led))
        assert len(list(groupby(authors[at] for at in led))) <= TURNS
    for reply in replies(lines):
        assert reply.context[-1].author != reply.answer.author
