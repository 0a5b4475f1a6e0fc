"""What a network did with a text, in views that a reader can trust.

A view is a value: `look` computes a `Frame` of numbers and words, and `drawing`, `svg` and `export` turn it into lines,
a picture or JSON without computing anything. A panel that follows the keys does this:

    recorder = Recorder(engine)                                        # once, on the thread that owns the engine
    recording = recorder.record(text, author=author, history=history)  # a key: one step; backspace: none
    frame = look("gates", recording, Cursor(layer=0))                  # views_of(recording) names those there are
    lines = frame_lines(frame, Paper(width=80, lines=16, colour=True)) # drawn; a line is a list of spans

The step that is recorded is the step that predicts: its place goes into the engine, and suggestions go on from there.
Every frame follows one `Cursor`: `dataclasses.replace(cursor, time=t)` moves it, and `part_lines` draws one part alone.
"""

from tui_lm.inspection.cursor import Cursor, moved, target_of
from tui_lm.inspection.drawing import Line, Paper, Span, frame_lines, part_lines, plain
from tui_lm.inspection.frame import Bars, Card, Curves, Frame, Heat, Part, Strip, Table
from tui_lm.inspection.recording import Recorder, Recording, Step, record
from tui_lm.inspection.views import VIEWS, look, views_of

__all__ = [
    "VIEWS",
    "Bars",
    "Card",
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
    "frame_lines",
    "look",
    "moved",
    "part_lines",
    "plain",
    "record",
    "target_of",
    "views_of",
]
