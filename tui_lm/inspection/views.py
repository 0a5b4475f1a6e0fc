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

RECURRENT = ("rnn", "lstm", "gru")
TRANSFORMERS = ("llama", "gpt2")
EVERY = (*RECURRENT, *TRANSFORMERS)


@dataclass(frozen=True, slots=True)
class View:
    """`families` are those that have something to show here."""

    name: str
    title: str
    families: tuple[str, ...]
    draw: Callable[[Recording, Place], Frame]


VIEWS: Mapping[str, View] = {
    view.name: view
    for view in (
        View("next", "Next token", EVERY, next_token.next_token),
        View("surprisal", "Surprisal", EVERY, next_token.surprisal),
        View("gates", "Gates", EVERY, gates.gates),
        View("saturation", "Saturation", ("lstm", "gru"), gates.saturation),
        View("attention", "Attention", TRANSFORMERS, attention.attention),
        View("ledger", "Memory", ("lstm", "gru"), ledger.ledger),
        View("votes", "Votes", EVERY, ledger.votes),
        View("equations", "Equations", EVERY, equations.equations),
        View("lens", "Lens", TRANSFORMERS, lens.lens),
        View("nearest", "Nearest", EVERY, lens.nearest),
    )
}


@dataclass(frozen=True, slots=True)
class SlowView:
    """A view that waits for another process: what it asks there, and what it makes of the answers."""

    name: str
    title: str
    families: tuple[str, ...]
    requests: Callable[[Recording, Place], Sequence[Mapping[str, Any]]]
    draw: Callable[[Recording, Place, Sequence[Any]], Frame]


SLOW: Mapping[str, SlowView] = {
    view.name: view
    for view in (
        SlowView("why", "Why", EVERY, saliency.requests, saliency.why),
        SlowView("gradients", "Gradients", EVERY, vanishing.requests, vanishing.by_distance),
    )
}


def views_of(recording: Recording) -> tuple[str, ...]:
    """The names of the views that this model has at once, the most telling first."""
    return tuple(view.name for view in VIEWS.values() if recording.family in view.families)


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
    if recording.family not in view.families:
        raise TuiLmError(
            f"a model of the family {recording.family} has no view {name}",
            f"it has {', '.join(views_of(recording))}",
            exit_code=2,
        )
