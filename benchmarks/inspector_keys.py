"""What does a key cost in the inspector: the recorded step, and each view of it?

    python benchmarks/inspector_keys.py MODEL [--views attention,lens,surprisal,meanings]

A text is typed key by key after six messages. Processor milliseconds, p50 and p95; wall time depends on what else runs.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable
from typing import TypeVar

import numpy as np

from tui_lm import checkpoint
from tui_lm.engine import Engine
from tui_lm.inspection.cursor import Cursor
from tui_lm.inspection.recording import Recorder
from tui_lm.inspection.views import look
from tui_lm.tokenizers.stream import WritingContext

TEXT = "are we still going to the movie tonight with the others"
BEFORE = ("where are you? see you at the bus stop later then", "sorry I got home too late, tomorrow?") * 3
WARM_UP = 5  # keys
T = TypeVar("T")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("model")
    parser.add_argument("--views", default="attention,lens,surprisal,meanings")
    options = parser.parse_args()
    engine = Engine.open(checkpoint.find(options.model))
    authors = engine.authors or (None,)
    history = [(authors[i % len(authors)], text) for i, text in enumerate(BEFORE)]
    recorder, times = Recorder(engine), dict[str, list[float]]()

    def timed(name: str, work: Callable[[], T]) -> T:
        begun = time.process_time()
        result = work()
        times.setdefault(name, []).append(1000 * (time.process_time() - begun))
        return result

    for length in range(1, len(TEXT) + 1):
        context = WritingContext(TEXT[:length], authors[0], history)
        recording = timed("record", lambda context=context: recorder.record(context))
        for view in options.views.split(","):
            timed(view, lambda view=view, recording=recording: look(view, recording, Cursor()))
    for name, figures in times.items():
        middle, high = np.percentile(figures[WARM_UP:], [50, 95])
        print(f"{name:<10} p50 {middle:6.1f} ms   p95 {high:6.1f} ms")


if __name__ == "__main__":
    main()
