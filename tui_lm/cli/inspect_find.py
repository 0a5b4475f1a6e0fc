"""`tui-lm inspect --find`: what the units of a network do in a chat."""

from __future__ import annotations

from collections.abc import Generator
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from tui_lm.errors import TuiLmError

if TYPE_CHECKING:
    from tui_lm.inspection import view as inspection_view
    from tui_lm.inspection.cursor import Cursor
    from tui_lm.inspection.frame import Frame
    from tui_lm.inspection.recording import Recording

T = TypeVar("T")


def find(recording: Recording, cursor: Cursor) -> dict[str, Frame]:
    """What is searched in the chat of `cursor.search`: a unit that tracks something, stretches like the span, or both.

    Without these, the positions where the unit of the cursor fired, or the units that matter most at its step fired
    together. Raises TuiLmError for a translator.
    """
    from tui_lm.inspection import views

    if recording.source:
        raise TuiLmError("--find does not work with a translator", "give a language model with -m", exit_code=2)
    assert cursor.search is not None  # of --find
    asked = {"track": bool(cursor.search.track), "alike": cursor.span is not None}
    names = [name for name, wanted in asked.items() if wanted]
    if not names:
        return {"find": _where_else(recording, cursor)}
    return {name: _done(views.work(views.VIEWS[name], recording, cursor)) for name in names}


def _where_else(recording: Recording, cursor: Cursor) -> Frame:
    from tui_lm.inspection import concordance, units
    from tui_lm.inspection.chat_index import chat_index

    resolved = cursor.on(recording)
    chat = _done(chat_index(recording, resolved))
    if cursor.unit is not None:
        hits = concordance.of_unit(chat.index, cursor.unit, cursor.top)
        said = f"Unit {cursor.unit}, {chat.what}"
        return concordance.found(recording, chat.index, hits, chat.utterances, said, "value")
    chosen = units.telling(recording, resolved, cursor.top)
    values = recording.at(resolved.time, resolved.layer, chat.name)[chosen]
    hits = concordance.of_pattern(chat.index, chosen.tolist(), values, cursor.top)
    said = f"The {len(chosen)} units that matter most at step {resolved.time}, {chat.what}, active together"
    return concordance.found(recording, chat.index, hits, chat.utterances, said, "active units")


def span(written: str, steps: int) -> tuple[int, int]:
    """The steps of "3:8". Raises TuiLmError if the text lacks them."""
    first, _, last = written.partition(":")
    if not (first.isdecimal() and last.isdecimal()) or not int(first) <= int(last) < steps:
        raise TuiLmError(
            f"{written} is no span of the text", f"give its first and last step, within 0:{steps - 1}", exit_code=2
        )
    return int(first), int(last)


def forget(folder: Path) -> bool:
    from tui_lm.inspection import concordance

    return concordance.forget(folder)


def _done(work: Generator[inspection_view.Progress, None, T]) -> T:
    """The result of the work, with a progress bar if stderr is a terminal."""
    from rich.console import Console
    from rich.progress import Progress

    console = Console(stderr=True)
    with Progress(console=console, disable=not console.is_terminal, transient=True) as bar:
        task = bar.add_task("reading", total=None)
        while True:
            try:
                told = next(work)
            except StopIteration as end:
                result: T = end.value
                return result
            bar.update(task, description=told.doing, completed=told.done, total=told.total or None)
