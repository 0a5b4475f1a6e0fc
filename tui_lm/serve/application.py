"""The API as an ASGI application. Nothing is learned from requests, and none is logged."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import aclosing
from typing import Any

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route

from tui_lm.engine import Engine
from tui_lm.serve import request as requests
from tui_lm.serve import shapes
from tui_lm.serve.guard import Guard
from tui_lm.serve.refusal import Refusal
from tui_lm.serve.request import Generation, Voices
from tui_lm.serve.shapes import Chat, Completion, Envelope, Shape
from tui_lm.serve.written import Piece, Written
from tui_lm.settings import Settings

MOST_BODY = 4 << 20  # bytes
PATIENCE = 30.0  # seconds in which a body must have arrived

Endpoint = Callable[[Request], Awaitable[Response]]
Read = Callable[[Mapping[str, Any]], Generation]


def create(engine: Engine, token: str, port: int, settings: Settings, assistant: str | None = None) -> Starlette:
    """The application that serves `engine`. `assistant` is the author who answers in chats."""
    api = _Api(engine, settings, voices(engine, assistant))
    routes = [
        Route("/v1/models", guarded(api.models)),
        Route("/v1/models/{name}", guarded(api.model)),
        Route("/v1/completions", guarded(api.completions), methods=["POST"]),
        Route("/v1/chat/completions", guarded(api.chat), methods=["POST"]),
    ]
    return protected(routes, token, port)


def protected(routes: list[Route], token: str, port: int) -> Starlette:
    """An application that answers only those who may ask."""
    return Starlette(
        routes=routes,
        middleware=[Middleware(Guard, token=token, port=port)],
        exception_handlers={HTTPException: _not_found},
    )


def voices(engine: Engine, assistant: str | None = None) -> Voices:
    """Who speaks in which role: the user's own author, and another one, the most frequent unless one is named."""
    if engine.kind != "chat":
        return Voices(None, None)
    others = [author for author in engine.authors if author != engine.me]
    answerer = assistant or next(iter(others), engine.me)
    return Voices(engine.me or next((author for author in engine.authors if author != answerer), None), answerer)


class _Api:
    def __init__(self, engine: Engine, settings: Settings, voices: Voices) -> None:
        self._written = Written(engine)
        self._name = engine.name
        self._me = engine.me
        self._settings = settings
        self._voices = voices

    async def models(self, request: Request) -> Response:
        return JSONResponse({"object": "list", "data": [shapes.model_entry(self._name)]})

    async def model(self, request: Request) -> Response:
        if request.path_params["name"] != self._name:
            raise Refusal(404, "this model is not served; /v1/models lists the one that is", code="model_not_found")
        return JSONResponse(shapes.model_entry(self._name))

    async def completions(self, request: Request) -> Response:
        return await self._answer(
            request, Completion(), lambda body: requests.completion(body, self._name, self._me, self._settings)
        )

    async def chat(self, request: Request) -> Response:
        return await self._answer(
            request, Chat(), lambda body: requests.chat(body, self._name, self._voices, self._settings)
        )

    async def _answer(self, request: Request, shape: Shape, read: Read) -> Response:
        order = read(requests.parse(await body_of(request)))
        envelope = Envelope(shape, self._name)
        if order.stream:
            return StreamingResponse(self._events(order, shape, envelope), media_type="text/event-stream")
        texts: list[list[Piece]] = [[] for _ in order.contexts]
        async for piece in self._written.pieces(order):
            texts[piece.index].append(piece)
        count = sum(piece.counts for pieces in texts for piece in pieces)
        choices = [shape.choice(index, pieces) for index, pieces in enumerate(texts)]
        return JSONResponse(envelope.whole(choices, shapes.usage(self._written.prompt_tokens(order), count)))

    async def _events(self, order: Generation, shape: Shape, envelope: Envelope) -> AsyncIterator[str]:
        """The answer as server-sent events. It ends early if the program hangs up."""
        count, begun = 0, set()
        try:
            async with aclosing(self._written.pieces(order)) as pieces:
                async for piece in pieces:
                    count += piece.counts
                    if piece.text or piece.chosen or piece.finish:
                        yield _event(envelope.part([shape.part(piece, piece.index not in begun)]))
                        begun.add(piece.index)
            if order.usage_in_stream:
                yield _event(envelope.part([], shapes.usage(self._written.prompt_tokens(order), count)))
        except Exception as error:  # the status has been sent, so the error is an event
            yield _event(json.loads(bytes(_failed(error).response().body)))
        yield "data: [DONE]\n\n"


async def body_of(request: Request) -> bytes:
    """The body of a request, which is not read to its end if it is too long or too slow. Raises Refusal."""
    declared = request.headers.get("content-length", "0")
    too_long = Refusal(413, f"a body has at most {MOST_BODY >> 20} MB")
    if not declared.isdecimal() or len(declared) > 15 or int(declared) > MOST_BODY:
        raise too_long
    body = bytearray()
    try:
        async with asyncio.timeout(PATIENCE):
            async for part in request.stream():
                body += part
                if len(body) > MOST_BODY:
                    raise too_long
    except TimeoutError:
        raise Refusal(408, "the body did not arrive in time") from None
    return bytes(body)


def guarded(endpoint: Endpoint) -> Endpoint:
    """The endpoint with every exception as an answer, without a traceback that could quote a message."""

    async def answer(request: Request) -> Response:
        try:
            return await endpoint(request)
        except Refusal as refusal:
            return refusal.response()
        except ClientDisconnect:
            return Response(status_code=499)  # nobody reads it
        except Exception as error:
            return _failed(error).response()

    return answer


def _failed(error: Exception) -> Refusal:
    return Refusal(500, f"failed inside: {type(error).__name__}")


async def _not_found(request: Request, error: Exception) -> Response:
    status = error.status_code if isinstance(error, HTTPException) else 500
    message = "there is no such path; see /v1/models" if status == 404 else "this path does not answer this method"
    return Refusal(status, message).response()


def _event(data: Mapping[str, Any]) -> str:
    return f"data: {json.dumps(data)}\n\n"
