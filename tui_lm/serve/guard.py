"""Refuses every request that does not come from a program on this machine that knows the token.

A web page in the user's browser can send requests to loopback, too. Browsers name the page in `Origin`, or its relation
to the server in `Sec-Fetch-Site`. A page whose name is pointed at loopback after it was loaded (DNS rebinding) betrays
itself by the name in `Host`.
"""

from __future__ import annotations

import hmac

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from tui_lm.serve.refusal import Refusal

LOOPBACK = "127.0.0.1"
NAMES = frozenset({LOOPBACK, "localhost"})
SAME_SITE = frozenset({"same-origin", "none"})  # of Sec-Fetch-Site: the page of the server itself, or no page


class Guard:
    """Passes requests with the token on to `app`."""

    def __init__(self, app: ASGIApp, token: str, port: int) -> None:
        self._app = app
        self._token = token.encode()
        self._origins = {f"http://{name}:{port}" for name in NAMES}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return  # the server closes a WebSocket that nobody accepts
        try:
            self._check(scope)
        except Refusal as refusal:
            await refusal.response()(scope, receive, send)
            return
        await self._app(scope, receive, send)

    def _check(self, scope: Scope) -> None:
        """Raises Refusal."""
        headers = Headers(scope=scope)
        client = scope.get("client")
        if client is None or client[0] != LOOPBACK:
            raise Refusal(403, "requests must come from this machine")
        if headers.get("host", "").rsplit(":", 1)[0].lower() not in NAMES:
            raise Refusal(403, "the host must be 127.0.0.1 or localhost")
        origin, site = headers.get("origin"), headers.get("sec-fetch-site")
        if (origin is not None and origin not in self._origins) or (site is not None and site not in SAME_SITE):
            raise Refusal(403, "requests of web pages are not answered")
        scheme, _, token = headers.get("authorization", "").partition(" ")
        # Compared in constant time, so that the time of the answer says nothing about the token.
        if scheme.lower() != "bearer" or not hmac.compare_digest(token.strip().encode("latin-1"), self._token):
            message = "the token is missing or wrong; `tui-lm serve` says where it is kept"
            raise Refusal(401, message, code="invalid_api_key")
