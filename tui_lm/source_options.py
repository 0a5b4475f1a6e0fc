"""The options with which a source is read: format, authors, redaction. A model's card keeps them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields, replace
from typing import Any

from tui_lm.errors import DAMAGE, TuiLmError
from tui_lm.sentence_pairs import Layout
from tui_lm.source_kind import KINDS, Kind

TABLE = "table"  # the chat format whose columns can be named


def message_columns(columns: str | None, chat_format: str | None) -> tuple[str, ...]:
    """The columns of a table of messages that `columns` names; empty if it names those of sentence pairs, or nothing.

    Three names are time, sender, text; four are date, time of day, sender, text; with the table's format, two are
    sender, text.
    """
    names = tuple(name.strip() for name in (columns or "").split(","))
    is_table = len(names) in (3, 4) or (len(names) == 2 and chat_format == TABLE)
    return names if is_table and all(names) else ()


@dataclass(frozen=True, slots=True)
class SourceOptions:
    """The options with which a source is read. With a model's own, its test part is cut from the same messages again.

    `chat_format` is the name of a chat format, or the kind of the source itself, such as prose. `encoding` is
    that of files that are not UTF-8. `aliases` maps names in the export to names in the corpus. `only` and `exclude`
    are authors. With a `layout` the source is read as sentence pairs, whatever its content looks like, and with
    `message_columns` as a table of messages: time, sender, text, or sender and text. `seed` decides the split of
    sentence pairs and the canaries.

    The other options change the text; sentence pairs are never changed. `redact` is the version of the detector of
    private data (0: off), whose findings give way to placeholders. `redact_names` does the same to authors' names
    inside messages, and `alias_authors` renames the authors. `canaries` is how many are inserted into the training
    part.
    """

    chat_format: str | None = None
    date_order: str | None = None
    aliases: Mapping[str, str] = field(default_factory=dict)
    exclude: tuple[str, ...] = ()
    only: tuple[str, ...] = ()
    layout: Layout | None = None
    seed: int = 0
    redact: int = 0
    redact_names: bool = False
    alias_authors: bool = False
    canaries: int = 0
    encoding: str | None = None
    message_columns: tuple[str, ...] = ()

    @property
    def kind(self) -> Kind | None:
        """The kind that the user named: a chat's format, a layout of sentence pairs, or the kind itself."""
        named = next((kind for kind in KINDS if kind == self.chat_format), None)
        return named or ("chat" if self.chat_format or self.message_columns else "pairs" if self.layout else None)

    @property
    def columns(self) -> tuple[str, str] | None:
        """The two columns that the user named: those of text and label, or of token and tag."""
        return None if self.layout is None else (self.layout.source, self.layout.target)

    @property
    def format_of_chat(self) -> str | None:
        """The chat format that the user named, if it is one."""
        if self.message_columns:
            return TABLE
        return None if self.chat_format in KINDS else self.chat_format

    @property
    def as_written(self) -> SourceOptions:
        """The same messages by the same authors, with their text unchanged."""
        return replace(self, redact=0, redact_names=False, canaries=0)

    def to_json(self) -> dict[str, Any]:
        """The options that differ from their defaults."""
        plain = SourceOptions()
        values = {each.name: getattr(self, each.name) for each in fields(self)}
        changed = {name: value for name, value in values.items() if value != getattr(plain, name)}
        return changed | ({"layout": asdict(self.layout)} if self.layout else {})

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> SourceOptions:
        """The inverse of `to_json`. Raises TuiLmError for anything else."""
        try:
            layout = values.get("layout")
            lists = {
                name: tuple(map(str, values[name])) for name in ("exclude", "only", "message_columns") if name in values
            }
            return cls(**{**values, **lists, "layout": None if layout is None else Layout(**layout)})
        except DAMAGE as error:
            raise TuiLmError(
                "the source options in the model's card are damaged, or of a newer tui-lm",
                "update tui-lm, or train the model again",
            ) from error


PLAIN = SourceOptions()
