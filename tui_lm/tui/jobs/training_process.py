"""A training in a child process, which the app can leave running and find again.

Its events are appended to a private file, which also shows that it lives: the child holds a lock on the file through
its standard output, and the system releases the lock when the child ends, however it ends. Samples of the model
resemble text of the chat, so the file is deleted as soon as the end of the training has been read.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from tui_lm import atomic_file, checkpoint, paths, system
from tui_lm.errors import DAMAGE, TuiLmError

if TYPE_CHECKING:
    from tui_lm import events

PROGRAM = (sys.executable, "-m", "tui_lm")
POLITENESS = 10  # the niceness of a training: typing goes first
MOST_SAMPLES = 30
EVENTS, ERRORS, ABOUT = "events.jsonl", "errors.txt", "run.json"


@dataclass
class TrainingProgress:
    """A summary of the events so far. `losses` and `bits` are the points (step, value) of the curve."""

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
        from tui_lm import events  # imported at the first event: the first frame does not need it

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
        """The fraction done, from 0 to 1."""
        if self.finished is not None:
            return 1.0
        return 0.0 if self.step is None else min(1.0, self.step.step / max(1, self.step.steps))


class Training:
    """The training that is running, or the one that ended last. One at a time."""

    def __init__(self, home: Path | None = None, program: Sequence[str] = PROGRAM) -> None:
        self._home = home
        self._program = tuple(program)
        self._pid = 0
        self._child: subprocess.Popen[bytes] | None = None
        self._read = 0  # bytes of the events file read so far
        self._forgotten = False
        self.running = False
        self.stopping = False
        self.source = ""
        self.arguments: tuple[str, ...] = ()
        self.complaint = ""
        self.progress = TrainingProgress()

    @property
    def home(self) -> Path:
        return self._home or paths.data_dir() / "training"

    @property
    def folder(self) -> Path | None:
        """The folder of the trained model, if the training has ended with one."""
        if self.running or self.progress.saved is None or not (self.progress.saved / checkpoint.CONFIG).is_file():
            return None
        return self.progress.saved

    @property
    def is_translator(self) -> bool:
        folder = self.folder
        return folder is not None and checkpoint.describe(folder).purpose == "translation"

    def start(self, arguments: Sequence[str], source: str) -> None:
        """Run `tui-lm ARGUMENTS --json`. Raises TuiLmError if that fails or a training is running."""
        if self.running or self.find():
            raise TuiLmError("a training is running", "wait until it ends, or stop it")
        paths.make_private(self.home)
        self._reset()
        self.source, self.arguments = source, tuple(arguments)
        try:
            with self._create(EVENTS) as told, self._create(ERRORS) as wrong:
                system.lock(told.fileno())
                self._child = system.start_apart([*self._program, *arguments, "--json"], told, wrong)
            self._pid = self._child.pid
            system.lower_priority(self._pid, POLITENESS)
            about = {"pid": self._pid, "source": source, "arguments": list(arguments)}
            atomic_file.write(self.home / ABOUT, json.dumps(about).encode())
        except OSError as error:
            raise TuiLmError(f"the training did not start: {error.strerror}", "free some space or memory") from error
        self.running = True

    def find(self) -> bool:
        """Whether an earlier run of the app left a training: one that is running, or whose end was not read."""
        try:
            about = json.loads((self.home / ABOUT).read_text("utf-8"))
            pid, source, arguments = int(about["pid"]), str(about["source"]), tuple(map(str, about["arguments"]))
        except (OSError, *DAMAGE):
            return False
        self._reset()
        self._pid, self.source, self.arguments, self.running = pid, source, arguments, True
        return True

    def poll(self) -> list[events.Event]:
        """The events since the last call."""
        if not self.running:
            return []
        lives = self._lives()  # asked first, so that no event before the end is missed
        news = self._news()
        for event in news:
            self.progress.see(event)
        if not lives:
            self._end()
        return news

    def stop(self) -> None:
        """Interrupt it as Ctrl-C does: it ends soon and keeps the best model so far."""
        if self.running:
            self.stopping = True
            system.interrupt(self._pid)

    def forget(self) -> None:
        """Delete the events of a training that has ended."""
        if not self.running:
            for name in (EVENTS, ERRORS, ABOUT):
                (self.home / name).unlink(missing_ok=True)
            self._reset()

    def _reset(self) -> None:
        self._child, self._read, self.running, self.stopping, self.complaint = None, 0, False, False, ""
        self.progress = TrainingProgress()

    def _create(self, name: str) -> BinaryIO:
        """Create a new file, because an older child may still have the old one open."""
        path = self.home / name
        path.unlink(missing_ok=True)
        return os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND, 0o600), "wb")

    def _lives(self) -> bool:
        if self._child is not None and self._child.poll() is None:
            return True
        if os.name == "nt":  # a lock there belongs to the process that took it, not to the one that inherited the file
            return system.is_alive(self._pid)
        try:
            with (self.home / EVENTS).open("rb") as file:
                return not system.lock(file.fileno(), shared=True)
        except OSError:
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
