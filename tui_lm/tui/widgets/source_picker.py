"""The choice of a source: a path that completes, a folder tree, a preview of the file, and training options."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from textual import on, work
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.content import Content
from textual.message import Message
from textual.widgets import DirectoryTree, Input, Static

from tui_lm.cells import CELLS
from tui_lm.safe_text import visible_line
from tui_lm.tui.jobs.source_preview import Seen, read
from tui_lm.tui.widgets.calm import Calm
from tui_lm.tui.widgets.form import Field, Form
from tui_lm.tui.widgets.path_field import FolderTree, PathField

PATIENCE = 0.3  # seconds without a key until the file is previewed
NOBODY = "nobody"
FROM_SCRATCH = "a new model"
NETWORKS = ("auto", *CELLS, "llama")
SIZES = ("auto", "tiny", "small", "base")


class SourcePicker(Calm, Vertical):
    """`source` is the first path. The screen answers `Form.Wanted` with a question for the value, and calls `set`."""

    @dataclass
    class Sought(Message):
        """The path has changed."""

        source: str

    def __init__(self, source: str = "") -> None:
        super().__init__()
        self._source = source
        self.seen: Seen | None = None
        self.seen_of: Path | None = None
        self.bases: tuple[str, ...] = ()  # models that a training can go on from
        self.values: dict[str, Any] = {
            "minutes": 3.0,
            "base": FROM_SCRATCH,
            "network": "auto",
            "size": "auto",
            "me": NOBODY,
            "name": "",
        }

    def compose(self) -> ComposeResult:
        with Horizontal(id="where") as where:
            where.border_title = "Learn from"
            yield PathField(self._source)
        with Horizontal(id="halves"):
            tree = FolderTree(Path.cwd())
            tree.border_title = "Files"
            yield tree
            with VerticalScroll(id="sees") as sees:
                sees.border_title = "Preview and options"
                yield Static(id="preview")
                yield Form(self._fields())
                yield Static(id="examples")

    def on_mount(self) -> None:
        self._show()
        if self._source:
            self._look(self._source)

    @property
    def path(self) -> Path:
        return Path(self.query_one(PathField).value.strip()).expanduser()

    def _fields(self) -> list[Field]:
        values = self.values
        fields = [
            Field(
                "minutes", "Minutes", "Minutes to train", values["minutes"], low=0.1, high=30, step=0.5, limit=10_000
            ),
        ]
        if values["base"] == FROM_SCRATCH:
            fields += [
                Field("network", "Network", "auto suits most sources", values["network"], choices=NETWORKS),
                Field("size", "Size", "auto chooses by the amount of text and time", values["size"], choices=SIZES),
            ]
        fields.append(Field("name", "Name", "Enter changes it", values["name"] or "named after the file"))
        if self.bases:
            about = "a newer export of its chat adds what is new"
            fields.append(Field("base", "Goes on from", about, values["base"], choices=(FROM_SCRATCH, *self.bases)))
        if self.seen is not None and self.seen.is_chat:
            authors = (NOBODY, *self.seen.authors)
            fields.insert(0, Field("me", "You are", "F4 chooses", values["me"], choices=authors))
        return fields

    # What is chosen

    @on(Input.Changed)
    def _typed(self, message: Input.Changed) -> None:
        self._look(message.value)

    @on(DirectoryTree.FileSelected)
    def _selected(self, message: DirectoryTree.FileSelected) -> None:
        field = self.query_one(PathField)
        field.value = str(message.path)
        field.cursor_position = len(field.value)

    @work(exclusive=True, exit_on_error=False)
    async def _look(self, value: str) -> None:
        """Preview the file once nothing has been typed for a moment."""
        if self.seen is not None:
            self.seen = None
            self._show()
        path = Path(value.strip()).expanduser()
        self.post_message(self.Sought(value.strip()))
        if not value.strip() or not await asyncio.to_thread(path.is_file):
            return
        await asyncio.sleep(PATIENCE)
        self.query_one("#preview", Static).update(Content.styled("reading", "$foreground-muted"))
        seen = await read(path)
        self.seen, self.seen_of = seen, path
        if self.values["me"] not in seen.authors:
            self.values["me"] = NOBODY
        self._show()

    def _show(self) -> None:
        self.query_one("#preview", Static).update(Content("\n").join(self._lines()))
        self.query_one("#examples", Static).update(Content("\n").join(self._examples()))
        form = self.query_one(Form)
        form.display = self.seen is not None and not self.seen.error
        form.show(self._fields())
        self.screen.refresh_bindings()

    def _lines(self) -> Iterator[Content]:
        seen = self.seen
        if seen is None:
            yield Content.styled(
                "Choose a chat export, a text, or sentence pairs.\nA preview of it appears here.",
                "$foreground-muted",
            )
            if (base := self.values["base"]) != FROM_SCRATCH:
                yield Content(f"{visible_line(base)} will be trained on it: its own chat again, or another one.")
            return
        if seen.error:
            yield Content.styled(visible_line(seen.error), "$text-error")
            yield Content(visible_line(seen.hint))
            return
        yield Content.styled(visible_line(seen.format), "bold $text-accent")
        if seen.is_chat:
            yield Content(f"{seen.messages:,} messages, {seen.first} to {seen.last}")
            names = [f"{visible_line(name)} {count:,}" for name, count in list(seen.authors.items())[:6]]
            more = len(seen.authors) - len(names)
            yield Content(", ".join(names) + (f" and {more} more" if more > 0 else ""))
        for warning in seen.warnings[:3]:
            yield Content.styled(visible_line(warning), "$text-warning")
        yield Content("")

    def _examples(self) -> Iterator[Content]:
        for author, text in self.seen.examples if self.seen is not None else ():
            name = Content.styled(visible_line(author), "bold $text-primary")
            yield Content.assemble(name, " ", visible_line(text)[:120])

    # How to train

    def offer(self, bases: Sequence[str], wanted: str = "") -> None:
        """Offer models that a training can go on from; `wanted` is chosen."""
        self.bases = tuple(bases)
        if wanted in bases:
            self.values["base"] = wanted
        elif self.values["base"] not in bases:
            self.values["base"] = FROM_SCRATCH
        self._show()

    @on(Form.Changed)
    def _changed(self, message: Form.Changed) -> None:
        message.stop()
        self.values[message.name] = message.value
        self._show()

    def set(self, name: str, value: str) -> None:
        """Set the field `name` to an answer of the user."""
        self.values[name] = value
        self._show()

    @property
    def me_field(self) -> Field:
        """The field for the author that the user is."""
        return self._fields()[0]

    def arguments(self) -> list[str]:
        """The arguments of `tui-lm` for the training that is set up here."""
        values = self.values
        wanted = ["train", str(self.path.resolve()), "--minutes", f"{values['minutes']:g}"]
        if values["base"] != FROM_SCRATCH:
            wanted += ["--from", values["base"]]
        elif values["network"] != "auto":
            wanted += ["--arch", values["network"]]
        if values["base"] == FROM_SCRATCH and values["size"] != "auto":
            wanted += ["--size", values["size"]]
        if values["name"]:
            wanted += ["--name", values["name"]]
        if values["me"] != NOBODY and self.seen is not None and self.seen.is_chat:
            wanted += ["--me", values["me"]]
        return wanted

    @property
    def why_not_yet(self) -> str:
        """Why the training cannot start, or ""."""
        if self.seen is None:
            return (
                "no file is chosen"
                if not self.query_one(PathField).value
                else "the file is being read, or does not exist"
            )
        return visible_line(self.seen.error)
