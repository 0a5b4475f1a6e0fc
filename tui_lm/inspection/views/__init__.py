"""The table of views. A new view is a file in this folder and a line here: docs/add-a-view.md."""

from __future__ import annotations

from collections.abc import Generator, Mapping

from tui_lm.errors import TuiLmError
from tui_lm.inspection.cursor import Cursor
from tui_lm.inspection.frame import Frame
from tui_lm.inspection.recording import Recording
from tui_lm.inspection.view import AnyView, Progress, SlowView
from tui_lm.inspection.views import (
    alike,
    attention,
    attribution,
    edit,
    encoder,
    equations,
    gates,
    gradients,
    ledger,
    lens,
    meanings,
    nearest,
    next_token,
    saturation,
    surprisal,
    text,
    track,
    why,
    word_map,
)

# In the order in which they are shown: the most informative first, slow views last.
_TABLE: tuple[AnyView, ...] = (
    next_token.VIEW,
    surprisal.VIEW,
    text.VIEW,
    gates.VIEW,
    saturation.VIEW,
    attention.VIEW,
    encoder.VIEW,
    ledger.VIEW,
    attribution.VIEW,
    equations.VIEW,
    lens.VIEW,
    meanings.VIEW,
    nearest.VIEW,
    word_map.VIEW,
    edit.VIEW,
    why.VIEW,
    gradients.VIEW,
    track.VIEW,
    alike.VIEW,
)
VIEWS: Mapping[str, AnyView] = {view.name: view for view in _TABLE}


def views_of(recording: Recording) -> tuple[AnyView, ...]:
    """The views that have something to show of this model."""
    return tuple(view for view in VIEWS.values() if view.fits(recording))


def shown_at_once(recording: Recording) -> tuple[str, ...]:
    """The names of those that need neither seconds nor a change."""
    return tuple(view.name for view in views_of(recording) if not view.slow and not view.needs_change)


def view_of(name: str) -> AnyView | None:
    """The view called `name`, now or formerly."""
    return VIEWS.get(name) or next((view for view in VIEWS.values() if name in view.aliases), None)


def require_view(name: str, recording: Recording) -> AnyView:
    """The view called `name`. Raises TuiLmError if there is none, or if the view does not fit the model."""
    view = view_of(name)
    if view is None:
        raise TuiLmError(f"there is no view {name}", f"views: {', '.join(VIEWS)}", exit_code=2)
    if not view.fits(recording):
        label = recording.architecture.label
        raise TuiLmError(f"{label} has no view {name}", f"it has {', '.join(shown_at_once(recording))}", exit_code=2)
    return view


def work(view: AnyView, recording: Recording, cursor: Cursor) -> Generator[Progress, None, Frame]:
    """Draw a view, slow or not: yields progress, returns the frame. Closing the generator cancels the work.

    Raises TuiLmError if the recording lacks the layer, unit or step of the cursor.
    """
    if view.needs_change and cursor.change is None:
        raise TuiLmError(f"the view {view.name} needs a change", "for example forget.17@5=0", exit_code=2)
    resolved = cursor.on(recording)
    if isinstance(view, SlowView):
        return (yield from view.work(recording, resolved))
    return view.draw(recording, resolved)


def look(name: str, recording: Recording, cursor: Cursor | None = None) -> Frame:
    """The frame of a view, however long it takes. Raises TuiLmError if this model does not have the view."""
    working = work(require_view(name, recording), recording, cursor or Cursor())
    while True:
        try:
            next(working)
        except StopIteration as end:
            frame: Frame = end.value
            return frame
