"""The definition of an inspector view: its name, function, requirements and controls.

The file of a view ends with its `VIEW`; `tui_lm/inspection/views/__init__.py` lists them. docs/add-a-view.md shows how
to add one.
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from dataclasses import dataclass
from typing import ClassVar

from tui_lm.inspection.cursor import Control, ResolvedCursor
from tui_lm.inspection.frame import Frame
from tui_lm.inspection.recording import Recording


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a slow view is: `done` of `total`, both 0 where that is not known."""

    doing: str
    done: int = 0
    total: int = 0

    def __str__(self) -> str:
        return f"{self.doing}: {self.done} of {self.total}" if self.total else self.doing


Draw = Callable[[Recording, ResolvedCursor], Frame]
Preview = Callable[[Recording, ResolvedCursor], Frame | None]
Work = Callable[[Recording, ResolvedCursor], Generator[Progress, None, Frame]]


def is_gated(recording: Recording) -> bool:
    """Whether the cell has gates that keep and write its state."""
    return recording.cell is not None and recording.cell.memory is not None


def every_model(recording: Recording) -> bool:
    return True


@dataclass(frozen=True, slots=True)
class View:
    """A view that is drawn at every key.

    `name` is what `inspect --show` takes, `title` what the panel's tab says. `fits` tells whether a model has anything
    to show here. A view with `needs_change` shows what `Cursor.change` does, so it is not drawn without one; `preview`
    is what the app shows meanwhile. `aliases` are former names.
    """

    name: str
    title: str
    draw: Draw
    fits: Callable[[Recording], bool] = every_model
    controls: tuple[Control, ...] = ()
    needs_change: bool = False
    aliases: tuple[str, ...] = ()
    preview: Preview | None = None
    slow: ClassVar[bool] = False


@dataclass(frozen=True, slots=True)
class SlowView:
    """A view that takes seconds, so it is drawn only on request.

    `work` yields its progress and returns the frame. Closing the generator cancels the work. `preview` draws what can
    be shown at once, until the view is asked for; None if it has nothing to show of a recording.
    """

    name: str
    title: str
    work: Work
    fits: Callable[[Recording], bool] = every_model
    controls: tuple[Control, ...] = ()
    aliases: tuple[str, ...] = ()
    preview: Preview | None = None
    needs_change: ClassVar[bool] = False
    slow: ClassVar[bool] = True


AnyView = View | SlowView
