"""What an editor can configure, in its section `tui-lm`. A value that is missing or wrong is the default."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any, Self

SECTION = "tui-lm"
# Names of prose as editors write them: the protocol lists some, Vim, Emacs, Kate and Helix have their own.
PROSE = (
    "plaintext", "text", "markdown", "gfm", "quarto", "rst", "restructuredtext", "asciidoc", "org", "typst",
    "tex", "latex", "plaintex", "gitcommit", "git-commit", "mail", "email", "message",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Options:
    """`threshold` is the least probability per character of ghost text, None for the usual one. `languages` are the
    types of documents in which anything is suggested. With `learn`, words written in a document are learned when it is
    saved."""

    model: str | None = None
    author: str | None = None
    threshold: float | None = None
    languages: tuple[str, ...] = PROSE
    learn: bool = False

    @classmethod
    def read(cls, found: Any, model: str | None = None) -> tuple[Self, list[str]]:
        """The options in a configuration, and the names of those with wrong values. `model` is the default model."""
        if isinstance(found, Mapping):
            found = found.get(SECTION, found)  # some editors send the section, some what stands in it
        if not isinstance(found, Mapping):
            return cls(model=model), []
        values: dict[str, Any] = {"model": model}
        wrong = []
        for field in fields(cls):
            value = found.get(field.name)
            if value is None:
                continue
            if _fits(field.name, value):
                values[field.name] = tuple(value) if isinstance(value, list) else value
            else:
                wrong.append(field.name)
        return cls(**values), wrong


def _fits(name: str, value: Any) -> bool:
    if name == "languages":
        return isinstance(value, list) and all(isinstance(each, str) for each in value)
    if name == "learn":
        return isinstance(value, bool)
    if name == "threshold":
        return isinstance(value, int | float) and not isinstance(value, bool) and 0 < value <= 1
    return isinstance(value, str)
