"""The questions about chats: which one to go back to, its name, and the file to write it to."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from tui_lm import atomic_file
from tui_lm.safe_text import visible
from tui_lm.tui.host import Host
from tui_lm.tui.keeping.dialogue import Dialogue
from tui_lm.tui.keeping.markdown import as_markdown
from tui_lm.tui.screens.choice import ChoiceScreen
from tui_lm.tui.screens.question import AskScreen
from tui_lm.tui.terminal.notices import Notices
from tui_lm.tui.widgets.path_field import Paths


def go_back(host: Host, talk: Dialogue, then: Callable[[], None]) -> None:
    """Ask for one of the kept chats, and call `then` when the dialogue goes on with it."""

    def chosen(index: int | None) -> None:
        if index is not None:
            talk.go_back(index)
            then()

    texts = [" ".join([chat.name, *(f"{author} {text}" for author, text, _ in chat.turns)]) for chat in talk.kept]
    host.ask(ChoiceScreen("Chats", [chat.name for chat in talk.kept], 0, searched=texts), chosen)


def rename(host: Host, talk: Dialogue, then: Callable[[], None]) -> None:
    def answered(title: str | None) -> None:
        if title is not None:
            talk.title = title
            then()

    host.ask(AskScreen("What is the chat called?", talk.chat.name), answered)


def save(host: Host, notices: Notices, talk: Dialogue) -> None:
    """Ask for a file, and write the chat to it. The file is private: other users cannot read it."""

    def wrong(path: str) -> str:
        return "a file of this name exists" if Path(path).expanduser().exists() else ""

    def answered(path: str | None) -> None:
        if path is None:
            return
        try:
            atomic_file.write(Path(path).expanduser(), as_markdown(talk.chat).encode("utf-8", "surrogatepass"))
        except OSError as error:
            notices.say_once(f"The chat was not written: {error.strerror}.")
        else:
            host.notify(f"The chat was written to {visible(path)}.", markup=False)

    name = "-".join("".join(c if c.isalnum() else " " for c in talk.chat.name).split()).lower() or "chat"
    host.ask(AskScreen("Write the chat where?", f"{name}.md", suggester=Paths(), wrong=wrong), answered)
