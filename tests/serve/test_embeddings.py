"""/v1/embeddings of a table of word vectors, as a program asks for them."""

from __future__ import annotations

import asyncio
import base64
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tui_lm import checkpoint
from tui_lm.exchange import vector_files

VECTORS = "3 3\ntea 3 0 4\ncoffee 0 2 0\nhot 0 0 5\n"
UNITS = {"tea": np.array([0.6, 0, 0.8]), "coffee": np.array([0, 1, 0]), "hot": np.array([0, 0, 1])}
Ask = Callable[..., tuple[int, Any]]


@pytest.fixture
def ask(tmp_path: Path) -> Ask:
    """Sends a request to the application, with the token; returns the status and the JSON of the answer."""
    pytest.importorskip("starlette", reason="the extra serve is not installed")
    from tui_lm.serve import embeddings

    (tmp_path / "toy.vec").write_text(VECTORS, "utf-8")
    checkpoint.save(tmp_path / "toy", vector_files.read(tmp_path / "toy.vec", "toy"))
    app = embeddings.create(checkpoint.load(tmp_path / "toy"), "secret", 80)

    def send(path: str, body: Any = None, token: str = "secret") -> tuple[int, Any]:
        data = b"" if body is None else json.dumps(body).encode()
        headers = {"host": "127.0.0.1:80", "authorization": f"Bearer {token}", "content-length": str(len(data))}
        scope = {
            "type": "http",
            "method": "GET" if body is None else "POST",
            "path": f"/v1/{path}",
            "query_string": b"",
            "client": ("127.0.0.1", 5000),
            "headers": [(name.encode(), value.encode()) for name, value in headers.items()],
        }
        sent: list[Any] = []

        async def receive() -> Any:
            return {"type": "http.request", "body": data}

        async def keep(message: Any) -> None:
            sent.append(message)

        asyncio.run(app(scope, receive, keep))
        return sent[0]["status"], json.loads(b"".join(each.get("body", b"") for each in sent[1:]))

    return send


def test_a_word_has_its_vector_at_length_one_and_a_text_the_mean_of_its_words(ask: Ask) -> None:
    _, answer = ask("embeddings", {"input": ["Tea!", "hot, hot coffee xyzzy"], "model": "toy"})
    first, second = (row["embedding"] for row in answer["data"])
    np.testing.assert_allclose(first, UNITS["tea"], atol=1e-6)
    mean = (2 * UNITS["hot"] + UNITS["coffee"]) / 3
    np.testing.assert_allclose(second, mean / np.linalg.norm(mean), atol=1e-6)
    assert [row["index"] for row in answer["data"]] == [0, 1]
    assert answer["usage"] == {"prompt_tokens": 4, "total_tokens": 4}
    assert (answer["object"], answer["model"]) == ("list", "toy")


def test_numbers_may_be_base64(ask: Ask) -> None:
    _, answer = ask("embeddings", {"input": "tea", "encoding_format": "base64"})
    numbers = np.frombuffer(base64.b64decode(answer["data"][0]["embedding"]), "<f4")
    np.testing.assert_allclose(numbers, UNITS["tea"], atol=1e-6)


@pytest.mark.parametrize(
    ("body", "status", "words"),
    [
        ({"input": "xyzzy"}, 400, "index 0 has a vector"),
        ({"input": ""}, 400, "index 0 has a vector"),
        ({"input": [[1, 2]]}, 400, "string"),
        ({"input": []}, 400, "string"),
        ({}, 400, "string"),
        ({"input": ["tea"] * 3000}, 400, "at most"),
        ({"input": "tea", "model": "other"}, 404, "not served"),
        ({"input": "tea", "dimensions": 2}, 400, "dimensions"),
        ({"input": "tea", "encoding_format": "int8"}, 400, "base64"),
    ],
)
def test_what_cannot_be_answered_is_refused_without_quoting_it(ask: Ask, body: Any, status: int, words: str) -> None:
    got, answer = ask("embeddings", body)
    assert got == status
    assert words in answer["error"]["message"]
    assert "xyzzy" not in json.dumps(answer)


def test_the_token_is_needed_and_nothing_else_is_answered(ask: Ask) -> None:
    assert ask("embeddings", {"input": "tea"}, token="wrong")[0] == 401
    assert ask("models")[1]["data"][0]["id"] == "toy"
    assert ask("models/toy")[0] == 200
    assert ask("completions", {"prompt": "tea"})[0] == 404
