"""The Models screen: the list, and the actions on a model."""

from __future__ import annotations

import json
from typing import Any, cast

import pytest

from tui_lm import checkpoint, paths
from tui_lm.exchange import vector_files
from tui_lm.settings import Settings
from tui_lm.tokenizers.stream import WritingContext
from tui_lm.tui.jobs import comparing
from tui_lm.tui.keeping.session import Session, Talk
from tui_lm.tui.screens.compare import CompareScreen
from tui_lm.tui.screens.word_map import WordMapScreen
from tui_lm.tui.widgets.lines import Lines


async def show(app, name: str) -> None:
    await app.do("app.models")
    await app.until(lambda: app.app.screen.name_here is not None)
    app.app.screen.query_one(Lines).highlighted = checkpoint.names().index(name)
    await app.until(lambda: app.app.screen.name_here == name)


async def test_each_model_is_shown_with_its_facts_and_curve(start, saved_models) -> None:
    async with start(size=(80, 24)) as app:
        await show(app, "second")
        for part in ("LSTM 1 x 8, char", "a chat", "2.50", "step 3", "hindi", "llama", "12,345"):
            assert part in app.screen(), part
        assert "validation loss" not in app.screen(), "what was not measured is not told"


async def test_a_model_can_be_chosen_from_the_list(start, saved_models) -> None:
    async with start() as app:
        await show(app, "second")
        await app.do("models.use")
        await app.until(lambda: app.app.current_mode == "chat" and app.app.models.folder.name == "second")


async def test_choosing_a_translator_opens_the_translate_screen(start, saved_models) -> None:
    async with start() as app:
        await show(app, "hindi")
        await app.press("enter")
        await app.until(lambda: app.app.current_mode == "translate")


async def test_a_renamed_model_stays_in_use(start, saved_models) -> None:
    async with start() as app:
        await show(app, "scripted")
        await app.do("models.rename")
        await app.answer("second", refused=True)
        await app.until(lambda: "there is already a model of this name" in app.screen())
        await app.answer("mine")
        await app.until(lambda: "mine" in checkpoint.names())
        await app.until(lambda: app.app.models.state == "ready" and app.app.models.folder.name == "mine")


async def test_a_dialogue_follows_a_renamed_model_and_is_deleted_with_it(start, saved_models) -> None:
    async with start() as app:
        await app.type("hi there")
        await app.press("enter")
        await app.until(lambda: len(app.turns) == 2 and not app.app.screen.answering)
        await app.type("a draft")
        await show(app, "scripted")
        await app.do("models.rename")
        await app.answer("mine")
        await app.until(lambda: app.app.models.state == "ready")
        app.app.keeper.write()
        assert list(app.app.keeper.session.talks) == ["mine"]
        assert app.app.keeper.session.talks["mine"].turns[0] == ("Ann", "hi there", False)
        assert app.app.keeper.session.talks["mine"].draft == "a draft"
        await app.do("app.chat")
        await app.until(lambda: len(app.turns) == 2 and app.composer.text == "a draft")
        await show(app, "mine")
        await app.do("models.remove")
        await app.answer("Remove it")
        await app.until(lambda: app.app.models.state == "none")
        app.app.keeper.write()
        assert app.app.keeper.session.talks == {}
        await app.do("app.chat")
        assert app.turns == []


async def use(app, name: str) -> None:
    await show(app, name)
    await app.do("models.use")
    await app.until(lambda: app.app.current_mode == "chat" and app.app.models.folder.name == name)


async def test_a_removed_model_leaves_no_suggestion_on_the_screen(start, saved_models) -> None:
    async with start(size=(80, 24)) as app:
        await app.type("see you tom")
        await app.until(lambda: app.words)
        await show(app, "scripted")
        await app.do("models.remove")
        await app.answer("Remove it")
        await app.until(lambda: app.app.models.state == "none")
        await app.do("app.chat")
        await app.until(lambda: not app.words and not app.ghost)
        app.composer.clear()
        await app.until(lambda: "there is no model" in app.screen())
        assert "loads" not in app.screen()


async def test_each_model_keeps_its_draft(start, saved_models) -> None:
    session = Session(talks={"second": Talk(draft="for second")})
    async with start(session=session) as app:
        await app.type("for scripted")
        await use(app, "second")
        await app.until(lambda: app.composer.text == "for second")
        await app.type(", too")
        await use(app, "scripted")
        await app.until(lambda: app.composer.text == "for scripted")
        app.app.keeper.write()
        assert {name: talk.draft for name, talk in session.talks.items()} == {
            "second": "for second, too",
            "scripted": "for scripted",
        }


async def test_a_draft_is_carried_over_to_a_model_without_one(start, saved_models) -> None:
    async with start() as app:
        await app.type("see you")
        await use(app, "second")
        await app.until(lambda: app.app.models.state == "ready")
        assert app.composer.text == "see you"
        app.app.keeper.write()
        assert {talk.draft for talk in app.app.keeper.session.talks.values()} == {"see you"}


async def test_the_draft_of_a_removed_model_is_appended_to_the_next_draft(start, saved_models) -> None:
    async with start(session=Session(talks={"second": Talk(draft="for second")})) as app:
        await app.type("typed")
        await show(app, "scripted")
        await app.do("models.remove")
        await app.answer("Remove it")
        await app.until(lambda: app.app.models.state == "none")
        await use(app, "second")
        await app.until(lambda: app.composer.text == "for second\ntyped")


async def test_a_model_is_removed_only_after_a_confirmation(start, saved_models) -> None:
    async with start() as app:
        await show(app, "scripted")
        await app.do("models.remove")
        await app.press("enter")
        assert "scripted" in checkpoint.names()
        await app.do("models.remove")
        await app.answer("Remove it")
        await app.until(lambda: "scripted" not in checkpoint.names())
        assert app.app.models.state == "none"
        assert app.app.models.folder is None


async def test_a_model_forgets_what_it_learned(start, saved_models) -> None:
    (saved_models / "second" / "learned.safetensors").write_bytes(b"x")
    async with start() as app:
        await show(app, "second")
        assert "has learned from you" in app.screen()
        await app.do("models.forget")
        await app.answer("Forget")
        await app.until(lambda: not (saved_models / "second" / "learned.safetensors").exists())


async def test_only_a_mini_llama_is_exported_and_errors_become_notices(start, saved_models, tmp_path) -> None:
    async with start() as app:
        await show(app, "second")
        await app.do("models.export")
        assert "only a mini-LLaMA" in app.notices[-1]
        await show(app, "llama")
        await app.do("models.export")
        await app.answer(str(tmp_path / "out"))
        await app.until(lambda: "missing or damaged" in app.notices[-1])  # there is a card and nothing else


async def test_marked_models_are_compared_on_one_text(start, saved_models, monkeypatch) -> None:
    def run(job, model):
        for index, name in enumerate(job.names):
            yield comparing.Compared(job.revision, name, (index + 1) * len(job.text) / 10)

    monkeypatch.setattr(comparing.Compare, "run", run)
    async with start() as app:
        await show(app, "second")
        await app.do("models.compare")
        assert "mark two" in app.notices[-1]
        await app.do("models.mark")
        await show(app, "llama")
        await app.do("models.mark")
        await app.do("models.compare")
        await app.until(lambda: "3.200" in app.screen() and "6.400" in app.screen())
        await app.press("a", "b")  # replaces the example
        await app.until(lambda: "0.200" in app.screen())
        await app.press("escape")
        await app.until(lambda: len(app.app.screen_stack) == 1)


async def test_models_answer_the_same_message_side_by_side(start, saved_models, monkeypatch) -> None:
    asked = []

    def run(job, model):
        asked.append((job.names, job.text))
        for name in job.names:
            for piece in ("At ", f"six, says {name}"):
                yield comparing.Answered(job.revision, name, "Maya", piece)

    monkeypatch.setattr(comparing.Compare, "run", lambda job, model: iter(()))
    monkeypatch.setattr(comparing.AnswerSideBySide, "run", run)
    async with start() as app:
        for name in ("second", "llama"):
            await show(app, name)
            await app.do("models.mark")
        await app.do("models.compare")
        await app.until(lambda: isinstance(app.app.screen, CompareScreen))
        await app.press(*"when", "ctrl+r")
        await app.until(lambda: all(f"Maya: At six, says {name}" in app.screen() for name in ("second", "llama")))
        left, right = (app.screen().index(f"says {name}") for name in ("llama", "second"))
        assert app.screen()[left:right].count("\n") == 0, "side by side"
        assert asked == [(("llama", "second"), "when")]
        await app.press("x")
        await app.until(lambda: "says" not in app.screen())


def test_each_model_answers_with_the_message_as_its_history(saved, make_model) -> None:
    job = comparing.AnswerSideBySide(cast(Any, None), 1, ("small",), "see you", Settings(seed=1), {})
    first, *rest = job.run(None)
    assert first == comparing.Answered(1, "small", "Bob", "")
    assert rest == list(job.run(None))[1:], "the same seed, the same answer"
    engine = job.engines["small"]
    assert job._context(engine) == WritingContext("", "Bob", (("Ann", "see you"),))


async def test_the_columns_of_the_list_have_heads(start, saved_models) -> None:
    async with start(size=(120, 36)) as app:
        await app.do("app.models")
        heads = next(line for line in app.screen().splitlines() if "bits/char" in line and "network" in line)
        row = next(line for line in app.screen().splitlines() if "second" in line and "LSTM" in line)
        assert row.index("LSTM") == heads.index("network")
        assert row.index("2.50") + 4 == heads.index("bits/char") + len("bits/char")
    async with start(size=(60, 20)) as app:
        await app.do("app.models")
        await app.until(lambda: "name" in app.screen() and "hindi" in app.screen())


async def test_a_damaged_model_is_marked_and_can_be_removed(start, saved_models) -> None:
    (saved_models / "second" / "config.json").write_text("{")
    async with start() as app:
        await show(app, "second")
        assert "damaged" in app.screen()
        await app.do("models.use")
        assert "damaged" in app.notices[-1]
        await app.do("models.remove")
        await app.answer("Remove it")
        await app.until(lambda: "second" not in checkpoint.names())


async def test_a_classifier_is_used_in_a_terminal(start, saved_models) -> None:
    config = saved_models / "second" / "config.json"
    card = json.loads(config.read_text("utf-8"))
    shape = {"family": "classifier", "vocab_size": 9, "dim": 8, "hidden_size": 8, "num_labels": 2}
    config.write_text(json.dumps({**card, "kind": "labelled", "architecture": shape, "labels": ["no", "yes"]}))
    async with start() as app:
        await show(app, "second")
        await app.do("models.use")
        assert "in a terminal use tui-lm classify" in app.notices[-1]


@pytest.mark.parametrize("named", [None, "scripted"])
async def test_an_empty_list_says_how_to_get_a_model(start, named) -> None:
    async with start(named=named) as app:
        await app.do("app.models")
        assert "There are no models yet" in app.screen()
        await app.press("r", "d", "c", "space", "enter")
        assert app.app.is_running


async def test_choosing_word_vectors_opens_their_map(start, saved_models, tmp_path) -> None:
    (tmp_path / "toy.vec").write_text("4 2\nman 0 1\nwoman 1 1\nking 0.1 3\nqueen 1.1 3\n", "utf-8")
    checkpoint.save(paths.models_dir() / "toy", vector_files.read(tmp_path / "toy.vec", "toy"))
    async with start() as app:
        await show(app, "toy")
        await app.press("enter")
        await app.until(lambda: isinstance(app.app.screen, WordMapScreen) and "·queen" in app.screen())
        await app.type("king - man + woman")
        await app.until(lambda: "queen 0." in app.screen() and "●king" in app.screen())
        await app.type("x")
        await app.until(lambda: "there is no vector for womanx" in app.screen())
        await app.press("escape")
        await app.until(lambda: not isinstance(app.app.screen, WordMapScreen))
