"""A training in a process of its own, which the app can leave running and find again.

What it tells is appended to a private file, which is at the same time the sign that it lives: the child holds a lock on
it through its standard output, and the system lets go of it when the child ends, however that happens. Samples of the
model are text of a chat in the end; so the file is deleted as soon as the end of the training has been seen.
"""

from __future__ import annotations

import fcntl
import json
import os
import signal
import subprocess
import sys
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from tui_lm import atomic_file, checkpoint, paths
from tui_lm.errors import DAMAGE, TuiLmError

if TYPE_CHECKING:
    from tui_lm import events

PROGRAM = (sys.executable, "-m", "tui_lm")
POLITENESS = 10  # as `nice` counts: who types goes before who trains
MOST_SAMPLES = 30
EVENTS, ERRORS, ABOUT = "events.jsonl", "errors.txt", "run.json"


@dataclass
class Progress:
    """What the events have told so far. `losses` and `bits` are points (step, value) for the curve."""

    started: events.RunStarted | None = None
    step: events.StepDone | None = None
    best: events.Evaluated | None = None
    finished: events.RunFinished | None = None
    saved: Path | None = None
    losses: list[tuple[int, float]] = field(default_factory=list)
    bits: list[tuple[int, float]] = field(default_factory=list)
    samples: list[events.Sampled] = field(default_factory=list)
    setbacks: list[events.RolledBack] = field(default_factory=list)

    def see(self, event: events.Event) -> None:
        from tui_lm import events  # not before something is trained: the first paint does not wait for it

        match event:
            case events.RunStarted():
                self.started = event
            case events.StepDone():
                self.step = event
                if events.can_be_drawn(event.step, event.loss):
                    self.losses.append((event.step, event.loss))
            case events.Evaluated():
                if event.best:
                    self.best = event
                if event.bits_per_char is not None and events.can_be_drawn(event.step, event.bits_per_char):
                    self.bits.append((event.step, event.bits_per_char))
            case events.Sampled():
                self.samples = [*self.samples, event][-MOST_SAMPLES:]
            case events.CheckpointSaved(folder=folder):
                self.saved = Path(folder)
            case events.RolledBack():
                self.setbacks.append(event)
            case events.RunFinished():
                self.finished = event

    @property
    def share(self) -> float:
        """How much is done, from 0 to 1."""
        if self.finished is not None:
            return 1.0
        return 0.0 if self.step is None else min(1.0, self.step.step / max(1, self.step.steps))


class Training:
    """The training that goes on, or the one that ended last. One at a time."""

    def __init__(self, home: Path | None = None, program: Sequence[str] = PROGRAM) -> None:
        self._home = home
        self._program = tuple(program)
        self._pid = 0
        self._child: subprocess.Popen[bytes] | None = None
        self._read = 0  # bytes of the file of events
        self._forgotten = False
        self.running = False
        self.stopping = False
        self.source = ""
        self.arguments: tuple[str, ...] = ()
        self.complaint = ""
        self.progress = Progress()

    @property
    def home(self) -> Path:
        return self._home or paths.data_dir() / "training"

    @property
    def folder(self) -> Path | None:
        """The model that came of it, where it has ended with one."""
        if self.running or self.progress.saved is None or not (self.progress.saved / checkpoint.CONFIG).is_file():
            return None
        return self.progress.saved

    @property
    def is_translator(self) -> bool:
        folder = self.folder
        return folder is not None and checkpoint.describe(folder).purpose == "translation"

    def start(self, arguments: Sequence[str], source: str) -> None:
        """Run `tui-lm ARGUMENTS --json`. Raises TuiLmError where that fails, or where one is under way."""
        if self.running or self.find():
            raise TuiLmError("a training is under way", "wait for its end, or stop it")
        paths.make_private(self.home)
        self._reset()
        self.source, self.arguments = source, tuple(arguments)
        try:
            with self._create(EVENTS) as told, self._create(ERRORS) as wrong:
                fcntl.flock(told, fcntl.LOCK_EX | fcntl.LOCK_NB)
                self._child = subprocess.Popen(
                    [*self._program, *arguments, "--json"],
                    stdin=subprocess.DEVNULL,
                    stdout=told,
                    stderr=wrong,
                    start_new_session=True,  # it outlives the terminal
                )
            self._pid = self._child.pid
            with suppress(OSError):
                os.setpriority(os.PRIO_PROCESS, self._pid, POLITENESS)
            about = {"pid": self._pid, "source": source, "arguments": list(arguments)}
            atomic_file.write(self.home / ABOUT, json.dumps(about).encode())
        except OSError as error:
            raise TuiLmError(f"the training did not start: {error.strerror}", "free some space or memory") from error
        self.running = True

    def find(self) -> bool:
        """Whether there is a training that an earlier app began: one that goes on, or whose end nobody has seen."""
        try:
            about = json.loads((self.home / ABOUT).read_text("utf-8"))
            pid, source, arguments = int(about["pid"]), str(about["source"]), tuple(map(str, about["arguments"]))
        except (OSError, *DAMAGE):
            return False
        self._reset()
        self._pid, self.source, self.arguments, self.running = pid, source, arguments, True
        return True

    def poll(self) -> list[events.Event]:
        """What was told since the last time."""
        if not self.running:
            return []
        lives = self._lives()  # asked first: what is told before the end is read
        news = self._news()
        for event in news:
            self.progress.see(event)
        if not lives:
            self._end()
        return news

    def stop(self) -> None:
        """As Ctrl-C does: it ends soon, and keeps the best model so far."""
        if self.running:
            self.stopping = True
            with suppress(ProcessLookupError):
                os.kill(self._pid, signal.SIGINT)

    def forget(self) -> None:
        """Delete what an ended training has told."""
        if not self.running:
            for name in (EVENTS, ERRORS, ABOUT):
                (self.home / name).unlink(missing_ok=True)
            self._reset()

    def _reset(self) -> None:
        self._child, self._read, self.running, self.stopping, self.complaint = None, 0, False, False, ""
        self.progress = Progress()

    def _create(self, name: str) -> BinaryIO:
        """A new file, not the one that an older child may still have open."""
        path = self.home / name
        path.unlink(missing_ok=True)
        return os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND, 0o600), "wb")

    def _lives(self) -> bool:
        if self._child is not None and self._child.poll() is None:
            return True
        try:
            with (self.home / EVENTS).open("rb") as file:
                fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
        except OSError:
            return False
        return False

    def _news(self) -> list[events.Event]:
        from tui_lm import events

        try:
            with (self.home / EVENTS).open("rb") as file:
                file.seek(self._read)
                data = file.read()
        except OSError:
            return []
        whole = data[: data.rfind(b"\n") + 1]
        self._read += len(whole)
        news = []
        for line in whole.splitlines():
            with suppress(ValueError, TypeError):
                news.append(events.from_json(line.decode("utf-8", "replace")))
        return news

    def _end(self) -> None:
        self.running = self.stopping = False
        with suppress(OSError):
            self.complaint = (self.home / ERRORS).read_text("utf-8", "replace").strip()[-500:]
        for name in (EVENTS, ERRORS, ABOUT):
            with suppress(OSError):
                (self.home / name).unlink()
