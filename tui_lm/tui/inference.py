"""The one thread that touches the model: it loads it, then answers the newest request of each kind.

The app never waits for it. A request carries a revision and its answer carries it back, so that the app can
drop what is stale; a request that a newer one overtakes before it is served is never computed. An answer is
streamed a token at a time, and requests are served between two tokens: words are suggested while the model
writes.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

from textual.message import Message

from tui_lm.tui.backend import Backend

if TYPE_CHECKING:
    from tui_lm.completion import Suggestion
    from tui_lm.engine import NextToken, Token
    from tui_lm.sampling import Sampler
    from tui_lm.settings import Settings

Turns = tuple[tuple[str, str], ...]


class Complete(NamedTuple):
    """What could stand next: words and ghost text."""

    revision: int
    text: str
    author: str | None
    history: Turns


class Look(NamedTuple):
    """The distribution of the next token."""

    revision: int
    text: str
    author: str | None
    history: Turns
    settings: Settings


class Ask(NamedTuple):
    """Write as `author`; a newer one or `Stop` ends it."""

    revision: int
    text: str
    author: str | None
    history: Turns
    settings: Settings


class Learn(NamedTuple):
    text: str
    author: str | None
    history: Turns


class Stop(NamedTuple):
    pass


Job = Complete | Look | Ask | Learn | Stop


@dataclass
class Loaded(Message):
    backend: Backend


@dataclass
class Completed(Message):
    revision: int
    suggestion: Suggestion


@dataclass
class Looked(Message):
    revision: int
    next_token: NextToken


@dataclass
class Spoken(Message):
    revision: int
    text: str


@dataclass
class Finished(Message):
    revision: int


@dataclass
class Failed(Message):
    """`job` is None where the model could not be loaded."""

    job: Job | None
    error: Exception


class _Answer(NamedTuple):
    ask: Ask
    tokens: Iterator[Token]


class Inference:
    """A daemon thread: quitting never waits for a model that is still loading or thinking."""

    def __init__(self, load: Callable[[], Backend], post: Callable[[Message], Any]) -> None:
        self._load = load
        self._post = post
        self._jobs: list[Job] = []
        self._changed = threading.Condition()
        self._closed = False

    def start(self) -> None:
        threading.Thread(target=self._run, name="inference", daemon=True).start()

    def put(self, job: Job) -> None:
        """Ask for `job`, in the place of a waiting one of its kind; but nothing to be learned is dropped."""
        with self._changed:
            if not isinstance(job, Learn):
                self._jobs = [waiting for waiting in self._jobs if type(waiting) is not type(job)]
            self._jobs.append(job)
            self._changed.notify()

    def close(self) -> None:
        with self._changed:
            self._closed = True
            self._changed.notify()

    def _take(self, wait: bool) -> Job | None:
        with self._changed:
            if wait:
                self._changed.wait_for(lambda: self._jobs or self._closed)
            return self._jobs.pop(0) if self._jobs and not self._closed else None

    def _say(self, message: Message) -> None:
        if not self._closed:
            self._post(message)

    def _run(self) -> None:
        try:
            backend = self._load()
        except Exception as error:
            self._say(Failed(None, error))
            return
        self._say(Loaded(backend))
        answer: _Answer | None = None
        while not self._closed:
            job = self._take(wait=answer is None)
            try:
                if job is not None:
                    answer = self._serve(backend, job, answer)
                elif answer is not None and not self._speak(answer):
                    answer = None
            except Exception as error:
                if job is None and answer is not None:
                    job = answer.ask
                if isinstance(job, Ask):
                    answer = None
                self._say(Failed(job, error))

    def _serve(self, backend: Backend, job: Job, answer: _Answer | None) -> _Answer | None:
        """Do `job`; return the answer that is being written after it."""
        match job:
            case Complete(revision, text, author, history):
                suggestion = backend.completer.complete(text, n=3, author=author, history=history)
                self._say(Completed(revision, suggestion))
            case Look(revision, text, author, history, settings):
                sampler = _sampler(settings)
                found = backend.engine.next_token(text, author=author, history=history, sampler=sampler)
                self._say(Looked(revision, found))
            case Learn(text, author, history):
                backend.completer.learn(text, author=author, history=history)
            case Ask(_, text, author, history, settings):
                sampler = _sampler(settings)
                return _Answer(job, backend.engine.stream(text, author=author, history=history, sampler=sampler))
            case Stop():
                return None
        return answer

    def _speak(self, answer: _Answer) -> bool:
        """Post one more token of `answer`; whether there was one."""
        token = next(answer.tokens, None)
        if token is None:
            self._say(Finished(answer.ask.revision))
            return False
        self._say(Spoken(answer.ask.revision, token.text))
        return True


def _sampler(settings: Settings) -> Sampler:
    from tui_lm.sampling import Sampler  # numpy: not before the first frame

    return Sampler(
        temperature=settings.temperature,
        top_k=settings.top_k,
        top_p=settings.top_p,
        min_p=settings.min_p,
        repeat_penalty=settings.repeat_penalty,
    )
