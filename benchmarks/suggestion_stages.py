"""How long does the app's inference thread take from a key to the first words, the refined words and the whole ghost?

    python benchmarks/suggestion_stages.py MODEL [--period 0.3]

Types a line, a key every PERIOD seconds, without a screen: what the app draws comes on top. The pseudo-terminal of
terminal_latency.py sees only words that change.
"""

from __future__ import annotations

import argparse
import statistics
import time

from textual.message import Message

from tui_lm import checkpoint
from tui_lm.tokenizers.stream import WritingContext
from tui_lm.tui.jobs import backend
from tui_lm.tui.jobs.inference import Inference, Loaded, NotLoaded
from tui_lm.tui.jobs.writing import Complete, Completed

TEXT = "see you tomorrow at the station when the train is in and what do you want to eat with us after that "


class Inbox:
    """Notes when each message came."""

    def __init__(self) -> None:
        self.came: list[tuple[float, Message]] = []

    def post_message(self, message: Message) -> bool:
        self.came.append((time.perf_counter(), message))
        return True


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model")
    parser.add_argument("--period", type=float, default=0.3, help="seconds from one key to the next")
    options = parser.parse_args()
    inbox = Inbox()
    inference = Inference(backend.open_model, inbox)
    inference.load("language", checkpoint.find(options.model))
    while not inbox.came:
        time.sleep(0.01)
    loaded = inbox.came[0][1]
    if isinstance(loaded, NotLoaded):
        raise loaded.error
    assert isinstance(loaded, Loaded)
    seconds: dict[str, list[float]] = {"first words": [], "refined words": [], "whole ghost text": []}
    for count in range(1, len(TEXT)):
        inbox.came.clear()
        begun = time.perf_counter()
        inference.put(Complete(inbox, count, WritingContext(TEXT[:count], loaded.model.engine.me)))
        time.sleep(options.period)
        came = [(when - begun, message.stage) for when, message in inbox.came if isinstance(message, Completed)]
        for name, stages in zip(seconds, (came, [each for each in came if each[1].refined], came[::-1]), strict=True):
            seconds[name].append(stages[0][0] if stages else float("inf"))
    for name, values in seconds.items():
        p95 = sorted(values)[int(0.95 * (len(values) - 1))]
        print(f"{name:<18} p50 {1000 * statistics.median(values):6.1f} ms   p95 {1000 * p95:6.1f} ms")
    inference.close()


if __name__ == "__main__":
    main()
