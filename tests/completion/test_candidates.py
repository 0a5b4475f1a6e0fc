"""Properties of word candidates that hold for any weights."""

from __future__ import annotations

import gc
import weakref
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.conftest import TEXTS
from tui_lm.checkpoint import SavedModel
from tui_lm.completion import Completer, Shown, Stage
from tui_lm.completion.prefix import MessageStates, Network, frontiers
from tui_lm.completion.search import Found, Limits, search
from tui_lm.completion.training_counts import build
from tui_lm.completion.words import cursor, may_cut
from tui_lm.corpus import Utterance
from tui_lm.engine import Engine
from tui_lm.sampling import Sampler
from tui_lm.tokenizers.stream import History, WritingContext
from tui_lm.tokenizers.tokenizer import bytes_of

TYPED = st.lists(
    st.sampled_from(
        [
            "see",
            "you",
            "tom",
            "o",
            "t",
            " ",
            "  ",
            "\n",
            "(",
            "...",
            "👍",
            "👩\u200d",
            "नम",
            "स्",
            "好",
            "我们",
            "'",
            "é",
        ]
    ),
    max_size=6,
).map("".join)
HISTORIES = st.sampled_from([(), (("Bob", "when?"),), (("Bob", "lunch?"), ("Ann", "at six"), ("Cid", "ok"))])
LOOSE = Limits(threshold=1e-3, width=8, depth=5, enough=1000, floor=0.0)
NGRAMS = build([Utterance("Ann", text) for text in [*TEXTS[:6], "你好 我们 走吧", "(see you)", "नमस्ते 👩‍👩‍👧"]])
MANY = settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@MANY
@given(text=TYPED, counted=st.booleans(), history=HISTORIES)
def test_candidates_extend_the_typed_token(engine: Engine, text: str, counted: bool, history: History) -> None:
    completer = Completer(engine, NGRAMS if counted else None, limits=LOOSE)
    for candidate in completer.candidates(WritingContext(text, history=history), n=5):
        token = cursor(text).token
        assert candidate.text.startswith(token) and len(candidate.text) > len(token)
        assert not any(character.isspace() for character in candidate.text)
        assert may_cut(candidate.text)
        assert 0 < candidate.probability <= 1


@MANY
@given(
    text=TYPED,
    keys=st.lists(st.sampled_from(["", "s", "o", " ", "t", "👍"]), max_size=8),
    counted=st.booleans(),
    history=HISTORIES,
)
def test_suggestions_do_not_depend_on_earlier_keys(
    engine: Engine, text: str, keys: list[str], counted: bool, history: History
) -> None:
    ngrams = NGRAMS if counted else None
    completer = Completer(engine, ngrams, limits=LOOSE)
    typed = ""
    for key in [*keys, *text]:
        typed = typed + key if key else typed[:-1]
        completer.complete(WritingContext(typed, history=history))
    again = completer.complete(WritingContext(typed, history=history))
    first = Completer(engine, ngrams, limits=LOOSE).complete(WritingContext(typed, history=history))
    assert again.ghost == first.ghost
    assert [word.text for word in again.candidates] == [word.text for word in first.candidates]
    for one, other in zip(again.candidates, first.candidates, strict=True):  # attention in one block or in steps
        assert one.probability == pytest.approx(other.probability, rel=1e-4)


def test_probabilities_of_words_known_by_hand(make_model: Callable[..., SavedModel]) -> None:
    """Where only `a` and the space can come, equally likely, a word is a run of `a`."""
    model = make_model()
    weights = {name: weight * 0 for name, weight in model.weights.items()}
    letter, space = model.tokenizer.encode("a ")
    weights["head.bias"] = weights["head.bias"] - 100
    weights["head.bias"][[letter, space]] = 0
    engine = Engine(SavedModel(model.card, model.tokenizers, weights))
    found = everything(engine, "a", depth=12)
    assert found.complete == pytest.approx(0.5)
    assert [found.units["a" * i] for i in (1, 2, 3)] == pytest.approx([0.25, 0.125, 0.0625])
    assert found.complete + sum(found.units.values()) == pytest.approx(1, abs=1e-3)


@pytest.mark.parametrize("text", ["", "se", "hey ("])
def test_the_probabilities_of_all_continuations_sum_to_one(make_model: Callable[..., SavedModel], text: str) -> None:
    """The deeper the search, the more of the probability it has found, but never more than all of it."""
    engine = Engine(make_model())
    masses = [
        sum(found.units.values()) + found.complete for found in (everything(engine, text, depth) for depth in (1, 2))
    ]
    assert masses == sorted(masses)
    assert masses[-1] <= 1 + 1e-9


def everything(engine: Engine, text: str, depth: int) -> Found:
    found, at, states = Found(), cursor(text), MessageStates(Network(engine), WritingContext(author="Ann"))
    limits = Limits(threshold=1e-30, width=10**6, depth=depth, enough=10**9)
    for frontier in filter(None, frontiers(states, at, limits)):
        for _ in search(engine.runtime, states.spelling, frontier, limits, found, at.token):
            pass
    return found


def test_a_search_that_was_stopped_goes_on_when_it_is_asked_again(engine: Engine) -> None:
    context = WritingContext("see ")
    whole = Completer(engine, limits=LOOSE).complete(context, n=5)
    completer, asked = Completer(engine, limits=LOOSE), 0
    while not completer.is_refined(context):
        asked += 1
        early = completer.complete(context, n=5, expired=lambda: True)  # a step at a time
        assert asked < 1000
    assert asked > 1 or engine.tokenizer.name != "char"  # other models may need no step for a whole word
    assert early.candidates == whole.candidates
    assert completer.complete(context, n=5) == whole


def test_until_a_search_has_ended_the_words_found_before_the_last_letter_are_kept(engine: Engine) -> None:
    """Whatever the network has found for "s" and begins with "se" comes at once for "se"."""
    completer, typed = Completer(engine, limits=LOOSE), WritingContext("see s")
    before = completer.complete(typed, n=1000).candidates
    after = WritingContext("see " + before[0].text[:2])
    early = completer.complete(after, n=1000, expired=lambda: True).candidates
    if completer.is_refined(after):
        return  # the network needed no step
    kept = [word for word in before if word.text.startswith(after.text[4:]) and len(word.text) > 2]
    assert [word.text for word in early] == [word.text for word in kept]
    assert all(word.probability >= old.probability for word, old in zip(early, kept, strict=True))


def test_what_is_not_searched_to_its_end_makes_no_ghost(engine: Engine) -> None:
    completer = Completer(engine, limits=LOOSE, sure=0.0)
    early = completer.complete(WritingContext("see "), expired=lambda: True)
    assert not early.ghost or completer.is_refined(WritingContext("see "))
    assert completer.complete(WritingContext("see ")).ghost


def test_the_last_stage_is_the_suggestion_without_stages(engine: Engine) -> None:
    for text in ("", "see ", "see yo", "hey ("):
        context = WritingContext(text)
        whole = Completer(engine, limits=LOOSE, sure=0.2).complete(context, n=5)
        *_, last = Completer(engine, limits=LOOSE, sure=0.2).stages(context, n=5, expired=lambda: True)
        stages = list(Completer(engine, limits=LOOSE, sure=0.2).stages(context, n=5))
        assert stages == [Stage(whole.candidates, whole.ghost, refined=True)], "one stage is enough in time"
        assert last is None or last == stages[0]


def test_after_the_first_stage_the_caller_may_stop_before_each_step(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    steps, real = 0, engine.runtime.step

    def step(*arguments: Any) -> Any:
        nonlocal steps
        steps += 1
        return real(*arguments)

    monkeypatch.setattr(engine.runtime, "step", step)
    stages = Completer(engine, limits=LOOSE, sure=0.0).stages(WritingContext("see "), expired=lambda: True)
    shown = [next(stages)]
    while True:
        steps = 0
        try:
            shown.append(next(stages))
        except StopIteration:
            break
        assert steps <= 1
    assert 1 <= len(list(filter(None, shown))) <= 3


def test_stages_end_when_something_was_learned_or_another_message_begun(engine: Engine) -> None:
    for other in (
        lambda it: it.learn(WritingContext("ok")),
        lambda it: it.complete(WritingContext("", history=[("Bob", "so")])),
    ):
        completer = Completer(engine, NGRAMS, limits=LOOSE, sure=0.0)
        stages = completer.stages(WritingContext("see "), expired=lambda: True)
        next(stages)
        other(completer)
        assert not any(stages)


def test_a_candidate_is_refused_only_after_it_was_shown_long_enough_to_be_read(engine: Engine) -> None:
    completer = Completer(engine, limits=LOOSE)
    context = WritingContext("hey ")
    offered = completer.candidates(context, n=5)
    words = [word.text for word in offered]
    assert completer.candidates(context, n=5, shown=[Shown(word, 499) for word in words]) == offered
    assert completer.candidates(context, n=len(words) - 1, shown=[Shown(words[0], 500)]) == offered[1:]


def test_a_burst_of_keys_refuses_nothing(engine: Engine) -> None:
    completer = Completer(engine, limits=LOOSE)
    for text in ("hey ", "hey s", "hey se", "hey see"):
        burst, alone = (it.candidates(WritingContext(text)) for it in (completer, Completer(engine, limits=LOOSE)))
        assert [word.text for word in burst] == [word.text for word in alone]


@MANY
@given(text=TYPED, counted=st.booleans(), refuse=st.integers(0, 3))
def test_the_ghost_begins_with_the_first_candidate(engine: Engine, text: str, counted: bool, refuse: int) -> None:
    completer = Completer(engine, NGRAMS if counted else None, limits=LOOSE, sure=0.02)
    context = WritingContext(text)
    shown = [Shown(word.text, 900) for word in completer.candidates(context, n=refuse)]
    suggestion = completer.complete(context, shown=shown)
    token = text[len(cursor(text).before) :]
    if suggestion.ghost and not suggestion.ghost[0].isspace():
        assert (token + suggestion.ghost).startswith(suggestion.candidates[0].text)


@MANY
@given(text=TYPED, counted=st.booleans(), refuse=st.integers(0, 2), temperature=st.sampled_from([0.3, 1.0]))
def test_every_offered_word_stands_at_the_bar_of_its_next_token(
    engine: Engine, text: str, counted: bool, refuse: int, temperature: float
) -> None:
    """Words, ghost text and the bars of the next token never contradict one another."""
    completer = Completer(engine, NGRAMS if counted else None, limits=LOOSE, sure=0.3)
    context = WritingContext(text)
    shown = [Shown(word.text, 500.0) for word in completer.candidates(context)[:refuse]]
    *_, stage = filter(None, completer.stages(context, shown=shown))
    offered = completer.offered(context)
    also = [token for _, token in offered]
    bars = dict(engine.next_token(context, sampler=Sampler(temperature=temperature), also=also).candidates)
    typed, surfaces = cursor(text).token, engine.tokenizer.surfaces
    for word, token in offered:
        assert word in [candidate.text for candidate in stage.candidates]
        assert engine.label(token) in bars
        rest = bytes_of(word.removeprefix(typed))
        assert rest.startswith(surfaces[token].lstrip(b" ")) or surfaces[token].startswith(rest)
    if engine.tokenizer.name == "char":  # no word changes the tokens of what is typed
        extending = [word.text for word in stage.candidates if word.text.startswith(typed)]
        assert [word for word, _ in offered] == extending
    if stage.ghost and not stage.ghost[0].isspace():
        assert (typed + stage.ghost).startswith(stage.candidates[0].text)
    assert sum(bars.values()) <= 1 + 1e-6


def test_ghost_text_stays_on_one_line(engine: Engine) -> None:
    completer = Completer(engine, limits=LOOSE, sure=0.02)
    for text in ("", "see", "see ", "see you tom", "(o", "ok.", "नमस्", "two\n"):
        ghost = completer.ghost(WritingContext(text))
        assert "\n" not in ghost
        assert not ghost or not ghost[-1].isspace()


def test_candidates_depend_on_the_author(engine: Engine) -> None:
    completer = Completer(engine, limits=LOOSE)
    found = {author: completer.candidates(WritingContext("", author), n=3) for author in ("Ann", "Bob")}
    assert found["Ann"] != found["Bob"]
    assert completer.candidates(WritingContext(""), n=3) == found[str(engine.me)]


def test_candidates_depend_on_the_history(engine: Engine) -> None:
    completer = Completer(engine, limits=LOOSE)
    asked = [
        completer.candidates(WritingContext("", history=[("Bob", text)]))
        for text in ("what's for dinner?", "see you tomorrow")
    ]
    assert asked[0] != asked[1]


def test_a_message_that_was_sent_leaves_no_state_in_memory(engine: Engine) -> None:
    """The states of a large network take hundreds of megabytes: no circle of references may keep them."""
    completer = Completer(engine, limits=LOOSE)
    gc.collect()
    gc.disable()
    try:
        completer.complete(WritingContext("see "), expired=lambda: True)
        completer.complete(WritingContext("see yo"))
        draft = weakref.ref(completer._draft_of(WritingContext("")).states)
        assert draft() is not None
        completer.complete(WritingContext("ok", history=[("Ann", "see you")]))
        assert draft() is None
    finally:
        gc.enable()
