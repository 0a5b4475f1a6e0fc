"""How long from a key until its echo, a suggestion and the gates are on the screen?

    python benchmarks/terminal_latency.py [-m MODEL] [--keys 500] [--period 0.1] [--training CHAT]

Types a key every PERIOD seconds in a pseudo-terminal into the app, into the app with its inspector open on the gates,
and into an app with only a text area, in turns of 50 keys, so that all see the same machine. Prints milliseconds from
writing a key to reading the bytes that draw it ("echo"), that draw ghost text or words ("suggestion"; only keys that
change them count), that draw the gates ("gates"), and to the last bytes before the next key ("settled": with a period
that is long enough, the refined words and the whole ghost text are on the screen). Then the resident memory of the app,
and its processor time while nobody types. With --training, a model of the file CHAT is trained meanwhile in a process,
as the app does it, and discarded. The app runs in private mode: it learns nothing.
"""

from __future__ import annotations

import argparse
import fcntl
import itertools
import os
import pty
import re
import select
import statistics
import struct
import subprocess
import sys
import tempfile
import termios
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

TEXT = "see you tomorrow at the station when the train is in and what do you want to eat with us after that "
A_TURN = 50
IDLE = 10.0  # seconds
# Italic ghost text, or the first word of the candidates.
SUGGESTION = re.compile(rb"\x1b\[3;[0-9;]*m|m1 \x1b\[0m\x1b\[1;")
GATES = re.compile(rb"Gates and state")  # the title of the view, redrawn with it
READY = re.compile(rb" ready|rite\x1b")  # the model is loaded; or the placeholder "Write" is complete
PATIENCE = 60.0
NEXT_VIEW = "\x14"  # Ctrl+T
BARE = """
from textual.app import App
from textual.widgets import TextArea
class Bare(App):
    def compose(self):
        area = TextArea(placeholder="Write")
        area.cursor_blink = False
        yield area
Bare().run()
"""


def compiled() -> dict[str, str]:
    """The environment with Python's bytecode cache on, as for an installed package."""
    return {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}


class Terminal:
    """A program in its own pseudo-terminal."""

    def __init__(self, command: list[str], columns: int, rows: int) -> None:
        ours, theirs = pty.openpty()
        fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
        self.started = time.perf_counter()
        self.process = subprocess.Popen(
            command,
            stdin=theirs,
            stdout=theirs,
            stderr=theirs,
            start_new_session=True,
            env={**compiled(), "TERM": "xterm-256color", "COLORTERM": "truecolor"},
        )
        os.close(theirs)
        self._file = ours
        self.latest = self.started  # when it last drew something

    def write(self, keys: str) -> float:
        """Type `keys`; returns the time."""
        now = time.perf_counter()
        os.write(self._file, keys.encode())
        return now

    def drain(self, seconds: float) -> None:
        self.find([], seconds)

    def find(self, patterns: list[re.Pattern[bytes]], seconds: float) -> list[float | None]:
        """The time at which each of `patterns` arrived, or None. Returns when all have, or after `seconds`."""
        came: list[float | None] = [None] * len(patterns)
        seen = b""
        end = time.perf_counter() + seconds
        while (left := end - time.perf_counter()) > 0 and (not patterns or None in came):
            if not select.select([self._file], [], [], left)[0]:
                break
            try:
                seen += os.read(self._file, 1 << 16)
            except OSError:  # the program has ended
                break
            now = self.latest = time.perf_counter()
            for index, pattern in enumerate(patterns):
                if came[index] is None and pattern.search(seen):
                    came[index] = now
        return came

    @property
    def memory(self) -> dict[str, int]:
        """Megabytes: resident, and the share of them that no file holds."""
        lines = Path(f"/proc/{self.process.pid}/status").read_text().splitlines()
        fields = dict(line.split(":", 1) for line in lines)
        return {name: int(fields[name].split()[0]) // 1024 for name in ("VmRSS", "RssAnon")}

    @property
    def processor_seconds(self) -> float:
        fields = Path(f"/proc/{self.process.pid}/stat").read_text().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def close(self) -> None:
        self.write("\x11")  # Ctrl+Q
        self.drain(1.0)
        try:
            self.process.wait(2)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        os.close(self._file)


class Typist:
    """Types TEXT repeatedly, line by line, and records when each pattern arrived."""

    def __init__(self, terminal: Terminal, period: float) -> None:
        self.terminal, self.period = terminal, period
        self.echo: list[float] = []
        self.suggestion: list[float] = []
        self.gates: list[float] = []
        self.settled: list[float] = []
        self.missed = 0
        self._keys = itertools.cycle(enumerate(TEXT))

    def type(self, count: int) -> None:
        for index, key in itertools.islice(self._keys, count):
            if index == 0:
                self.terminal.write("\x15")  # Ctrl+U: clear the line
                self.terminal.drain(self.period)
            word = TEXT[: index + 1].rsplit(" ", 1)[-1] or TEXT[:index].rsplit(" ", 1)[-1]
            started = self.terminal.write(key)
            echo, suggestion, gates = self.terminal.find(
                [re.compile(re.escape(word).encode()), SUGGESTION, GATES], self.period
            )
            if echo is None:
                self.missed += 1
            else:
                self.echo.append(1000 * (echo - started))
            if suggestion is not None:
                self.suggestion.append(1000 * (suggestion - started))
            if gates is not None:
                self.gates.append(1000 * (gates - started))
            self.terminal.drain(max(0.0, self.period - (time.perf_counter() - started)))
            self.settled.append(1000 * (max(self.terminal.latest, started) - started))


def row(name: str, values: list[float]) -> str:
    if len(values) < 2:
        return f"{name:32} none"
    ordered = sorted(values)
    p95 = ordered[int(0.95 * (len(ordered) - 1))]
    return f"{name:32} {len(values):4} keys   p50 {statistics.median(ordered):6.1f} ms   p95 {p95:6.1f} ms"


@contextmanager
def training(chat: Path | None) -> Iterator[None]:
    """Train on `chat` in the background, as the app does, in a temporary data folder."""
    if chat is None:
        yield
        return
    from tui_lm.tui.jobs.training_process import Training

    with tempfile.TemporaryDirectory() as home:
        before = os.environ.get("TUI_LM_HOME")
        os.environ["TUI_LM_HOME"] = home
        try:
            run = Training(Path(home) / "training")
            run.start(["train", str(chat.resolve()), "--minutes", "60", "--name", "background"], str(chat))
            while run.progress.step is None:  # the first step is done
                run.poll()
                if not run.running:
                    sys.exit(f"the training did not start: {run.complaint}")
                time.sleep(0.1)
            yield
            if not run.running:
                sys.exit("the training ended too early")
            run.poll()
            print(f"the training meanwhile: {run.progress.step.tokens_per_second:,.0f} tokens/s")
        finally:
            run.stop()
            while run.running:
                run.poll()
                time.sleep(0.1)
            if before is None:
                del os.environ["TUI_LM_HOME"]
            else:
                os.environ["TUI_LM_HOME"] = before


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("-m", "--model", help="name or folder of the model; default: the last one used")
    parser.add_argument("--keys", type=int, default=500)
    parser.add_argument("--period", type=float, default=0.1, help="seconds from one key to the next")
    parser.add_argument("--training", type=Path, metavar="CHAT", help="train on this file during the measurement")
    options = parser.parse_args()
    model = ["-m", options.model] if options.model else []
    app = [sys.executable, "-m", "tui_lm", "--private", *model]
    typists = {
        "empty TextArea": Typist(Terminal([sys.executable, "-c", BARE], 80, 24), options.period),
        "tui-lm": Typist(Terminal(app, 80, 24), options.period),
        "tui-lm, gates open": Typist(Terminal(app, 120, 36), options.period),
    }
    used = typists["tui-lm"].terminal
    try:
        for typist in typists.values():
            typist.terminal.find([READY], PATIENCE)
            typist.terminal.drain(1.0)
        typists["tui-lm, gates open"].terminal.write(NEXT_VIEW)
        typists["tui-lm, gates open"].terminal.drain(1.0)
        with training(options.training):
            for _ in range(max(1, options.keys // A_TURN)):
                for typist in typists.values():
                    typist.type(min(A_TURN, options.keys))
        used.drain(2.0)
        before = used.processor_seconds
        used.drain(IDLE)
        idle, memory = used.processor_seconds - before, used.memory
    finally:
        for typist in typists.values():
            typist.terminal.close()
    for name, typist in typists.items():
        print(row(f"{name}: echo", typist.echo) + (f"   missed {typist.missed}" if typist.missed else ""))
    for name in ("tui-lm", "tui-lm, gates open"):
        print(row(f"{name}: suggestion", typists[name].suggestion))
        print(row(f"{name}: settled", typists[name].settled))
    print(row("tui-lm, gates open: gates", typists["tui-lm, gates open"].gates))
    print(
        f"tui-lm: {memory['VmRSS']} MB resident, {memory['RssAnon']} of them its own; {1000 * idle:.0f} ms of", end=" "
    )
    print(f"processor time in {IDLE:.0f} s without keys")


if __name__ == "__main__":
    main()
