"""Errors as the API reports them."""

from __future__ import annotations

from collections.abc import Mapping

from starlette.responses import JSONResponse


class Refusal(Exception):
    """A request that is not answered: the HTTP status, and a message that quotes nothing of the request."""

    def __init__(self, status: int, message: str, *, code: str | None = None, parameter: str | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.code = code
        self.parameter = parameter

    def response(self) -> JSONResponse:
        kind = "server_error" if self.status >= 500 else "invalid_request_error"
        error = {"message": self.message, "type": kind, "param": self.parameter, "code": self.code}
        headers: Mapping[str, str] = {"connection": "close"} if self.status in (408, 413) else {}
        if self.status == 401:
            headers = {"www-authenticate": "Bearer"}
        return JSONResponse({"error": error}, self.status, headers)
