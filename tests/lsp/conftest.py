"""A plain JSON-RPC client over pipes, and a language server with a scripted completer."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

SCRIPTED = """
import json, sys, time
from pathlib import Path
from tui_lm.completion import Candidate, Suggestion
from tui_lm.completion.words import cursor
from tui_lm.errors import TuiLmError
from tui_lm.lsp.server import Server

LOG, RELEASE = Path({log!r}), Path({release!r})


def log(*row):
    with LOG.open("a") as file:
        print(json.dumps(row), file=file)


class Scripted:
    def __init__(self, options):
        log("open", options.model, options.author, options.threshold, options.learn)
        if options.model == "missing":
            raise TuiLmError("there is no model missing", "train one")

    def complete(self, context, *, n, expired):
        log("complete", context.text)
        while context.text.startswith("hold") and not RELEASE.exists():
            time.sleep(0.005)
        if context.text == "bug":
            raise ZeroDivisionError("secret")
        if context.text == "cafe":
            return Suggestion((Candidate("cafés", 0.9),), "")
        token = cursor(context.text).token
        candidates = tuple(Candidate(token + end, 0.5) for end in ("one", "two words", "three")[:n])
        ghost = "" if context.text.endswith("unsure") else json.dumps([context.text, context.author, context.history])
        return Suggestion(candidates, ghost)

    def learn(self, context):
        log("learn", context.text, context.author)

    def save(self):
        log("save")


Server(Scripted).serve()
"""
URI = "file:///note.md"
CONFIGURATION = {"workspace": {"configuration": True}}


class Client:
    """An editor. `configuration` is the answer to workspace/configuration; `seen` are the server's notifications."""

    def __init__(self, command: list[str], folder: Path, configuration: dict[str, Any] | None = None) -> None:
        self.configuration = configuration or {}
        self.seen: list[dict[str, Any]] = []
        self._id = 0
        self._answers: dict[int, dict[str, Any]] = {}
        self._stderr = (folder / "stderr").open("wb")
        self._process = subprocess.Popen(
            [sys.executable, "-W", "error", *command],
            cwd=folder,
            env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._stderr,
        )

    def write(self, data: bytes) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(data)
        self._process.stdin.flush()

    def send(self, message: Any) -> None:
        body = json.dumps(message).encode()
        self.write(b"Content-Length: %d\r\n\r\n" % len(body) + body)

    def notify(self, method: str, **params: Any) -> None:
        self.send({"jsonrpc": "2.0", "method": method, "params": params})

    def request(self, method: str, **params: Any) -> int:
        """Send a request without waiting for its answer; returns its id."""
        self._id += 1
        self.send({"jsonrpc": "2.0", "id": self._id, "method": method, "params": params})
        return self._id

    def receive(self) -> dict[str, Any]:
        assert self._process.stdout is not None
        length = 0
        while (line := self._process.stdout.readline()) != b"\r\n":
            assert line, "the server has ended"
            if line.startswith(b"Content-Length: "):
                length = int(line.split()[1])
        message: dict[str, Any] = json.loads(self._process.stdout.read(length))
        if message.get("method") == "workspace/configuration":
            self.send({"jsonrpc": "2.0", "id": message["id"], "result": [self.configuration]})
        elif "method" in message and "id" in message:
            self.send({"jsonrpc": "2.0", "id": message["id"], "result": None})
        elif "method" in message:
            self.seen.append(message)
        else:
            self._answers[message["id"]] = message
        return message

    def answer(self, number: int) -> dict[str, Any]:
        while number not in self._answers:
            self.receive()
        return self._answers.pop(number)

    def call(self, method: str, **params: Any) -> Any:
        answer = self.answer(self.request(method, **params))
        assert "error" not in answer, answer
        return answer["result"]

    def start(self, capabilities: dict[str, Any] = CONFIGURATION, **params: Any) -> Any:
        result = self.call("initialize", processId=None, rootUri=None, capabilities=capabilities, **params)
        self.notify("initialized")
        return result

    def open(self, text: str, language: str = "markdown", uri: str = URI) -> None:
        opened = {"uri": uri, "languageId": language, "version": 1, "text": text}
        self.notify("textDocument/didOpen", textDocument=opened)

    def change(self, text: str, *where: int, uri: str = URI) -> None:
        """Replace the range (line, character, line, character), or the whole document without one."""
        change: dict[str, Any] = {"text": text}
        if where:
            change["range"] = {
                "start": {"line": where[0], "character": where[1]},
                "end": {"line": where[2], "character": where[3]},
            }
        self.notify("textDocument/didChange", textDocument={"uri": uri, "version": 2}, contentChanges=[change])

    def at(self, line: int, character: int, uri: str = URI) -> dict[str, Any]:
        return {"textDocument": {"uri": uri}, "position": {"line": line, "character": character}}

    def words(self, line: int, character: int) -> list[dict[str, Any]]:
        answer = self.call("textDocument/completion", **self.at(line, character))
        assert answer["isIncomplete"] is True
        items: list[dict[str, Any]] = answer["items"]
        return items

    def ghost(self, line: int, character: int, kind: int = 2) -> str:
        where = {**self.at(line, character), "context": {"triggerKind": kind}}
        items = self.call("textDocument/inlineCompletion", **where)["items"]
        if not items:
            return ""
        (item,) = items
        assert item["range"]["start"] == item["range"]["end"] == {"line": line, "character": character}
        text: str = item["insertText"]
        return text

    def end(self) -> int:
        """Ask the server to end; returns its exit code."""
        self.call("shutdown")
        self.notify("exit")
        return self._process.wait()

    def close(self) -> None:
        self._process.kill()
        self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout, self._stderr):
            assert pipe is not None
            with suppress(BrokenPipeError):
                pipe.close()


def scripted(folder: Path) -> str:
    """The path of a server with a scripted completer, which logs in `folder`."""
    script = folder / "scripted.py"
    script.write_text(SCRIPTED.format(log=str(folder / "log"), release=str(folder / "release")), "utf-8")
    return str(script)


@pytest.fixture
def logged(tmp_path: Path) -> Callable[[str], list[list[Any]]]:
    """The rows of one kind that the scripted completer has logged."""

    def read(kind: str) -> list[list[Any]]:
        log = tmp_path / "log"
        rows = [json.loads(line) for line in log.read_text("utf-8").splitlines()] if log.exists() else []
        return [row[1:] for row in rows if row[0] == kind]

    return read


@pytest.fixture
def connect(tmp_path: Path) -> Iterator[Callable[..., Client]]:
    """Starts a server with the given command, by default the scripted one."""
    clients: list[Client] = []

    def start(*command: str, **configuration: Any) -> Client:
        clients.append(Client([*command] or [scripted(tmp_path)], tmp_path, configuration))
        return clients[-1]

    yield start
    for client in clients:
        client.close()
