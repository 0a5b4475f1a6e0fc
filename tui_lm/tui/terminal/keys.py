"""The one table of the actions of the app and their keys.

A person rebinds a key by its id, in the `keymap` of settings.toml; `unbound` stands where an action has no key of its
own yet. The part of an id before the dot is its group in the help. None of the keys is taken by tmux, by macOS or by
GNOME Terminal. A function key or a Ctrl key means one thing on all screens: F2 the panel at the side, F3 who or what
answers, F4 who you are, F5 copy, F7 and F8 the temperature, Ctrl+R let the model go on, Esc stop.
"""

from __future__ import annotations

import re
from dataclasses import replace

from textual.binding import Binding, BindingType
from textual.widgets import TextArea

from tui_lm.tui.terminal.binding import UNBOUND as UNBOUND
from tui_lm.tui.terminal.binding import as_bound as as_bound
from tui_lm.tui.terminal.binding import display as display
from tui_lm.tui.terminal.binding import key as _key
from tui_lm.tui.terminal.binding import own as _own

GROUPS = {
    "app": "Anywhere",
    "model": "With a model",
    "chat": "Chat",
    "write": "Write",
    "translate": "Translate",
    "inspect": "Inspect",
    "train": "Train",
    "models": "Models",
    "learn": "Learn",
    "experiment": "On an experiment",
    "compare": "Compare",
    "settings": "Settings",
    "composer": "Writing with suggestions",
    "list": "In the list of models",
    "form": "On a value or slider",
    "text": "On the shaded text",
    "panel": "In the inspector",
    "edit": "Editing",
}


APP: list[BindingType] = [
    _key("app.help", "f1", "help", "Help", "Show every key", footer=True),
    _key("app.palette", "ctrl+p", "command_palette", "Actions", "Find any action by its name", footer=True),
    _key("app.go", "ctrl+g", "go", "Go to", "Choose a screen", footer=True),
    _key("app.focus_next", "f6", "focus_next", "Next", "Move the focus to the next field"),
    _key("app.focus_back", "shift+f6,f18", "focus_previous", "Previous", "Move the focus to the field before"),
    _key("app.jump", UNBOUND, "jump", "Jump", "Jump to a field by its letter (Ctrl+G twice)"),
    *_own(_key("app.quit", "ctrl+q", "quit", "Quit", "Leave tui-lm", footer=True)),
    _key("app.chat", UNBOUND, "show('chat')", "Chat", "Go to the chat"),
    _key("app.write", UNBOUND, "show('write')", "Write", "Go to the page to write on"),
    _key("app.translate", UNBOUND, "show('translate')", "Translate", "Go to the translator"),
    _key("app.inspect", UNBOUND, "show('inspect')", "Inspect", "Go to the page that shows what a model does"),
    _key("app.train", UNBOUND, "show('train')", "Train", "Go to the training"),
    _key("app.models", UNBOUND, "show('models')", "Models", "Go to the models"),
    _key("app.learn", UNBOUND, "show('learn')", "Learn", "Go to the lessons"),
    _key("app.settings", UNBOUND, "show('settings')", "Settings", "Go to the settings"),
    _key("app.model", "ctrl+l", "choose_model", "Model", "Use another model"),
    _key("app.theme", UNBOUND, "choose_theme", "Theme", "Choose a theme"),
    _key("app.private", UNBOUND, "switch('private')", "Private", "Private mode on or off"),
    _key("app.forget", UNBOUND, "forget_all", "Forget all", "Delete all you typed: drafts, transcripts, learned words"),
    _key("app.picture", UNBOUND, "picture", "Picture", "Save a picture of the screen"),
]

MODEL: list[BindingType] = [
    _key("model.panel", "f2", "toggle_panel", "Inspect", "Show or fold the inspector", footer=True),
    _key("model.view", "ctrl+t", "next_view", "Next view", "Show the next view of the inspector"),
    _key("model.cooler", "f7", "warm(-1)", "Cooler", "Lower the temperature: less random", footer=True),
    _key("model.warmer", "f8", "warm(1)", "Warmer", "Raise the temperature: more random", footer=True),
    _key("model.preset", UNBOUND, "choose_preset", "Preset", "Choose a preset of sampling"),
    _key("model.surprisal", UNBOUND, "switch('surprisal')", "Surprisal", "Colour your text by its surprisal"),
    _key("model.ghost", UNBOUND, "switch('ghost')", "Grey text", "Grey text on or off"),
    _key("model.words", UNBOUND, "switch('words')", "Words", "The three words on or off"),
    _key("model.replies", UNBOUND, "switch('replies')", "Replies", "Suggested replies on or off"),
]

CHAT: list[BindingType] = [
    _key("chat.again", "ctrl+r", "again", "Again", "Have the last answer written again", footer=True),
    *MODEL,
    _key("chat.answerer", "f3", "choose_answerer", "Answers", "Choose who answers you", footer=True),
    _key("chat.me", "f4", "choose_me", "Writes", "Choose the author you write as"),
    _key("chat.copy", "f5", "copy", "Copy", "Copy the draft, to send it elsewhere", footer=True),
    _key("chat.copy_answer", UNBOUND, "copy_answer", "Copy answer", "Copy the last answer"),
    _key("chat.copy_all", UNBOUND, "copy_all", "Copy chat", "Copy the whole transcript"),
    _key("chat.edit", UNBOUND, "edit_last", "Edit", "Edit the last message and send it again (Up in an empty draft)"),
    _key("chat.page_up", "pageup", "page(-1)", "Page up", "Scroll up"),
    _key("chat.page_down", "pagedown", "page(1)", "Page down", "Scroll down"),
    _key("chat.stop", "escape", "stop", "Stop", "Stop the answer and keep its text"),
    _key("chat.new", "ctrl+n", "new_chat", "New chat", "Begin a new chat beside this one"),
    _key("chat.open", "ctrl+o", "open_chat", "Chats", "Go back to another chat, found by its name or its text"),
    _key("chat.rename", UNBOUND, "rename_chat", "Rename chat", "Give this chat a name"),
    _key("chat.save", "ctrl+s", "save_chat", "Save chat", "Write this chat to a Markdown file"),
]

WRITE: list[BindingType] = [
    _key("write.save", "ctrl+s", "save", "Save", "Save the text", footer=True),
    _key("write.go_on", "ctrl+r", "go_on", "Go on", "Let the model continue at the cursor", footer=True),
    *MODEL,
    _key("write.me", "f4", "choose_me", "Writes", "Choose the author you write as"),
    _key("write.copy", "f5", "copy", "Copy", "Copy the selection, or the whole text"),
    _key("write.open", "ctrl+o", "open", "Open", "Open a text", footer=True),
    _key("write.save_as", UNBOUND, "save_as", "Save as", "Save the text under another name"),
    _key("write.find", "ctrl+f", "find", "Find", "Find text, from the cursor on"),
    _key("write.new", "ctrl+n", "new_page", "New", "Start an empty page"),
    _key("write.stop", "escape", "stop", "Stop", "Stop the model and keep its text"),
]

TRANSLATE: list[BindingType] = [
    _key("translate.model", "f3", "choose_translator", "Translator", "Choose a translator", footer=True),
    _key("translate.panel", "f2", "toggle_panel", "Alignment", "Show or fold the alignment", footer=True),
    _key("translate.copy", "f5", "copy", "Copy", "Copy the translation", footer=True),
    _key("translate.new", "ctrl+n", "clear", "New", "Start an empty text"),
]

INSPECT: list[BindingType] = [
    _key("inspect.shade", "f3", "choose_shade", "Shade", "Choose what the text is shaded by", footer=True),
    _key(
        "inspect.track",
        "ctrl+f",
        "track",
        "Find a unit",
        "Search a chat for the unit that tracks something",
        footer=True,
    ),
    _key("inspect.me", "f4", "choose_me", "Writes", "Choose the author of the text", footer=True),
    _key("inspect.view", "ctrl+t", "next_view", "Next view", "Show the next view", footer=True),
]

TRAIN: list[BindingType] = [
    _key("train.demo", "f12", "demo", "Demo", "Train on the bundled chat, which takes a minute", footer=True),
    _key("train.start", "ctrl+r", "start", "Train", "Train a model on the chosen file", footer=True),
    _key("train.stop", "escape", "stop", "Stop", "Stop the training and keep the best model so far"),
    _key("train.use", "enter", "use", "Use it", "Write with the model that was trained", footer=True),
    _key("train.me", "f4", "choose_me", "You are", "Choose who you are in the chat"),
]

MODELS: list[BindingType] = [
    *_own(_key("models.use", "enter", "use", "Use", "Use this model", footer=True)),
    _key("models.sort", "s", "sort", "Sort", "Sort by bits per character, the best first, or by name"),
    _key("models.filter", "slash", "filter", "Filter", "Show only models whose name or kind holds what you type"),
    _key("models.mark", "space", "mark", "Mark", "Mark this model, to compare it", footer=True),
    _key("models.compare", "c", "compare", "Compare", "Compare the marked models on one text", footer=True),
    _key("models.train_on", "t", "train_on", "Train on", "Train this model on: the same chat again, or another source"),
    _key("models.rename", "r", "rename", "Rename", "Give this model another name", footer=True),
    _key("models.export", "e", "export", "Export", "Write this model for other programs"),
    _key("models.forget", "f", "forget", "Forget", "Forget what this model learned while you typed"),
    _key("models.remove", "d,delete", "remove", "Remove", "Delete this model", footer=True),
]

LEARN: list[BindingType] = [
    _key("learn.lesson", "f3", "choose_lesson", "Lesson", "Choose a lesson", footer=True),
    _key("learn.next", "ctrl+r", "next_experiment", "Next experiment", "Show the next experiment", footer=True),
    _key("learn.view", "ctrl+t", "next_view", "Next view", "Show the next view", footer=True),
    _key("learn.train", "f12", "train", "Train models", "Train the models of the lessons", footer=True),
    _key("learn.page_up", "pageup", "page(-1)", "Page up", "Scroll the lesson up"),
    _key("learn.page_down", "pagedown", "page(1)", "Page down", "Scroll the lesson down"),
]

EXPERIMENT: list[BindingType] = [_key("experiment.show", "enter", "choose", "Show", "Show this experiment")]

SETTINGS: list[BindingType] = [
    _key("settings.reset", UNBOUND, "reset", "Defaults", "Reset all settings to their defaults"),
]

COMPARE: list[BindingType] = [
    _key("compare.answer", "ctrl+r", "answer", "Answer", "Let each model answer the text", footer=True),
    _key("compare.back", "escape", "leave", "Back", "Back to the models", footer=True),
]

LIST: list[BindingType] = [
    _key("list.up", "up", "cursor_up", "Up", "Go to the line above"),
    _key("list.down", "down", "cursor_down", "Down", "Go to the line below"),
    _key("list.page_up", "pageup", "page_up", "Page up", "Go a page up"),
    _key("list.page_down", "pagedown", "page_down", "Page down", "Go a page down"),
    _key("list.first", "home", "first", "First", "Go to the first line"),
    _key("list.last", "end", "last", "Last", "Go to the last line"),
    _key("list.choose", "enter", "select", "Choose", "Choose the line"),
]

FORM: list[BindingType] = [
    _key("form.up", "up", "move(-1)", "Up", "Go to the value above"),
    _key("form.down", "down", "move(1)", "Down", "Go to the value below"),
    _key("form.less", "left", "change(-1)", "Less", "Less, or the previous choice"),
    _key("form.more", "right,space", "change(1)", "More", "More, or the next choice"),
    _key("form.least", "home", "ends(-1)", "Least", "Set the smallest value"),
    _key("form.most", "end", "ends(1)", "Most", "Set the largest value"),
    _key("form.choose", "enter", "choose", "Choose", "Choose from a list, or apply the number you typed"),
    _key("form.undo", "escape", "undo", "Back", "Discard the number you are typing"),
]

PANEL: list[BindingType] = [
    _key("panel.back", "left", "want('step', -1)", "Earlier", "The token before"),
    _key("panel.on", "right", "want('step', 1)", "Later", "The token after"),
    _key("panel.first", "home", "want('time', 0)", "First", "The first token"),
    _key("panel.live", "end", "want('live')", "Live", "Follow the typing again"),
    _key("panel.up", "up", "want('layer', -1)", "Before", "The layer before"),
    _key("panel.down", "down", "want('layer', 1)", "After", "The next layer"),
    _key("panel.head_up", "shift+up", "want('row', -1)", "Row before", "The head or unit before, or all of them"),
    _key("panel.head_down", "shift+down", "want('row', 1)", "Next row", "The next head or unit, or all of them"),
    _key("panel.gate_back", "shift+left", "want('name', -1)", "Gate before", "The gate or state before, to edit it"),
    _key("panel.gate_on", "shift+right", "want('name', 1)", "Next gate", "The next gate or state, to edit it"),
    _key("panel.edit", "delete", "want('edit')", "Edit", "Replace the value that is pointed at"),
    _key("panel.undo", "ctrl+z", "want('undo')", "Undo", "Undo the edit of the network"),
    _key("panel.pin", "enter", "want('enter')", "Pin", "Pin this token to compare with; start a slow view"),
    _key("panel.stop", "escape", "want('stop')", "Stop", "Cancel the computation"),
    _key("panel.play", "f9", "want('play')", "Play", "Play the text a token at a time, or pause"),
    _key("panel.measure", UNBOUND, "want('measure')", "Measure", "Attention as weight, weight times norm, or rollout"),
    _key("panel.first_token", UNBOUND, "want('hide')", "First token", "Attention without the first token, or with it"),
    _key("panel.units", UNBOUND, "want('units')", "Units", "The units that matter most at this token, or all"),
    _key("panel.numbers", UNBOUND, "want('numbers')", "Numbers", "Show numbers instead of pictures"),
    _key("panel.notation", UNBOUND, "want('notation')", "Notation", "Symbols of PyTorch or of textbooks"),
]

READING: list[BindingType] = [
    _key("text.back", "left", "want('step', -1)", "Earlier", "The token before"),
    _key("text.on", "right", "want('step', 1)", "Later", "The token after"),
    _key("text.up", "up", "row(-1)", "Above", "The token above"),
    _key("text.down", "down", "row(1)", "Below", "The token below"),
    _key("text.first", "home", "want('time', 0)", "First", "The first token"),
    _key("text.live", "end", "want('live')", "Live", "Follow the typing again"),
    _key("text.grow_back", "shift+left", "want('grow', -1)", "Span back", "Make the span a token longer or shorter"),
    _key("text.grow_on", "shift+right", "want('grow', 1)", "Span on", "Make the span a token longer or shorter"),
    _key("text.enter", "enter", "enter", "Pin", "Pin this token; with a span, search the chat for ones alike"),
    _key("text.play", "f9", "want('play')", "Play", "Play the text a token at a time, or pause"),
]

CHOICE: list[BindingType] = [_key("choice.back", "escape", "leave", "Back", "Change nothing")]

HELP: list[BindingType] = [
    _key("help.back", "escape,f1,q", "leave", "Back", "Close the help"),
    _key("help.learn", "l", "learn", "Learn", "Open the lessons"),
]

_ACCEPTING: list[Binding] = [
    _key(
        "composer.accept", "tab", "accept", "Take", "Take the chosen word, the grey text or the first word", footer=True
    ),
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
    _key("composer.new_line", "ctrl+j,shift+enter,alt+enter", "new_line", "New line", "Start a new line"),
]
# While a word is chosen, this key goes before the same key of editing.
_CHOOSING = [
    _key(
        "composer.take_back",
        "delete",
        "take_back",
        "Take back",
        "Never suggest the chosen word again, and forget what was learned of it",
        footer=True,
    )
]
_RECALLING = [_key("composer.recall", "up", "recall", "Edit", "Edit the last message, in an empty draft", footer=True)]
_SENDING = [_key("composer.send", "enter", "submit", "Send", "Take the chosen word, or send", footer=True)]
_TURNING = [_key("composer.take", "enter", "take_or_break", "Take", "Take the chosen word, or start a new line")]
_TAKEN = {key for binding in [*_ACCEPTING, *_SENDING] for key in binding.key.split(",")}
_ELSEWHERE = {"f6", "f7", "pageup", "pagedown"}


def _editing(taken: set[str]) -> list[Binding]:
    """Textual's keys of a text area, without those that have another meaning here."""
    kept = []
    for binding in Binding.make_bindings(TextArea.BINDINGS):
        if binding.key not in taken and not binding.key.startswith("super+"):
            name = re.sub(r"\W+", "_", binding.action.replace("(True)", "_select"))
            kept.append(replace(binding, id=f"edit.{name}", tooltip=binding.description, show=False))
    return kept


_MOVING = [
    _key("edit.text_start", "ctrl+home", "cursor_text_start", "Beginning", "Move to the beginning of the text"),
    _key("edit.text_end", "ctrl+end", "cursor_text_end", "End", "Move to the end of the text"),
]
COMPOSER: list[BindingType] = [
    *_SENDING,
    *_RECALLING,
    *_CHOOSING,
    *_ACCEPTING,
    *_MOVING,
    *_editing(_TAKEN | _ELSEWHERE),
]
PAGE: list[BindingType] = [
    *_TURNING,
    *_CHOOSING,
    *_ACCEPTING,
    *_MOVING,
    *_editing((_TAKEN | _ELSEWHERE) - {"pageup", "pagedown"}),
]

ALL: list[BindingType] = [
    *APP,
    *CHAT,
    *WRITE,
    *TRANSLATE,
    *INSPECT,
    *TRAIN,
    *MODELS,
    *COMPARE,
    *LEARN,
    *EXPERIMENT,
    *SETTINGS,
    *COMPOSER,
    *_TURNING,
    *LIST,
    *FORM,
    *READING,
    *PANEL,
]
