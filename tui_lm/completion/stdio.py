"""Completion over a pipe: one JSON object per line in, one answer per line out, in order, without delay.

"shown" lists the candidates that have stood on the client's screen for the current token, with milliseconds; those that
were read are refused. The server remembers none of them. "budget_ms" bounds the time of an answer: it holds the best so
far, and the same request again continues the search. If no text is typed, an answer also holds whole `replies`: as many
as the request's "replies" asks for; by default "n" if the request has a history and the model was trained on replies,
else none. docs/editors/README.md shows requests.
"""

from __future__ import annotations

import json
import math
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict
from typing import Any

from tui_lm.completion.completer import Completer
from tui_lm.completion.search import Expired, never
from tui_lm.completion.suggestion import Shown
from tui_lm.engine import WINDOW
from tui_lm.errors import TuiLmError
from tui_lm.tokenizers.stream import History, WritingContext

MOST_CANDIDATES = 100
MOST_SHOWN = 1000  # candidates for one token
REMEMBERED = 4 * WINDOW  # messages kept; the engine uses fewer


class BadRequest(Exception):
    """The reason why a request is invalid, without its text."""


class Server:
    """Answers requests with one completer, and remembers the sent messages."""

    def __init__(self, completer: Completer) -> None:
        self._completer = completer
        self._history: list[tuple[str | None, str]] = []

    def serve(self, lines: Iterable[bytes], write: Callable[[str], Any]) -> None:
        """Answer every line, valid or not, before the next is read; `write` gets each answer with its newline."""
        for line in lines:
            write(json.dumps(self.answer(line)) + "\n")

    def answer(self, line: bytes) -> dict[str, Any]:
        identity = None
        try:
            request = _parse(line)
            identity = _identity(request)
            return self._answer(request, identity)
        except (BadRequest, TuiLmError) as error:
            return {"id": identity, "error": str(error)}
        except Exception as error:  # a failure must not end the process
            return {"id": identity, "error": f"failed inside: {type(error).__name__}"}

    def _answer(self, request: Mapping[str, Any], identity: Any) -> dict[str, Any]:
        author = _optional_string(request, "author")
        if "sent" in request:
            sent = WritingContext(_string(request, "sent"), author, tuple(self._history))
            self._remember(self._completer.me if author is None else author, sent.text)
            self._completer.learn(sent)
            return {"ok": True}
        if "reset" in request:
            if request["reset"] is not True:
                raise BadRequest("reset must be true")
            self._completer.reset()
            self._history.clear()
            return {"ok": True}
        begun = time.perf_counter()
        context = WritingContext(_string(request, "text"), author, _history(request, self._history))
        n = _count(request, "n", 3)
        usual = n if request.get("history") and self._completer.answers else 0
        replies = 0 if context.text else _count(request, "replies", usual)
        answer = asdict(
            self._completer.complete(context, n=n, shown=_shown(request), expired=_deadline(request, begun))
        )
        if replies:
            found = self._completer.replies(context, n=replies)
            answer["replies"] = [asdict(reply) for reply in found]
        milliseconds = 1000 * (time.perf_counter() - begun)
        return {"id": identity, **answer, "ms": round(milliseconds, 3)}

    def _remember(self, author: str | None, text: str) -> None:
        self._history.append((author, text))
        if len(self._history) > REMEMBERED:  # by whole windows, as the engine's own window moves
            del self._history[:WINDOW]


def _deadline(request: Mapping[str, Any], begun: float) -> Expired:
    """Whether "budget_ms" milliseconds have gone by since `begun` (of `time.perf_counter`)."""
    budget = request.get("budget_ms")
    if budget is None:
        return never
    if isinstance(budget, bool) or not isinstance(budget, int | float) or not 0 <= budget < math.inf:
        raise BadRequest("budget_ms must be a number of milliseconds")
    return lambda: time.perf_counter() - begun >= budget / 1000


def _parse(line: bytes) -> Mapping[str, Any]:
    try:
        request = json.loads(line.decode("utf-8"), parse_constant=_no_number)
    except (ValueError, RecursionError):
        raise BadRequest("the line is not JSON in UTF-8") from None
    if not isinstance(request, dict):
        raise BadRequest("a request is a JSON object")
    return request


def _no_number(name: str) -> float:
    raise ValueError(name)


def _identity(request: Mapping[str, Any]) -> Any:
    identity = request.get("id")
    if isinstance(identity, str | int | None) or (isinstance(identity, float) and math.isfinite(identity)):
        return identity
    raise BadRequest("id must be a string or a number")


def _string(request: Mapping[str, Any], name: str) -> str:
    if not isinstance(value := request.get(name), str):
        raise BadRequest(f"{name} must be a string")
    return value


def _optional_string(request: Mapping[str, Any], name: str) -> str | None:
    return None if request.get(name) is None else _string(request, name)


def _count(request: Mapping[str, Any], name: str, usual: int) -> int:
    n = request.get(name, usual)
    if not isinstance(n, int) or isinstance(n, bool) or not 0 <= n <= MOST_CANDIDATES:
        raise BadRequest(f"{name} must be a whole number from 0 to {MOST_CANDIDATES}")
    return n


def _shown(request: Mapping[str, Any]) -> list[Shown]:
    words = request.get("shown")
    if words is None:
        return []
    if not isinstance(words, list) or len(words) > MOST_SHOWN or not all(map(_is_shown, words)):
        raise BadRequest('shown must be a list of ["text", milliseconds]')
    return [Shown(text, milliseconds) for text, milliseconds in words]


def _is_shown(word: Any) -> bool:
    if not (isinstance(word, list) and len(word) == 2 and isinstance(word[0], str)):
        return False
    time = word[1]
    return isinstance(time, int | float) and not isinstance(time, bool) and math.isfinite(time) and time >= 0


def _history(request: Mapping[str, Any], remembered: History) -> History:
    turns = request.get("history")
    if turns is None:
        return remembered
    if not isinstance(turns, list) or not all(map(_is_turn, turns)):
        raise BadRequest('history must be a list of ["author", "text"]')
    return [(author, text) for author, text in turns]


def _is_turn(turn: Any) -> bool:
    return isinstance(turn, list) and len(turn) == 2 and isinstance(turn[0], str | None) and isinstance(turn[1], str)
