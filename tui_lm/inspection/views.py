"""Every view by name. `look` makes a frame of a recording at a cursor; nothing is computed after that.

Views that need gradients are asked for in two parts, since they wait for another process: `ask`, then `answered`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tui_lm.errors import TuiLmError
from tui_lm.inspection import attention, equations, gates, ledger, lens, next_token, saliency, vanishing
from tui_lm.inspection.cursor import Cursor, Place
from tui_lm.inspection.frame import Frame
from tui_lm.inspection.gradient_process import GradientProcess
from tui_lm.inspection.recording import Recording

Test = Callable[[Recording], bool]


def every(recording: Recording) -> bool:
    return True


def gated(recording: Recording) -> bool:
    return recording.cell is not None and recording.cell.memory is not None


def attends(recording: Recording) -> bool:
    return bool(recording.heads(recording.layers - 1))


def transformer(recording: Recording) -> bool:
    return recording.family in ("llama", "gpt2")


def translates(recording: Recording) -> bool:
    return bool(recording.source)


@dataclass(frozen=True, slots=True)
class View:
    """`fits` says whether a model has something to show here."""

    name: str
    title: str
    fits: Test
    draw: Callable[[Recording, Place], Frame]


VIEWS: Mapping[str, View] = {
    view.name: view
    for view in (
        View("next", "Next token", every, next_token.next_token),
        View("surprisal", "Surprisal", every, next_token.surprisal),
        View("gates", "Gates", every, gates.gates),
        View("saturation", "Saturation", gated, gates.saturation),
        View("attention", "Attention", attends, attention.attention),
        View("encoder", "Encoder", translates, gates.encoder),
        View("ledger", "Memory", gated, ledger.ledger),
        View("votes", "Votes", every, ledger.votes),
        View("equations", "Equations", every, equations.equations),
        View("lens", "Lens", transformer, lens.lens),
        View("nearest", "Nearest", every, lens.nearest),
    )
}


@dataclass(frozen=True, slots=True)
class SlowView:
    """A view that waits for another process: what it asks there, and what it makes of the answers."""

    name: str
    title: str
    fits: Test
    requests: Callable[[Recording, Place], Sequence[Mapping[str, Any]]]
    draw: Callable[[Recording, Place, Sequence[Any]], Frame]


SLOW: Mapping[str, SlowView] = {
    view.name: view
    for view in (
        SlowView("why", "Why", every, saliency.requests, saliency.why),
        SlowView("gradients", "Gradients", every, vanishing.requests, vanishing.by_distance),
    )
}


def views_of(recording: Recording) -> tuple[str, ...]:
    """The names of the views that this model has at once, the most telling first."""
    return tuple(view.name for view in VIEWS.values() if view.fits(recording))


def slow_views_of(recording: Recording) -> tuple[str, ...]:
    """Those that it has to be asked for."""
    return tuple(view.name for view in SLOW.values() if view.fits(recording))


def look(name: str, recording: Recording, cursor: Cursor | None = None) -> Frame:
    """The frame of a view. Raises TuiLmError for a view that there is not, here or at all."""
    cursor = cursor or Cursor()
    require_view(name, recording)
    if name in SLOW:
        return answered(name, recording, cursor, ask(name, recording, cursor).result())
    return VIEWS[name].draw(recording, cursor.on(recording))


def ask(name: str, recording: Recording, cursor: Cursor) -> GradientProcess:
    """Begin a slow view. `result()` of what is returned waits for the answers; `cancel()` ends it."""
    return GradientProcess(SLOW[name].requests(recording, cursor.on(recording)))


def answered(name: str, recording: Recording, cursor: Cursor, answers: Sequence[Any]) -> Frame:
    """The frame of a slow view, of the same recording and cursor that it was asked with."""
    return SLOW[name].draw(recording, cursor.on(recording), answers)


def require_view(name: str, recording: Recording) -> None:
    view = VIEWS.get(name) or SLOW.get(name)
    if view is None:
        raise TuiLmError(f"there is no view called {name}", f"views: {', '.join((*VIEWS, *SLOW))}", exit_code=2)
    if not view.fits(recording):
        raise TuiLmError(
            f"{recording.architecture.label} has no view {name}",
            f"it has {', '.join(views_of(recording))}",
            exit_code=2,
        )
