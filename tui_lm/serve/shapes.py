"""The JSON of the API's answers."""

from __future__ import annotations

import secrets
import time
from collections.abc import Sequence
from typing import Any, Protocol

from tui_lm.engine import FinishReason
from tui_lm.serve.written import LogProbability, Piece

Json = dict[str, Any]


class Shape(Protocol):
    """How one endpoint writes its answers."""

    prefix: str
    whole: str  # the name of an answer
    chunk: str  # of a part of one

    def choice(self, index: int, pieces: Sequence[Piece]) -> Json:
        """A whole text."""
        ...

    def part(self, piece: Piece, first: bool) -> Json:
        """A piece of a text in a stream."""
        ...


class Completion:
    prefix, whole, chunk = "cmpl", "text_completion", "text_completion"

    def choice(self, index: int, pieces: Sequence[Piece]) -> Json:
        text = "".join(piece.text for piece in pieces)
        logs = self._logs(pieces)
        return {"index": index, "text": text, "logprobs": logs, "finish_reason": _reason(pieces[-1].finish)}

    def part(self, piece: Piece, first: bool) -> Json:
        return self.choice(piece.index, [piece])

    def _logs(self, pieces: Sequence[Piece]) -> Json | None:
        offset, offsets = 0, []
        chosen = [piece.chosen for piece in pieces if piece.chosen is not None]
        if not chosen:
            return None
        for piece in pieces:
            if piece.chosen is not None:
                offsets.append(offset)
            offset += len(piece.text)
        return {
            "tokens": [each.text for each in chosen],
            "token_logprobs": [each.value for each in chosen],
            "top_logprobs": [
                {each.text: each.value for each in piece.likeliest} for piece in pieces if piece.chosen is not None
            ],
            "text_offset": offsets,
        }


class Chat:
    prefix, whole, chunk = "chatcmpl", "chat.completion", "chat.completion.chunk"

    def choice(self, index: int, pieces: Sequence[Piece]) -> Json:
        message = {"role": "assistant", "content": "".join(piece.text for piece in pieces), "refusal": None}
        logs, reason = self._logs(pieces), _reason(pieces[-1].finish)
        return {"index": index, "message": message, "logprobs": logs, "finish_reason": reason}

    def part(self, piece: Piece, first: bool) -> Json:
        delta: Json = {"role": "assistant"} if first else {}
        if piece.finish is None:
            delta["content"] = piece.text
        reason = _reason(piece.finish)
        return {"index": piece.index, "delta": delta, "logprobs": self._logs([piece]), "finish_reason": reason}

    def _logs(self, pieces: Sequence[Piece]) -> Json | None:
        content = [
            {**_entry(piece.chosen), "top_logprobs": [_entry(each) for each in piece.likeliest]}
            for piece in pieces
            if piece.chosen is not None
        ]
        return {"content": content, "refusal": None} if content else None


class Envelope:
    """What all parts of one answer have in common."""

    def __init__(self, shape: Shape, model: str) -> None:
        self._shape = shape
        self._head = {"id": f"{shape.prefix}-{secrets.token_hex(12)}", "created": int(time.time()), "model": model}

    def whole(self, choices: Sequence[Json], usage: Json) -> Json:
        return {**self._head, "object": self._shape.whole, "choices": [*choices], "usage": usage}

    def part(self, choices: Sequence[Json], usage: Json | None = None) -> Json:
        part = {**self._head, "object": self._shape.chunk, "choices": [*choices]}
        return part if usage is None else {**part, "usage": usage}


def usage(prompt: int, completion: int) -> Json:
    return {"prompt_tokens": prompt, "completion_tokens": completion, "total_tokens": prompt + completion}


def model_entry(name: str) -> Json:
    return {"id": name, "object": "model", "created": 0, "owned_by": "tui-lm"}


def _entry(token: LogProbability) -> Json:
    return {"token": token.text, "logprob": token.value, "bytes": [*token.surface]}


def _reason(finish: FinishReason | None) -> str | None:
    """The API has one name for the end of a message and for a stop string."""
    return "stop" if finish == "end" else finish
