"""What can be asked of the inspector: a view of what goes on in a network, drawn in the thread that thinks."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, ClassVar

from textual.message import Message

from tui_lm.errors import TuiLmError
from tui_lm.tokenizers.stream import WritingContext
from tui_lm.tui.jobs.backend import Backend
from tui_lm.tui.jobs.inference import Job

if TYPE_CHECKING:
    from tui_lm.inspection import Change, Cursor, Frame, Line, Recording
    from tui_lm.settings import Settings
    from tui_lm.tui.pointer import Pointer

PATIENCE = 0.05  # seconds that one waits for gradients before something else has its turn
EDIT = "edit"  # the view of a change
LABELS, BELOW = 16, 6  # cells beside a grid, and lines around it, for the names of rows and columns
LIKELIEST = 8  # tokens that it compares
EDIT_HINT = (
    "Nothing is changed. Point at a moment, and at a unit of the gates or a head of the attention, with a click or "
    "with Shift and the arrows; then Del, or a click on edit, asks what is to stand in its place, and this view says "
    "what came of it. Ctrl+Z undoes it."
)
EDITED = "What was put into the network is not what its equations give: {}. Ctrl+Z undoes it."
UNFIT = "The change {} does not fit now: {}; {}. Ctrl+Z drops it."
SLOW_HINT = "This takes a few seconds, in a process of its own: Enter or a click asks for it, Esc calls it off."


@dataclass
class Inspected(Message):
    """A view, drawn. `views` are the names and titles of those that the model has; `labels` the tokens of the text.

    `names` and `units` can be pointed at, the units from top to bottom; `changes` are those that suit what is.
    """

    revision: int
    view: str
    lines: Sequence[Line]
    views: tuple[tuple[str, str], ...]
    labels: tuple[str, ...]
    layers: int
    heads: int
    names: tuple[str, ...] = ()
    units: tuple[int, ...] = ()
    changes: tuple[Change, ...] = ()


@dataclass
class Explaining(Message):
    """How far a view is that takes a while: `done` of `total` tokens are left out; 0 of 0 while gradients come."""

    revision: int
    done: int
    total: int


@dataclass(frozen=True)
class Sheet:
    """Where a view is drawn: cells, and how."""

    width: int
    height: int
    colour: bool = True
    dark: bool = True
    large: bool = False


@dataclass(frozen=True)
class Inspect(Job):
    """What goes on in the network, at what is pointed at. A view that takes a while says how it is asked for."""

    context: WritingContext
    view: str
    pointer: Pointer
    sheet: Sheet
    settings: Settings

    def run(self, model: Backend) -> Iterator[Message]:
        from tui_lm import inspection

        recording = self._recording(model)
        names = (*inspection.views_of(recording), EDIT, *inspection.slow_views_of(recording))
        view = self.view if self.view in names else names[0]
        if view in inspection.SLOW:
            yield self._inspected(recording, view, SLOW_HINT)
        elif self.pointer.change is not None:
            yield self._inspected(recording, view, self._edited(recording, view, self.pointer.change))
        elif view == EDIT:
            yield self._inspected(recording, view, EDIT_HINT)
        else:
            yield self._inspected(recording, view, inspection.look(view, recording, self._cursor(recording, view)))

    def _edited(self, recording: Recording, view: str, change: Change) -> Frame | str:
        """What came of a change, or a view of the network with it; in words why it cannot be."""
        import numpy as np

        from tui_lm import inspection
        from tui_lm.inspection import edits

        cursor = self._cursor(recording, view)
        try:
            if view == EDIT:
                few = replace(cursor.on(recording), cursor=replace(cursor, top=LIKELIEST))
                return edits.edit(recording, few, change, np.random.default_rng(0))
            frame = inspection.look(view, edits.edited(recording, change), cursor)
        except TuiLmError as error:
            return UNFIT.format(change.written, error.message, error.hint)
        return replace(frame, title=f"{frame.title}, edited", caption=f"{EDITED.format(change)} {frame.caption}")

    def _recording(self, model: Backend) -> Recording:
        return model.recorder.record(self.context)

    def _cursor(self, recording: Recording, view: str) -> Cursor:
        notation: Any = self.settings.notation
        return self.pointer.on(recording, notation, self.settings.temperature or 1.0, alone=view != "gates")

    def _inspected(self, recording: Recording, view: str, frame: Frame | str) -> Inspected:
        from tui_lm import inspection
        from tui_lm.inspection import Heat, Paper, Span, frame_lines, tables, units
        from tui_lm.inspection.proposals import changeable, proposals
        from tui_lm.inspection.spans import wrapped

        sheet = self.sheet
        if isinstance(frame, str):
            lines = [[Span(line)] for line in wrapped(frame, sheet.width)]
        else:
            grids = sum(isinstance(part, Heat) for part in frame.parts)
            beside = max(1, sheet.width // (len(recording) + LABELS))
            high = min(24, max(4, (sheet.height - 6) // max(1, -(-grids // beside)) - BELOW))
            paper = Paper(sheet.width, high, sheet.colour, sheet.dark, sheet.large)
            lines = frame_lines(tables.in_numbers(frame) if self.pointer.numbers else frame, paper)
        titles = [(name, inspection.VIEWS[name].title) for name in inspection.views_of(recording)]
        titles.append((EDIT, "Edit"))
        titles += ((name, inspection.SLOW[name].title) for name in inspection.slow_views_of(recording))
        place = self._cursor(recording, "gates").on(recording)
        names = changeable(recording, place.layer)
        pointed = "attention" if view == "attention" else self.pointer.name
        return Inspected(
            self.revision,
            view,
            lines,
            tuple(titles),
            recording.labels,
            recording.layers,
            heads=sum(head is not None for head in recording.heads(recording.layers - 1)),
            names=names,
            units=tuple(units.shown(recording, place)[0].tolist()),
            changes=proposals(recording, place, pointed if pointed in names else names[0]),
        )


@dataclass(frozen=True)
class Explain(Inspect):
    """A view that waits for gradients in another process. Stopped, it ends that process."""

    lasting: ClassVar[bool] = True

    def run(self, model: Backend) -> Iterator[Message]:
        from tui_lm import inspection
        from tui_lm.inspection import erasure, saliency

        recording = self._recording(model)
        cursor = self._cursor(recording, self.view)
        place = cursor.on(recording)
        process = inspection.ask(self.view, recording, cursor)
        try:
            while not process.finished(within=PATIENCE):
                yield Explaining(self.revision, 0, 0)
            answers = process.result()
        finally:
            process.cancel()
        if self.view == "why":
            lost = erasure.unknown(recording, place.time)
            for left_out, loss in erasure.erasures(recording, place.time, place.target):
                lost[left_out] = loss
                yield Explaining(self.revision, left_out + 1, len(lost))
            frame = saliency.why(recording, place, answers, lost)
        else:
            frame = inspection.answered(self.view, recording, cursor, answers)
        if self.pointer.change is not None:
            frame = replace(frame, caption=f"Of the network as it is, without the change. {frame.caption}")
        yield self._inspected(recording, self.view, frame)
