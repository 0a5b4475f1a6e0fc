"""The lessons of docs/learn: their text, and the experiments in it, which are commands of `tui-lm inspect`."""

from __future__ import annotations

import argparse
import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tui_lm import paths

FAMILIES = {  # the networks of the models that the lessons name
    "demo": "lstm",
    "demo-gru": "gru",
    "demo-rnn": "rnn",
    "demo-llama": "llama",
    "demo-translate": "seq2seq",
}
BLOCK = re.compile(r"```console\n(.*?)```\n?", re.DOTALL)
COMMAND = re.compile(r"^\$ (tui-lm (?:.*\\\n)*.*)", re.MULTILINE)
PICTURE = re.compile(r"^!\[.*?\]\(\S+\)\n?", re.MULTILINE)
ROW_OF_PICTURES = re.compile(r"^(\|.*\|\n)\|[-|]+\|\n\| *!\[.*\n?", re.MULTILINE)
LINK = re.compile(r"\[([^\]]+)\]\((?!http)[^)]*\)")


@dataclass(frozen=True, slots=True)
class Experiment:
    """A text, the model that reads it ("" for the network by hand), and what is looked at.

    `views` are the first ones to show; `change` is an edit of the network as `--edit` writes it.
    """

    text: str
    model: str
    views: tuple[str, ...]
    layer: int | None = None
    unit: int | None = None
    head: int | None = None
    time: int | None = None
    name: str | None = None
    notation: str = ""
    measure: str = "weight"
    temperature: float = 1.0
    hide_sink: bool = False
    change: str = ""

    @property
    def what(self) -> str:
        """What is looked at, in words."""
        return f"edit {self.change}" if self.change else ", ".join(self.views)

    @property
    def label(self) -> str:
        return f"“{self.text}” · {self.model or 'the network by hand'} · {self.what}"


@dataclass(frozen=True, slots=True)
class Lesson:
    """`parts` are Markdown and experiments in reading order."""

    name: str
    title: str
    parts: tuple[str | Experiment, ...]

    @property
    def experiments(self) -> tuple[Experiment, ...]:
        return tuple(part for part in self.parts if isinstance(part, Experiment))


def lessons() -> tuple[Lesson, ...]:
    """All lessons in the order of their table of contents."""
    folder = paths.lessons()
    names = re.findall(r"^\d+\. \[[^\]]+\]\((\S+)\.md\)", (folder / "README.md").read_text("utf-8"), re.MULTILINE)
    return tuple(read(folder / f"{name}.md") for name in names)


def read(page: Path) -> Lesson:
    text = page.read_text("utf-8")
    title, _, text = text.partition("\n")
    text = PICTURE.sub("", ROW_OF_PICTURES.sub("", text))
    parts: list[str | Experiment] = []
    at = 0
    for block in BLOCK.finditer(text):
        parts += [_words(text[at : block.start()]), *_experiments(block[1])]
        at = block.end()
    parts.append(_words(text[at:]))
    return Lesson(page.stem, title.removeprefix("# "), tuple(part for part in parts if part))


def _words(markdown: str) -> str:
    """Markdown without links to files that the app does not show."""
    return LINK.sub(r"\1", markdown).strip()


def _experiments(block: str) -> Iterator[str | Experiment]:
    for command in COMMAND.findall(block):
        _, verb, *arguments = shlex.split(command.replace("\\\n", " "))
        if verb == "inspect":
            yield _experiment(arguments)
        else:
            yield f"```\n{command}\n```"


def _experiment(arguments: list[str]) -> Experiment:
    parser = argparse.ArgumentParser()
    parser.add_argument("text")
    parser.add_argument("-m", dest="model", default="")
    parser.add_argument("--show", default="")
    for option in ("--layer", "--unit", "--head", "--time"):
        parser.add_argument(option, type=int)
    parser.add_argument("--name")
    parser.add_argument("--notation", default="")
    parser.add_argument("--measure", default="weight")
    parser.add_argument("--temperature", type=float, default=1.0)
    parser.add_argument("--hide-sink", action="store_true")
    parser.add_argument("--edit", dest="change", default="")
    found, _ = parser.parse_known_args(arguments)
    values = vars(found)
    views = tuple(name for name in values.pop("show").split(",") if name) or (("edit",) if found.change else ("gates",))
    return Experiment(views=views, **values)
