"""The table of keys, the palette, the footer, the help: every action can be reached or says why not."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from textual.events import Key

from tui_lm.settings import Settings, load_settings
from tui_lm.tui.app import SCREENS
from tui_lm.tui.screens.jump import JumpScreen
from tui_lm.tui.screens.palette import PaletteScreen
from tui_lm.tui.terminal import keys
from tui_lm.tui.widgets.composer import Composer
from tui_lm.tui.widgets.key_line import KeyLine
from tui_lm.tui.widgets.lines import Lines

PAGE = Path(__file__).parents[2] / "docs" / "keys.md"
TABLES = [
    keys.APP,
    keys.CHAT,
    keys.WRITE,
    keys.TRANSLATE,
    keys.INSPECT,
    keys.TRAIN,
    keys.MODELS,
    keys.COMPARE,
    keys.LEARN,
    keys.EXPERIMENT,
    keys.SETTINGS,
    keys.LIST,
    keys.FORM,
    keys.PANEL,
    keys.READING,
    keys.CHOICE,
    keys.HELP,
    keys.COMPOSER,
    keys.PAGE,
]
SOMETIMES = {
    "composer.take_back": "Del, only while a word is chosen",
    "composer.recall": "Up, only in an empty draft",
}
TAKEN = {
    "ctrl+b": "tmux",
    "ctrl+up": "macOS: Mission Control",
    "ctrl+down": "macOS: windows of the app",
    "f10": "GNOME Terminal: its menu",
    "f11": "GNOME Terminal: full screen",
    **{f"alt+{digit}": "GNOME Terminal: tabs" for digit in range(10)},
}


def test_every_key_has_an_id_of_its_own_group_and_a_tooltip() -> None:
    for binding in [binding for table in TABLES for binding in table]:
        assert re.fullmatch(r"[a-z]+\.[a-z_]+", binding.id), binding
        assert binding.tooltip


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table[-1].id)
def test_no_key_is_used_twice_or_by_tmux_macos_or_gnome(table) -> None:
    bound = [
        binding.key
        for binding in keys.as_bound(table, {})
        if binding.key != keys.UNBOUND and binding.id not in SOMETIMES
    ]
    own = [key for key in bound if key not in TAKEN]
    assert own == bound
    assert len(bound) == len(set(bound))


MEANINGS = {
    "f1": "app.help help.back",
    "f2": "model.panel translate.panel",
    "f3": "chat.answerer translate.model inspect.shade learn.lesson",
    "f4": "chat.me write.me train.me inspect.me",
    "f5": "chat.copy write.copy translate.copy",
    "f6": "app.focus_next",
    "f7": "model.cooler",
    "f8": "model.warmer",
    "f9": "panel.play text.play",
    "f12": "train.demo learn.train",
    "f18": "app.focus_back",
    "ctrl+f": "inspect.track write.find",
    "ctrl+g": "app.go",
    "ctrl+l": "app.model",
    "ctrl+n": "chat.new write.new translate.new",
    "ctrl+o": "chat.open write.open",
    "ctrl+p": "app.palette",
    "ctrl+q": "app.quit",
    "ctrl+r": "chat.again write.go_on train.start compare.answer learn.next",
    "ctrl+s": "chat.save write.save",
    "ctrl+t": "model.view inspect.view learn.view",
    "ctrl+x": "edit.cut",
    "ctrl+z": "panel.undo edit.undo",
    "escape": "chat.stop write.stop train.stop panel.stop compare.back choice.back help.back form.undo "
    "composer.dismiss",
}


def test_a_key_means_one_thing_on_all_screens() -> None:
    """A function key, a Ctrl key and Esc: each action that has it is a case of one meaning."""
    found: dict[str, set[str]] = {}
    for table in TABLES:
        for binding in keys.as_bound(table, {}):
            if re.fullmatch(r"f\d+|ctrl\+\w|escape", binding.key):
                found.setdefault(binding.key, set()).add(binding.id)
    edits = {key for key, ids in found.items() if all(re.match("edit|composer", id) for id in ids)}
    assert {key: ids for key, ids in found.items() if key not in edits or key in MEANINGS} == {
        key: set(ids.split()) for key, ids in MEANINGS.items()
    }


def test_only_one_key_quits_and_escape_never_does() -> None:
    quitting = [binding for table in TABLES for binding in keys.as_bound(table, {}) if binding.action == "quit"]
    assert [binding.key for binding in quitting] == ["ctrl+q"]


def test_every_action_of_the_palette_is_run_by_a_test() -> None:
    done = {
        id
        for path in Path(__file__).parent.glob("test_*.py")
        for id in re.findall(r'\.do\("([\w.]+)"\)', path.read_text("utf-8"))
    }
    tables = [
        keys.APP,
        keys.CHAT,
        keys.WRITE,
        keys.TRANSLATE,
        keys.INSPECT,
        keys.TRAIN,
        keys.MODELS,
        keys.LEARN,
        keys.SETTINGS,
    ]
    every = {binding.id for table in tables for binding in table}
    assert every - done - {"app.palette", "app.go"} == set()


@pytest.mark.parametrize("screen", SCREENS)
async def test_the_palette_holds_every_action_of_a_screen(start, screen) -> None:
    async with start(named=None if screen == "welcome" else "scripted", size=(80, 24)) as app:
        app.app.action_show(screen)
        await app.until(lambda: app.app.current_mode == screen)
        here = {binding.id for binding, _, _ in app.app.actions()}
        table = [*(binding for _, own in app.app.screen.tables() for binding in own), *keys.APP]
        assert here == {binding.id for binding in table} - {"app.palette", "app.go"}


async def test_the_palette_finds_and_runs_an_action_by_its_name(start) -> None:
    async with start() as app:
        await app.press("ctrl+p")
        await app.type("warm rais")
        await app.press(*["backspace"] * 9)
        await app.type("raise temp")
        await app.until(lambda: app.app.screen.query_one(Lines).option_count == 1)
        await app.press("enter")
        await app.until(lambda: app.app.preferences.settings.temperature == 0.9)
        assert len(app.app.screen_stack) == 1


async def test_a_burst_of_keys_into_the_palette_is_harmless(start) -> None:
    async with start() as app:
        burst = ["ctrl+p", *"quxz", "down", "down", "up", "enter", "escape", "ctrl+p", "pagedown", "escape", "ctrl+p"]
        for key in [*burst, "escape"] * 3:
            app.app.post_message(Key(key, key if len(key) == 1 else None))
        await app.until(lambda: app.app.screen.query(Composer))
        assert app.app.is_running


async def test_the_palette_says_why_an_action_cannot_be_done(start) -> None:
    async with start() as app:
        await app.press("ctrl+p")
        await app.type("take back written again")
        await app.press(*["backspace"] * 30)
        await app.type("again")
        await app.until(lambda: "not now: nothing was said yet" in app.screen())
        await app.press("enter")
        await app.until(lambda: app.notices)
        assert app.notices == [": Not now: nothing was said yet."]


async def test_go_to_lists_the_screens(start) -> None:
    async with start() as app:
        await app.press("ctrl+g")
        await app.until(lambda: isinstance(app.app.screen, PaletteScreen))
        await app.type("settings")
        await app.press("enter")
        await app.until(lambda: app.app.current_mode == "settings")
        await app.do("app.chat")
        assert app.app.current_mode == "chat"


async def test_a_click_in_the_masthead_goes_to_a_screen(start) -> None:
    async with start() as app:
        await app.pilot.click("Masthead", offset=(16, 0))
        await app.until(lambda: app.app.current_mode == "write")


async def test_a_key_whose_action_is_impossible_now_says_why(start) -> None:
    async with start() as app:
        await app.press("ctrl+r")
        await app.until(lambda: app.notices)
        assert app.notices == [": Not now: nothing was said yet."]
        await app.press("ctrl+r", "ctrl+r")
        assert len(app.notices) == 1, "once is enough"


async def test_the_footer_dims_impossible_actions_and_runs_clicked_ones(start) -> None:
    async with start() as app:
        line = app.app.screen.query_one(KeyLine)
        entries = {entry.binding.id: entry for entry in line._entries()}
        assert entries["chat.copy"].reason == "there is no draft"
        assert entries["app.help"].reason == ""
        await app.type("x")
        await app.until(lambda: not {e.binding.id: e for e in line._entries()}["chat.copy"].reason)
        x = app.screen().splitlines()[-1].index("F1 Help")
        await app.pilot.click(KeyLine, offset=(x + 3, 0))
        await app.until(lambda: "Esc closes" in app.screen())


async def test_the_footer_keeps_help_and_quit_in_a_narrow_terminal(start) -> None:
    async with start(size=(44, 12)) as app:
        line = app.screen().splitlines()[-1]
        assert "F1 Help" in line
        assert "^Q Quit" in line


async def test_keys_can_be_rebound_and_unbound_actions_bound(start) -> None:
    keymap = {"model.warmer": "ctrl+x", "model.surprisal": "f12"}
    async with start(settings=Settings(keymap=keymap)) as app:
        await app.press("ctrl+x", "f8", "f12")
        await app.until(lambda: app.app.preferences.settings.surprisal)
        assert app.app.preferences.settings.temperature == 0.9, "once warmer: the key that it had does nothing now"


async def test_help_lists_every_key_and_why_an_action_is_impossible(start) -> None:
    async with start(settings=Settings(keymap={"model.warmer": "ctrl+x"}), size=(100, 200)) as app:
        await app.do("app.help")
        await app.until(lambda: "Esc closes" in app.screen())
        for part in ("Ctrl+X", "Raise the temperature", "model.warmer", "Ctrl+Q", "not now: nothing was said yet"):
            assert part in app.screen(), part
        await app.press("escape")
        await app.until(lambda: "Esc closes" not in app.screen())


async def test_f6_moves_the_focus_in_a_circle(start) -> None:
    async with start() as app:
        await app.do("app.focus_next")
        assert not app.composer.has_focus
        await app.do("app.focus_back")
        assert app.composer.has_focus


async def test_a_letter_jumps_to_a_field(start) -> None:
    async with start(size=(120, 36), settings=Settings(panel="open")) as app:
        await app.press("ctrl+g", "ctrl+g")
        await app.until(lambda: isinstance(app.app.screen, JumpScreen))
        assert " a " in app.screen() and " s " in app.screen()
        await app.press("a")
        await app.until(lambda: len(app.app.screen_stack) == 1)
        fields = sorted(app.app.screen.focus_chain, key=lambda widget: (widget.region.y, widget.region.x))
        assert app.app.screen.focused is fields[0]
        assert not app.composer.has_focus
        await app.do("app.jump")
        await app.press("escape")
        await app.until(lambda: len(app.app.screen_stack) == 1)
        assert app.composer.text == ""


async def test_the_example_of_keys_in_the_docs_moves_with_hjkl(start, saved_models, tmp_path) -> None:
    """The example is read as settings.toml and used as it stands."""
    example = re.search(r"```toml\n(.*?)```", PAGE.read_text("utf-8"), re.DOTALL)
    assert example is not None
    (tmp_path / "settings.toml").write_text(example[1])
    settings, notices = load_settings(tmp_path / "settings.toml")
    assert notices == []
    async with start(settings=settings) as app:
        await app.type("hjkl")
        await app.until(lambda: app.composer.text == "hjkl")
        await app.do("app.models")
        await app.until(lambda: app.app.screen.name_here == "scripted")
        await app.press("j")
        await app.until(lambda: app.app.screen.name_here == "second")
        await app.press("k", "k")
        await app.until(lambda: app.app.screen.name_here == "llama")
        await app.do("app.settings")
        await app.press("j", "j", "l")
        await app.until(lambda: app.app.preferences.settings.animation)
        await app.press("h")
        await app.until(lambda: not app.app.preferences.settings.animation)


def test_every_action_in_the_page_of_keys_is_one_of_the_table() -> None:
    known = {binding.id for table in TABLES for binding in table}
    assert set(re.findall(r'"([a-z]+\.[a-z_]+)" =', PAGE.read_text("utf-8"))) <= known
