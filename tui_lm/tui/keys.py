"""Every key of the app, in one place.

A person rebinds a key by its id, in the `keymap` of settings.toml. The part of an id before the dot is its group
in the help. None of the keys is taken by tmux, by macOS or by GNOME Terminal.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

from textual.binding import Binding, BindingType
from textual.widgets import TextArea

GROUPS = {
    "app": "Anywhere",
    "welcome": "Welcome",
    "chat": "Chat",
    "composer": "Writing",
    "slider": "On the temperature",
    "edit": "Editing",
}


_TEMPERATURE = Binding.Group("Temperature")


def _key(id: str, key: str, action: str, name: str, tooltip: str, footer: bool = False) -> Binding:
    return Binding(key, action, name, tooltip=tooltip, show=footer, id=id)


APP: list[BindingType] = [
    _key("app.help", "f1", "help", "Help", "Show every key", footer=True),
    _key("app.palette", "ctrl+p", "command_palette", "Palette", "Find any action by its name"),
    _key("app.focus_next", "f6", "focus_next", "Next", "Move the focus on"),
    _key("app.focus_back", "shift+f6", "focus_previous", "Previous", "Move the focus back"),
    replace(_key("app.quit", "ctrl+q", "quit", "Quit", "Leave tui-lm", footer=True), priority=True),
]

WELCOME: list[BindingType] = [
    _key(
        "welcome.demo",
        "enter",
        "demo",
        "Train the demo",
        "Train a small model on the bundled chat",
        footer=True,
    ),
    _key("welcome.stop", "escape", "stop", "Stop", "Stop the training"),
]

CHAT: list[BindingType] = [
    _key("chat.panel", "f2", "toggle_panel", "Panel", "Show or fold the next-token panel", footer=True),
    _key("chat.answerer", "f3", "choose_answerer", "Answers", "Choose who answers you", footer=True),
    _key("chat.me", "f4", "choose_me", "Writes", "Choose whom you write as"),
    replace(
        _key("chat.cooler", "f7", "warm(-1)", "Cooler", "Lower the temperature: less random", footer=True),
        group=_TEMPERATURE,
    ),
    replace(
        _key("chat.warmer", "f8", "warm(1)", "Warmer", "Raise the temperature: more random", footer=True),
        group=_TEMPERATURE,
    ),
    _key("chat.page_up", "pageup", "page(-1)", "Page up", "Scroll back"),
    _key("chat.page_down", "pagedown", "page(1)", "Page down", "Scroll on"),
    _key("chat.stop", "escape", "stop", "Stop", "Stop the answer and keep what is written"),
    _key("chat.new", "ctrl+n", "new_chat", "New chat", "Clear the transcript"),
]

SLIDER: list[BindingType] = [
    _key("slider.cooler", "left,down", "warm(-1)", "Cooler", "Less random"),
    _key("slider.warmer", "right,up", "warm(1)", "Warmer", "More random"),
    _key("slider.greedy", "home", "set(0.0)", "Greedy", "Always take the most probable token"),
]

CHOICE: list[BindingType] = [_key("choice.back", "escape", "leave", "Back", "Change nothing")]

HELP: list[BindingType] = [_key("help.back", "escape,f1,q", "leave", "Back", "Close the help")]

_WRITING: list[Binding] = [
    _key("composer.send", "enter", "submit", "Send", "Take the chosen word, or send"),
    _key("composer.accept", "tab", "accept", "Take", "Take the chosen word or the grey text", footer=True),
    _key("composer.next", "down", "next_candidate", "Next word", "Choose the next of the words"),
    _key("composer.previous", "up", "previous_candidate", "Previous word", "Choose the one before, or none"),
    _key(
        "composer.accept_word",
        "ctrl+right,alt+right,alt+f",
        "cursor_word_right",
        "Take a word",
        "Take one word of the grey text, or move a word on",
    ),
    _key(
        "composer.accept_line",
        "end,ctrl+e",
        "cursor_line_end",
        "Take all",
        "Take the grey text, or move to the end of the line",
    ),
    _key("composer.dismiss", "escape", "dismiss", "Dismiss", "Dismiss the grey text and the words"),
    _key("composer.new_line", "ctrl+j", "new_line", "New line", "Start a new line"),
]
_TAKEN = {key for binding in _WRITING for key in binding.key.split(",")} | {"f6", "f7", "pageup", "pagedown"}


def _editing() -> list[Binding]:
    """The text area's own keys, without those that do something else here."""
    kept = []
    for binding in Binding.make_bindings(TextArea.BINDINGS):
        if binding.key not in _TAKEN and not binding.key.startswith("super+"):
            name = re.sub(r"\W+", "_", binding.action.replace("(True)", "_select"))
            kept.append(replace(binding, id=f"edit.{name}", tooltip=binding.description))
    return kept


COMPOSER: list[BindingType] = [*_WRITING, *_editing()]

ALL: list[BindingType] = [*APP, *COMPOSER, *CHAT, *SLIDER, *WELCOME]


def as_bound(table: Iterable[BindingType], keymap: Mapping[str, str]) -> Iterator[Binding]:
    """The bindings of `table` one key each, rebound as `keymap` says."""
    for binding in table:
        assert isinstance(binding, Binding)
        for key in keymap.get(binding.id or "", binding.key).split(","):
            yield binding.with_key(key.strip())
