"""A server in a process of its own, and a client that can send anything."""

from __future__ import annotations

import http.client
import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import random_model
from tui_lm import checkpoint


class Served:
    """A running `tui-lm serve`. `printed` are its first lines."""

    def __init__(self, home: Path, *options: str) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tui_lm", "serve", "-m", "small", "--port", "0", *options],
            env={**os.environ, "TUI_LM_HOME": str(home)},
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self._process.stdout is not None
        self.printed = [self._process.stdout.readline()]
        while "kept in" not in self.printed[-1]:
            self.printed.append(self._process.stdout.readline())
            assert self.printed[-1], "the server has ended"
        self.url = self.printed[0].split(" at ")[1].strip()
        self.port = int(self.url.rsplit(":", 1)[1].partition("/")[0])
        self.token = (home / "serve-token").read_text().strip()

    def send(self, method: str, path: str, body: Any = None, **headers: str) -> tuple[int, Any]:
        """Send a request with the token; returns the status and the JSON of the answer, or its text."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        data = body if isinstance(body, bytes | None) else json.dumps(body).encode()
        names = {name.replace("_", "-"): value for name, value in headers.items()}
        connection.request(method, path, data, {"Authorization": f"Bearer {self.token}", **names})
        answer = connection.getresponse()
        text = answer.read().decode()
        connection.close()
        kind = answer.getheader("content-type") or ""
        return answer.status, json.loads(text) if kind == "application/json" else text

    def post(self, path: str, **body: Any) -> Any:
        status, answer = self.send("POST", path, body)
        assert status == 200, answer
        return answer

    def events(self, path: str, **body: Any) -> list[Any]:
        """The events of a stream, without the last, which says that it is done."""
        rows = self.post(path, stream=True, **body).split("\n\n")
        assert rows[-2:] == ["data: [DONE]", ""]
        return [json.loads(row.removeprefix("data: ")) for row in rows[:-2]]

    def close(self) -> None:
        self._process.kill()
        self._process.wait()
        assert self._process.stdout is not None
        self._process.stdout.close()


@pytest.fixture
def start(home: Path, saved: Path) -> Iterator[Callable[..., Served]]:
    """Starts a server of the model "small" with more options."""
    pytest.importorskip("uvicorn", reason="the extra serve is not installed")
    servers: list[Served] = []

    def begin(*options: str) -> Served:
        servers.append(Served(home, *options))
        return servers[-1]

    yield begin
    for server in servers:
        server.close()


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """One server for all tests of a module, with an untrained model of two authors."""
    pytest.importorskip("uvicorn", reason="the extra serve is not installed")
    home = tmp_path_factory.mktemp("home")
    checkpoint.save(home / "models" / "small", random_model())
    server = Served(home)
    yield server
    server.close()
