"""Snapshots of whole screens that were checked by eye: characters and styles.

`TUI_LM_SNAPSHOTS=write pytest tests/tui/test_snapshots.py` writes them anew; look at what git shows then.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tui_lm.tui.app import TuiLmApp

FOLDER = Path(__file__).parent / "snapshots"
ATTRIBUTES = (("bold", "b"), ("italic", "i"), ("underline", "u"), ("reverse", "r"), ("dim", "d"))


def snapshot(app: TuiLmApp) -> str:
    """The text of the screen, then one letter per cell for its style."""
    text, marks = [], []
    for strip in app.screen._compositor.render_strips():
        line = mark = ""
        for segment in strip:
            style = segment.style
            letter = next((letter for name, letter in ATTRIBUTES if style and getattr(style, name)), ".")
            line += segment.text
            mark += letter * len(segment.text)
        text.append(line.rstrip())
        marks.append(mark.rstrip("."))
    return "\n".join([*text, "", *marks, ""])


def check(app: TuiLmApp, name: str) -> None:
    path = FOLDER / f"{name}.txt"
    if os.environ.get("TUI_LM_SNAPSHOTS") == "write":
        FOLDER.mkdir(exist_ok=True)
        path.write_text(snapshot(app), "utf-8")
    assert snapshot(app) == path.read_text("utf-8")


@pytest.mark.parametrize(
    ("name", "size", "colour"),
    [("chat-80x24", (80, 24), True), ("chat-120x36", (120, 36), True), ("chat-no-color", (80, 24), False)],
)
async def test_the_chat(start, monkeypatch, name, size, colour) -> None:
    if not colour:
        monkeypatch.setenv("NO_COLOR", "1")
    async with start(size=size) as app:
        await app.type("when?")
        await app.press("enter")
        await app.until(lambda: len(app.turns) == 2 and not app.app.screen.answering)
        await app.type("see to")
        await app.until(lambda: len(app.words) == 3 and app.ghost)
        await app.pilot.pause()
        check(app.app, name)
        if not colour:
            colours = {
                colour
                for strip in app.app.screen._compositor.render_strips()
                for segment in strip
                if segment.style
                for colour in (segment.style.color, segment.style.bgcolor)
                if colour is not None and colour.triplet is not None
            }
            assert all(colour.triplet.red == colour.triplet.green == colour.triplet.blue for colour in colours)
