"""The one thread that touches models: it loads them and runs the newest job of each kind.

The app never waits for it. A job carries a revision and its answer carries it back, so that the asker can drop a stale
answer. A job that is replaced by a newer one before it starts is never run. A lasting job, such as an answer written a
token at a time, runs piece by piece between the others: words are suggested while the model writes. A newer one of its
kind replaces it after the piece that is being computed.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

from textual.message import Message

from tui_lm.tui.host import Mailbox
from tui_lm.tui.jobs.backend import Open, Purpose

ENDING = 1.0  # seconds, at most, that quitting waits for a piece of work


@dataclass(frozen=True)
class InferenceJob:
    """A piece of work for `asker`, which receives each message that `run` yields. None only ends a piece."""

    asker: Mailbox
    revision: int

    purpose: ClassVar[Purpose] = "language"
    lasting: ClassVar[bool] = False  # runs piece by piece, between the others
    urgent: ClassVar[bool] = False  # lasting, but its first piece does not wait for the others
    must: ClassVar[bool] = False  # runs even if a newer one of its kind follows

    @property
    def needs_model(self) -> bool:
        """Whether the job is dropped while there is no model for its purpose; else `run` may be given None."""
        return True

    def run(self, model: Any) -> Iterator[Message | None]:
        raise NotImplementedError


@dataclass
class Loaded(Message):
    purpose: Purpose
    folder: Path
    model: Any


@dataclass
class NotLoaded(Message):
    purpose: Purpose
    folder: Path
    error: Exception


@dataclass
class Failed(Message):
    job: InferenceJob
    error: Exception


@dataclass
class Done(Message):
    """A lasting job has ended by itself."""

    job: InferenceJob


class Inference:
    """A daemon thread: quitting does not wait for a model that is still loading or thinking.

    `owner` receives `Loaded` and `NotLoaded`. Jobs for a purpose without a model are dropped.
    """

    def __init__(self, open_model: Open, owner: Mailbox) -> None:
        self._open = open_model
        self._owner = owner
        self._models: dict[Purpose, Any] = {}
        self._loads: dict[Purpose, Path] = {}
        self._jobs: list[InferenceJob] = []
        self._lasting: list[tuple[InferenceJob, Iterator[Message | None]]] = []
        self._changed = threading.Condition()
        self._closed = False
        self._thread: threading.Thread | None = None

    def load(self, purpose: Purpose, folder: Path) -> None:
        """Serve `purpose` with the model in `folder` from now on."""
        with self._changed:
            self._loads[purpose] = folder
            self._changed.notify()
        self._start()

    def _start(self) -> None:
        if self._thread is None:
            self._thread = threading.Thread(target=self._work, name="inference", daemon=True)
            self._thread.start()

    def put(self, job: InferenceJob) -> None:
        """Queue `job`; it replaces a waiting job of the same kind and asker."""
        with self._changed:
            if not job.must:
                self._jobs = [w for w in self._jobs if type(w) is not type(job) or w.asker is not job.asker or w.must]
            self._jobs.append(job)
            self._changed.notify()
        if not job.needs_model:
            self._start()

    def stop(self, asker: Mailbox, *kinds: type[InferenceJob]) -> None:
        """End the lasting jobs of `asker`: those of `kinds`, or all of them."""

        def concerned(job: InferenceJob) -> bool:
            return job.asker is asker and job.lasting and (not kinds or isinstance(job, kinds))

        with self._changed:
            self._jobs = [job for job in self._jobs if not concerned(job)]
            self._lasting = [(job, pieces) for job, pieces in self._lasting if not concerned(job)]

    def close(self) -> None:
        """End after the piece that is being computed; waits for it, but not long."""
        with self._changed:
            self._closed = True
            self._changed.notify()
        if self._thread is not None:
            self._thread.join(ENDING)

    @property
    def is_alive(self) -> bool:
        """Whether the thread works, or waits for work."""
        return self._thread is not None and self._thread.is_alive()

    def _work(self) -> None:
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._loads or self._jobs or self._lasting or self._closed)
                if self._closed:
                    return
                load = self._loads.popitem() if self._loads else None
                job = self._jobs.pop(0) if self._jobs and not load else None
                lasting = self._lasting[0] if self._lasting and not load and not job else None
            if load is not None:
                self._load(*load)
            elif job is not None:
                self._begin(job)
            elif lasting is not None:
                self._go_on(*lasting)

    def _load(self, purpose: Purpose, folder: Path) -> None:
        try:
            model = self._open(purpose, folder)
        except Exception as error:
            self._tell(self._owner, NotLoaded(purpose, folder, error))
            return
        with self._changed:
            self._models[purpose] = model
            self._lasting = [(job, pieces) for job, pieces in self._lasting if job.purpose != purpose]
        self._tell(self._owner, Loaded(purpose, folder, model))

    def _begin(self, job: InferenceJob) -> None:
        if job.needs_model and job.purpose not in self._models:
            return
        try:
            pieces = job.run(self._models.get(job.purpose))
            if job.lasting:
                with self._changed:
                    self._lasting = [
                        (other, rest)
                        for other, rest in self._lasting
                        if type(other) is not type(job) or other.asker is not job.asker
                    ]
                    self._lasting.append((job, pieces))
                if job.urgent:
                    self._go_on(job, pieces)
                return
            for message in filter(None, pieces):
                self._tell(job.asker, message)
        except Exception as error:
            self._tell(job.asker, Failed(job, error))

    def _go_on(self, job: InferenceJob, pieces: Iterator[Message | None]) -> None:
        """Run one more piece of a lasting job, then let the next one have its turn."""
        message: Message | None
        ended = True
        try:
            message = next(pieces)
            ended = False
        except StopIteration:
            message = Done(job)
        except Exception as error:
            message = Failed(job, error)
        with self._changed:
            still = (job, pieces) in self._lasting
            if still:
                self._lasting.remove((job, pieces))
                if not ended:
                    self._lasting.append((job, pieces))
        if still and message is not None:
            self._tell(job.asker, message)

    def _tell(self, who: Mailbox, message: Message) -> None:
        if not self._closed:
            who.post_message(message)
