"""Requests of the API, checked. A field that would change the answer and is not supported is refused, not ignored."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tui_lm.errors import TuiLmError
from tui_lm.sampling import Sampler
from tui_lm.serve.refusal import Refusal
from tui_lm.settings import Settings
from tui_lm.tokenizers.stream import WritingContext

MOST_TOKENS = 4096
MOST_CHOICES = 16  # prompts times `n`
MOST_STOPS = 16
MOST_ALTERNATIVES = 20
COMPLETION_TOKENS, CHAT_TOKENS = 16, 200  # if the request names no limit; 16 is OpenAI's
# Fields that are not supported, with the values that change nothing.
UNSUPPORTED: Mapping[str, Sequence[Any]] = {
    "suffix": ("",),
    "echo": (False,),
    "best_of": (1,),
    "logit_bias": ({},),
    "frequency_penalty": (0,),
    "presence_penalty": (0,),
    "tools": ([],),
    "functions": ([],),
    "response_format": ({"type": "text"},),
}
INSTRUCTIONS = frozenset({"system", "developer"})  # a model of a chat has never seen any, so it does not read them


@dataclass(frozen=True, slots=True)
class Voices:
    """The authors of the chat who speak in the roles of the API. Both are None for a text without authors."""

    user: str | None
    assistant: str | None


@dataclass(frozen=True, slots=True)
class Generation:
    """Texts to write: one for each context. `alternatives` is the number of logprobs per token, None for none."""

    contexts: tuple[WritingContext, ...]
    sampler: Sampler
    max_new_tokens: int
    stop: tuple[str, ...]
    seed: int | None
    alternatives: int | None
    stream: bool
    usage_in_stream: bool


def parse(body: bytes) -> Mapping[str, Any]:
    """The JSON object in a body. Raises Refusal."""
    try:
        request = json.loads(body.decode("utf-8"), parse_constant=_no_number)
    except (ValueError, RecursionError):
        raise Refusal(400, "the body is not JSON in UTF-8") from None
    if not isinstance(request, dict):
        raise Refusal(400, "the body must be a JSON object")
    return request


def completion(request: Mapping[str, Any], model: str, author: str | None, settings: Settings) -> Generation:
    """A request of /v1/completions. The text is by `author` unless the request names another. Raises Refusal."""
    prompts = request.get("prompt", "")
    prompts = [prompts] if isinstance(prompts, str) else prompts
    if not isinstance(prompts, list) or not prompts or not all(isinstance(prompt, str) for prompt in prompts):
        raise Refusal(400, "prompt must be a string or a list of strings", parameter="prompt")
    author = _text(request, "author") or author
    alternatives = _whole(request, "logprobs", 0, MOST_ALTERNATIVES)
    limit = _whole(request, "max_tokens", 0, MOST_TOKENS)
    contexts = [WritingContext(prompt, author) for prompt in prompts]
    return _generation(request, model, contexts, COMPLETION_TOKENS if limit is None else limit, alternatives, settings)


def chat(request: Mapping[str, Any], model: str, voices: Voices, settings: Settings) -> Generation:
    """A request of /v1/chat/completions. Raises Refusal."""
    messages = request.get("messages")
    if not isinstance(messages, list) or not messages:
        raise Refusal(400, "messages must be a list of messages", parameter="messages")
    turns = [turn for message in messages if (turn := _turn(message, voices)) is not None]
    alternatives = (_whole(request, "top_logprobs", 0, MOST_ALTERNATIVES) or 0) if _flag(request, "logprobs") else None
    limit = _whole(request, "max_completion_tokens", 0, MOST_TOKENS)
    if limit is None:
        limit = _whole(request, "max_tokens", 0, MOST_TOKENS)
    context = WritingContext("", _text(request, "author") or voices.assistant, tuple(turns))
    return _generation(request, model, [context], CHAT_TOKENS if limit is None else limit, alternatives, settings)


def _turn(message: Any, voices: Voices) -> tuple[str | None, str] | None:
    """A message as (author, text), or None for instructions. `name` names the author, if there is one."""
    role = message.get("role") if isinstance(message, dict) else None
    if role not in ("user", "assistant", *INSTRUCTIONS):
        raise Refusal(400, "the role of a message must be system, user or assistant", parameter="messages")
    content = message.get("content")
    if isinstance(content, list) and all(isinstance(part, dict) and part.get("type") == "text" for part in content):
        content = "".join(text for part in content if isinstance(text := part.get("text"), str))
    if not isinstance(content, str):
        raise Refusal(400, "the content of a message must be text", parameter="messages")
    if role in INSTRUCTIONS:
        return None
    speaker = voices.user if role == "user" else voices.assistant
    return (speaker and (_text(message, "name") or speaker)), content


def _generation(
    request: Mapping[str, Any],
    model: str,
    contexts: Sequence[WritingContext],
    max_new_tokens: int,
    alternatives: int | None,
    settings: Settings,
) -> Generation:
    if request.get("model") not in (None, model):
        raise Refusal(404, "this model is not served; /v1/models lists the one that is", code="model_not_found")
    for name, harmless in UNSUPPORTED.items():
        if request.get(name) is not None and request[name] not in harmless:
            raise Refusal(400, f"{name} is not supported", code="unsupported_parameter", parameter=name)
    n = _whole(request, "n", 1, MOST_CHOICES) or 1
    if n * len(contexts) > MOST_CHOICES:
        raise Refusal(400, f"at most {MOST_CHOICES} texts can be asked for at once", parameter="n")
    stop = request.get("stop") or []
    stop = [stop] if isinstance(stop, str) else stop
    if not isinstance(stop, list) or len(stop) > MOST_STOPS or not all(isinstance(each, str) for each in stop):
        raise Refusal(400, f"stop must be a string or a list of at most {MOST_STOPS} strings", parameter="stop")
    options = request.get("stream_options")
    try:
        sampler = Sampler.from_settings(
            settings,
            temperature=_number(request, "temperature"),
            top_p=_number(request, "top_p"),
            top_k=_whole(request, "top_k", 0, 1 << 20),
            min_p=_number(request, "min_p"),
            repeat_penalty=_number(request, "repeat_penalty"),
        )
    except TuiLmError as error:
        raise Refusal(400, f"{error.message}; {error.hint}") from None
    return Generation(
        tuple(context for context in contexts for _ in range(n)),
        sampler,
        max_new_tokens,
        tuple(stop),
        _whole(request, "seed", 0, 2**63 - 1),
        alternatives,
        _flag(request, "stream"),
        isinstance(options, dict) and options.get("include_usage") is True,
    )


def _no_number(name: str) -> float:
    raise ValueError(name)


def _text(request: Mapping[str, Any], name: str) -> str | None:
    value = request.get(name)
    if value is not None and not isinstance(value, str):
        raise Refusal(400, f"{name} must be a string", parameter=name)
    return value


def _flag(request: Mapping[str, Any], name: str) -> bool:
    value = request.get(name)
    if value is not None and not isinstance(value, bool):
        raise Refusal(400, f"{name} must be true or false", parameter=name)
    return bool(value)


def _number(request: Mapping[str, Any], name: str) -> float | None:
    value = request.get(name)
    if value is None:
        return None
    if not isinstance(value, int | float) or isinstance(value, bool) or not math.isfinite(value):
        raise Refusal(400, f"{name} must be a number", parameter=name)
    return value


def _whole(request: Mapping[str, Any], name: str, low: int, high: int) -> int | None:
    value = request.get(name)
    if value is None:
        return None
    if not isinstance(value, int) or isinstance(value, bool) or not low <= value <= high:
        raise Refusal(400, f"{name} must be a whole number from {low} to {high}", parameter=name)
    return value
