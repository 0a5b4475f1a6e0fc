"""What a network did with a text, in views that a reader can trust.

A view is a value: `look` computes a `Frame` of numbers and words, and `drawing`, `svg` and `export` turn it into lines,
a picture or JSON without computing anything. A panel that follows the keys does this:

    recorder = Recorder(engine)                                        # once, on the thread that owns the engine
    recording = recorder.record(WritingContext(text, author, history)) # a key: one step; backspace: none
    frame = look("gates", recording, Cursor(layer=0))                  # views_of(recording) names those there are
    lines = frame_lines(frame, Paper(width=80, lines=16, colour=True)) # drawn; a line is a list of spans

The step that is recorded is the step that predicts: its place goes into the engine, and suggestions go on from there.
Every frame follows one `Cursor`: `dataclasses.replace(cursor, time=t)` moves it, and `part_lines` draws one part alone
(`legend` is drawn from the same steps). Views of `SLOW` wait for a process with torch, so a worker asks for them:

    process = ask("why", recording, cursor)          # process.cancel(), from any thread, ends it
    frame = answered("why", recording, cursor, process.result())

`edits.edit(recording, place, Change.parse("forget.17@5=0"), generator)` shows what a change does; `edits.edited` gives
the changed recording, which every view can look at. `beside.beside(recordings, times, top)` compares models.
"""

from tui_lm.inspection.change import Change
from tui_lm.inspection.cursor import Cursor, target_of
from tui_lm.inspection.drawing import frame_lines, part_lines
from tui_lm.inspection.frame import Bars, Curves, Frame, Heat, Part, Strip, Table, TextLines
from tui_lm.inspection.grid import legend
from tui_lm.inspection.recording import Recorder, Recording, Step, record
from tui_lm.inspection.spans import Line, Paper, Span, plain
from tui_lm.inspection.views import SLOW, VIEWS, answered, ask, look, require_view, slow_views_of, views_of

__all__ = [
    "SLOW",
    "VIEWS",
    "Bars",
    "Change",
    "Cursor",
    "Curves",
    "Frame",
    "Heat",
    "Line",
    "Paper",
    "Part",
    "Recorder",
    "Recording",
    "Span",
    "Step",
    "Strip",
    "Table",
    "TextLines",
    "answered",
    "ask",
    "frame_lines",
    "legend",
    "look",
    "part_lines",
    "plain",
    "record",
    "require_view",
    "slow_views_of",
    "target_of",
    "views_of",
]
