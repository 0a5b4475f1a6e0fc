"""The socket of the server, on loopback only, and the loop that serves it."""

from __future__ import annotations

import os
import socket

import uvicorn
from starlette.types import ASGIApp

from tui_lm.errors import TuiLmError
from tui_lm.serve.guard import LOOPBACK

MOST_REQUESTS = 64  # at the same time; others are told to come later


def listen(port: int) -> socket.socket:
    """A socket that listens on this port of loopback, on any free one if it is 0. Raises TuiLmError if it is taken."""
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    try:
        if os.name != "nt":  # there, the option would let another program take the port over
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((LOOPBACK, port))
        listener.listen()
    except OSError as error:
        listener.close()
        raise TuiLmError(
            f"cannot listen on port {port}: {error.strerror}", "choose another one", about="port"
        ) from error
    return listener


def serve(application: ASGIApp, listener: socket.socket) -> None:
    """Serve until the process is interrupted. Nothing is logged, and no header of a proxy is believed."""
    config = uvicorn.Config(
        application,
        loop="asyncio",
        http="h11",
        ws="none",
        lifespan="off",
        log_config=None,
        access_log=False,
        proxy_headers=False,
        server_header=False,
        limit_concurrency=MOST_REQUESTS,
        timeout_graceful_shutdown=2,
    )
    uvicorn.Server(config).run([listener])
