"""Jobs for the inspector: a view of what goes on in a network, drawn in the inference thread."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, ClassVar

from textual.message import Message

from tui_lm.errors import TuiLmError
from tui_lm.inspection.cursor import Control, Cursor, Shade
from tui_lm.tui.jobs.backend import Backend
from tui_lm.tui.jobs.inference import InferenceJob
from tui_lm.tui.jobs.subjects import Subject

if TYPE_CHECKING:
    from tui_lm.inspection.change import Change
    from tui_lm.inspection.cursor import ResolvedCursor
    from tui_lm.inspection.frame import Frame
    from tui_lm.inspection.recording import Recording
    from tui_lm.inspection.spans import Line, Span
    from tui_lm.inspection.view import AnyView
    from tui_lm.settings import Settings
    from tui_lm.tui.jobs.pointer import Pointer

EDIT = "edit"  # the view that shows what a change does
LABELS, BELOW = 16, 6  # cells beside a grid, and lines around it, for the names of rows and columns
LIKELIEST = 8  # tokens that the edit view compares
EDIT_HINT = (
    "Point at a step, and at a unit of the gates or a head of the attention, with a click or with "
    "Shift and the arrow keys. Del, or a click on edit, then asks for the new value, and this view shows its effect. "
    "Ctrl+Z undoes it."
)
EDITED = "The network is edited: {}. Ctrl+Z undoes it."
UNFIT = "The change {} does not fit this text: {}; {}. Ctrl+Z drops it."
UNEDITED = "Of the network as trained, without the edit."
SEARCH_HINTS = {
    "track": "Which unit best tracks something said, such as “inside a word” or “author = Bea”? Enter asks what, "
    "searches the units over a chat, and scores the best on text that was not searched, beside random directions.",
    "alike": "Where else in a chat are the same units on? Choose a span of the text with Shift and the arrow keys, or "
    "by dragging with the mouse; Enter then searches a chat.",
}
SLOW_HINT = "This takes a few seconds. Enter or a click starts it, Esc cancels it."


@dataclass(frozen=True)
class ShadedToken:
    """A token on the colour of its value; without colours, `mark` stands for the value."""

    label: str
    foreground: str | None = None
    background: str | None = None
    mark: str = ""


@dataclass(frozen=True)
class Shaded:
    """The text, shaded by what `title` says."""

    title: str
    tokens: tuple[ShadedToken, ...]
    scales: tuple[tuple[Span, ...], ...]
    colour: bool


@dataclass
class Inspected(Message):
    """A drawn view, and what can be pointed at.

    `scales` are those of the grids in `lines`. `views` are the names and titles of the views that the model has,
    `labels` the tokens of the text, `shaded` the same by one of `shades`. `units` stand from top to bottom; `changes`
    suit what is pointed at. `found` marks the result of a slow view, `unit` of `unit_of` the unit that it found.
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
    controls: tuple[Control, ...] = ()
    slow: bool = False
    scales: Sequence[Line] = ()
    shaded: Shaded | None = None
    shades: tuple[Shade, ...] = ()
    found: bool = False
    unit: int | None = None
    unit_of: str = ""


@dataclass
class Explaining(Message):
    """How far a slow view is."""

    revision: int
    progress: str


@dataclass(frozen=True)
class Sheet:
    """The size of a drawing in cells, and how it is drawn. The shaded text is made if `text_width` is given."""

    width: int
    height: int
    colour: bool = True
    dark: bool = True
    large: bool = False
    text_width: int = 0


@dataclass(frozen=True)
class Inspect(InferenceJob):
    """What goes on in the network at the cursor. A slow view only shows its preview, and says how to start it."""

    subject: Subject
    view: str
    pointer: Pointer
    sheet: Sheet
    settings: Settings

    @property
    def needs_model(self) -> bool:
        return self.subject.needs_model

    def run(self, model: Backend | None) -> Iterator[Message]:
        from tui_lm.inspection import views

        recording = self.subject.recording(model)
        own = views.views_of(recording)
        view = next((view for view in own if self.view in (view.name, *view.aliases)), own[0])
        cursor = self._cursor(recording)
        if view.slow:
            hint = SEARCH_HINTS.get(view.name, SLOW_HINT)
            yield self._inspected(recording, view, cursor, self._preview(recording, view, cursor, hint))
        elif cursor.change is not None:
            yield self._inspected(recording, view, cursor, self._edited(recording, view, cursor, cursor.change))
        elif view.needs_change:
            yield self._inspected(recording, view, cursor, self._preview(recording, view, cursor, EDIT_HINT))
        else:
            yield self._inspected(recording, view, cursor, views.look(view.name, recording, cursor))

    def _preview(self, recording: Recording, view: AnyView, cursor: Cursor, hint: str) -> Frame | str:
        """What a view shows before it was asked for, with a hint; only the hint if it has nothing to show."""
        if view.preview is None:
            return hint
        frame = view.preview(recording, replace(cursor, top=LIKELIEST).on(recording))
        return hint if frame is None else replace(frame, caption=hint)

    def _edited(self, recording: Recording, view: AnyView, cursor: Cursor, change: Change) -> Frame | str:
        """What a change does, or a view of the changed network; in words why that cannot be."""
        from tui_lm.inspection import edits, views

        try:
            if view.needs_change:
                return views.look(view.name, recording, replace(cursor, top=LIKELIEST))
            frame = views.look(view.name, edits.edited(recording, change), cursor)
        except TuiLmError as error:
            return UNFIT.format(change.written, error.message, error.hint)
        return replace(frame, title=f"{frame.title}, edited", caption=f"{EDITED.format(change)} {frame.caption}")

    def _cursor(self, recording: Recording) -> Cursor:
        notation: Any = self.settings.notation
        temperature = self.settings.temperature or 1.0
        return replace(self.pointer.cursor.within(recording), notation=notation, temperature=temperature)

    def _inspected(self, recording: Recording, view: AnyView, cursor: Cursor, frame: Frame | str) -> Inspected:
        from tui_lm.inspection import tables, units, views
        from tui_lm.inspection.drawing import frame_lines, scale_lines
        from tui_lm.inspection.frame import Heat
        from tui_lm.inspection.proposals import changeable, proposals
        from tui_lm.inspection.shading import shades_of
        from tui_lm.inspection.spans import Paper, Span, wrapped

        sheet = self.sheet
        scales: Sequence[Line] = ()
        if isinstance(frame, str):
            lines = [[Span(line)] for line in wrapped(frame, sheet.width)]
        else:
            grids = sum(isinstance(part, Heat) for part in frame.parts)
            beside = max(1, sheet.width // (len(recording) + LABELS))
            high = min(24, max(4, (sheet.height - 6) // max(1, -(-grids // beside)) - BELOW))
            paper = Paper(sheet.width, high, sheet.colour, sheet.dark, sheet.large)
            drawn = tables.in_numbers(frame) if self.pointer.numbers else frame
            lines, scales = frame_lines(drawn, paper, scales=False), scale_lines(drawn, paper)
        resolved = cursor.on(recording)
        names = changeable(recording, resolved.layer)
        of_heads = "head" in view.controls and "unit" not in view.controls
        name = "attention" if of_heads else cursor.name
        return Inspected(
            self.revision,
            view.name,
            lines,
            tuple((own.name, own.title) for own in views.views_of(recording)),
            recording.labels,
            recording.layers,
            heads=sum(head is not None for head in recording.heads(recording.layers - 1)),
            names=names,
            units=tuple(units.shown(recording, resolved)[0].tolist()),
            changes=proposals(recording, resolved, name if name in names else names[0]),
            controls=view.controls,
            slow=view.slow,
            scales=scales,
            shaded=self._shaded(recording, resolved) if sheet.text_width else None,
            shades=shades_of(recording),
        )

    def _shaded(self, recording: Recording, cursor: ResolvedCursor) -> Shaded:
        from tui_lm.inspection import colours, grid, shading
        from tui_lm.inspection.spans import Paper, clusters

        sheet = self.sheet
        strip = shading.shading(recording, cursor)
        palette = colours.colours(strip.scale, dark=sheet.dark)
        tokens = []
        for label, level in zip(
            strip.labels, colours.level_of(strip.values, strip.scale, strip.limit).tolist(), strict=True
        ):
            text = "".join(clusters(label))
            if level == colours.NOTHING:
                tokens.append(ShadedToken(text))
            elif sheet.colour:
                tokens.append(ShadedToken(text, colours.ink(palette[level]), palette[level]))
            else:
                tokens.append(ShadedToken(text, mark=colours.character(level, strip.scale)))
        paper = Paper(sheet.text_width, colour=sheet.colour, dark=sheet.dark)
        scale = tuple(grid.legend(strip.scale, strip.limit, paper, f" {strip.unit}".rstrip()))
        return Shaded(strip.title, tuple(tokens), (scale,), sheet.colour)


@dataclass(frozen=True)
class Explain(Inspect):
    """A slow view. Stopping the job cancels the work."""

    lasting: ClassVar[bool] = True

    def run(self, model: Backend | None) -> Iterator[Message]:
        from tui_lm.inspection import views

        recording = self.subject.recording(model)
        cursor = self._cursor(recording)
        view = views.require_view(self.view, recording)
        working = views.work(view, recording, cursor)
        try:
            while True:
                yield Explaining(self.revision, str(next(working)))
        except StopIteration as end:
            frame: Frame = end.value
        finally:
            working.close()
        if cursor.change is not None:
            frame = replace(frame, caption=f"{UNEDITED} {frame.caption}")
        inspected = self._inspected(recording, view, cursor, frame)
        inspected.found, inspected.unit, inspected.unit_of = True, frame.unit, frame.unit_of
        yield inspected
