"""How long until the first line, the first frame, the loaded model and the first suggestion?

    python benchmarks/startup.py [-m MODEL] [-n 9] [--size 80x24] [--app] [--peer NAME COMMAND TEXT]...

Measures whole processes, from exec to exit, and the app from exec to the bytes of the first frame that shows the
composer, in a pseudo-terminal. Every round measures everything once, so that all see the same machine. Prints medians,
and the ratio to a baseline: the unavoidable imports, or an empty Textual app with the same widgets. A peer is another
program, whose first frame is complete when the regular expression TEXT matches its output. Where /proc lists the loaded
libraries, the app must not have loaded torch.
"""

from __future__ import annotations

import argparse
import re
import shlex
import statistics
import subprocess
import sys
import time
from collections import defaultdict
from collections.abc import Callable
from functools import partial
from pathlib import Path

from terminal_latency import SUGGESTION, Terminal, compiled

EMPTY_APP = """
from textual.app import App
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.widgets import Footer, Static, TextArea
class Empty(App):
    BINDINGS = [("f1", "help", "Help"), ("f2", "fold", "Panel"), ("f3", "choose", "Answers")]
    CSS = "#body {height: 1fr} TextArea {height: 3} #words, #state {height: 1} #panel {width: 36} .wide {width: 1fr}"
    def compose(self):
        with Horizontal(id="body"):
            with Vertical():
                with VerticalScroll():
                    yield Static("Write below.")
                yield Static(id="words")
                yield TextArea(placeholder="Write here", compact=True)
            yield Static(id="panel")
        with Horizontal(id="state"):
            yield Static("loading", classes="wide")
            yield Static("temperature")
        yield Footer(show_command_palette=False)
    def on_mount(self):
        self.query_one(TextArea).focus()
Empty().run()
"""
FRAME = re.compile(rb"rite here")  # the placeholder of the composer, after the cursor
READY = re.compile(rb" ready")  # the state line, once the model is loaded
TYPED = "see you tom"
PATIENCE = 30.0


def whole(command: list[str]) -> dict[str, float]:
    """Seconds from the start of `command` to its exit."""
    started = time.perf_counter()
    done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, env=compiled())
    seconds = time.perf_counter() - started
    if done.returncode != 0:
        sys.exit(f"{' '.join(command)} failed:\n{done.stderr}")
    return {"": seconds}


def painted(
    command: list[str], size: tuple[int, int], text: re.Pattern[bytes] = FRAME, *, app: bool = False
) -> dict[str, float]:
    """Seconds to the first frame; for our `app` also from there to the loaded model, and from a key to a suggestion."""
    terminal = Terminal(command, *size)
    try:
        frame, ready = terminal.find([text, READY], PATIENCE) if app else (*terminal.find([text], PATIENCE), None)
        if frame is None:
            sys.exit(f"{' '.join(command)} painted nothing")
        found = {"": frame - terminal.started}
        if ready is not None:
            found[": from there until the model is ready"] = ready - frame
            typed = terminal.write(TYPED)
            (suggestion,) = terminal.find([SUGGESTION], PATIENCE)
            if suggestion is not None:
                found[": from a key to the first suggestion"] = suggestion - typed
            maps = Path(f"/proc/{terminal.process.pid}/maps")
            if maps.exists() and "torch" in maps.read_text():
                sys.exit("the app has loaded torch")
        return found
    finally:
        terminal.close()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("-m", "--model", help="name or folder of the model; default: the last one used")
    parser.add_argument("-n", type=int, default=9, help="number of rounds")
    parser.add_argument("--size", default="80x24", help="columns x rows")
    parser.add_argument("--app", action="store_true", help="measure only the app, not the commands")
    parser.add_argument("--peer", nargs=3, action="append", default=[], metavar=("NAME", "COMMAND", "TEXT"))
    options = parser.parse_args()
    columns, rows = map(int, options.size.split("x"))
    size = (columns, rows)
    program, model = [sys.executable, "-m", "tui_lm"], ["-m", options.model] if options.model else []
    python = [sys.executable, "-c"]
    tasks: dict[str, Callable[[], dict[str, float]]] = {
        "import typer": partial(whole, [*python, "import typer"]),
        "tui-lm --help": partial(whole, [*program, "--help"]),
        "import typer, numpy": partial(whole, [*python, "import typer, numpy"]),
        "tui-lm complete": partial(whole, [*program, "complete", "see you", *model]),
        "tui-lm generate": partial(whole, [*program, "generate", "see you", "--max-new-tokens", "50", *model]),
        "empty Textual app": partial(painted, [*python, EMPTY_APP], size),
        "tui-lm": partial(painted, [*program, "--private", *model], size, app=True),
    }
    if options.app:
        tasks = {name: tasks[name] for name in ("empty Textual app", "tui-lm")}
    for name, peer, text in options.peer:
        tasks[name] = partial(painted, shlex.split(peer), size, re.compile(text.encode()))
    yardsticks = dict.fromkeys((name for name, _, _ in options.peer), "empty Textual app") | {
        "tui-lm --help": "import typer",
        "tui-lm complete": "import typer, numpy",
        "tui-lm generate": "import typer, numpy",
        "tui-lm": "empty Textual app",
    }
    seconds: defaultdict[str, list[float]] = defaultdict(list)
    for number in range(options.n + 1):
        for name, task in tasks.items():
            for part, value in task().items():
                if number > 0:  # the first round only warms the file cache
                    seconds[name + part].append(value)
    for name, values in seconds.items():
        median = statistics.median(values)
        line = f"{name:46} {1000 * median:7.0f} ms   ({1000 * min(values):.0f} to {1000 * max(values):.0f})"
        if name in yardsticks:
            line += f"   {median / statistics.median(seconds[yardsticks[name]]):.2f} x {yardsticks[name]}"
        print(line)


if __name__ == "__main__":
    main()
