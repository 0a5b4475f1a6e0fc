"""The server answers programs of this user on this machine, and nobody else."""

from __future__ import annotations

import os
import socket
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.serve.conftest import Served

CHAT = "/v1/chat/completions"
SAID = {"messages": [{"role": "user", "content": "secret"}]}
Start = Callable[..., Served]


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux has more than one address of loopback by default")
def test_another_address_of_the_machine_is_refused(served: Served) -> None:
    with socket.socket() as other, pytest.raises(ConnectionRefusedError):
        other.connect(("127.0.0.2", served.port))


@pytest.mark.parametrize("host", ["evil.example", "evil.example:11435", "127.0.0.1.evil.example", "0.0.0.0", ""])
def test_a_name_that_was_pointed_at_this_machine_is_refused(served: Served, host: str) -> None:
    assert served.send("GET", "/v1/models", Host=host)[0] == 403


def test_both_names_of_loopback_are_answered(served: Served) -> None:
    for host in ("127.0.0.1", f"127.0.0.1:{served.port}", f"LOCALHOST:{served.port}"):
        assert served.send("GET", "/v1/models", Host=host)[0] == 200


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "http://localhost:3000"},
        {"Origin": "null"},
        {"Sec_Fetch_Site": "cross-site"},
        {"Sec_Fetch_Site": "same-site"},
    ],
    ids=str,
)
@pytest.mark.parametrize("method", ["POST", "OPTIONS"])
def test_a_web_page_is_refused_even_with_the_token(served: Served, method: str, headers: dict[str, str]) -> None:
    status, answer = served.send(method, CHAT, SAID, **headers)
    assert status == 403 and "secret" not in str(answer)


def test_no_page_may_read_an_answer(served: Served) -> None:
    import http.client

    connection = http.client.HTTPConnection("127.0.0.1", served.port)
    connection.request("GET", "/v1/models", headers={"Authorization": f"Bearer {served.token}"})
    answer = connection.getresponse()
    names = [name.lower() for name, _ in answer.getheaders()]
    connection.close()
    assert not [name for name in names if name.startswith("access-control-")]
    assert "server" not in names


@pytest.mark.parametrize("authorization", ["", "Bearer", "Bearer wrong", "Bearer é", "Basic {token}", "{token}"])
@pytest.mark.parametrize("path", ["/v1/models", CHAT, "/nowhere"])
def test_without_the_token_nothing_is_answered(served: Served, path: str, authorization: str) -> None:
    status, answer = served.send("GET", path, Authorization=authorization.format(token=served.token))
    assert status == 401 and served.token not in str(answer)


def exchange(served: Served, request: bytes, more: bytes = b"", times: int = 0) -> bytes:
    """Send raw bytes, then `more` until the server hangs up; returns the answer."""
    with socket.create_connection(("127.0.0.1", served.port), timeout=30) as connection:
        connection.sendall(request)
        try:
            for _ in range(times):
                connection.sendall(more)
        except (BrokenPipeError, ConnectionResetError):
            pass
        try:
            return connection.recv(1 << 16)
        except ConnectionResetError:
            return b""


def head(served: Served, *lines: str) -> bytes:
    rows = [f"POST {CHAT} HTTP/1.1", "Host: localhost", f"Authorization: Bearer {served.token}", *lines]
    return "\r\n".join([*rows, "", ""]).encode()


def test_a_body_of_a_gigabyte_is_refused_before_it_is_sent(served: Served) -> None:
    answer = exchange(served, head(served, f"Content-Length: {1 << 30}"))
    assert answer.startswith(b"HTTP/1.1 413") and b"connection: close" in answer.lower()


def test_a_body_of_unknown_length_is_read_up_to_the_limit_only(served: Served) -> None:
    chunk = b"%x\r\n" % (1 << 20) + b" " * (1 << 20) + b"\r\n"
    answer = exchange(served, head(served, "Transfer-Encoding: chunked"), chunk, times=1024)
    assert answer == b"" or answer.startswith(b"HTTP/1.1 413")
    assert served.send("GET", "/v1/models")[0] == 200


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"nonsense secret",
        b"\xff",
        b'"secret"',
        b"[" * 100_000,
        b'{"messages": NaN}',
        b'{"messages": []}',
        b'{"messages": ["secret"]}',
        b'{"messages": [{"role": "secret", "content": "a"}]}',
        b'{"messages": [{"role": "user", "content": 5}]}',
        b'{"messages": [{"role": "user", "content": [{"type": "image_url"}]}]}',
        b'{"messages": [{"role": "user", "content": "a"}], "temperature": "secret"}',
        b'{"messages": [{"role": "user", "content": "a"}], "temperature": -1}',
        b'{"messages": [{"role": "user", "content": "a"}], "temperature": true}',
        b'{"messages": [{"role": "user", "content": "a"}], "max_tokens": 1000000}',
        b'{"messages": [{"role": "user", "content": "a"}], "n": 1000}',
        b'{"messages": [{"role": "user", "content": "a"}], "stop": 5}',
        b'{"messages": [{"role": "user", "content": "a"}], "seed": 1.5}',
        b'{"messages": [{"role": "user", "content": "a"}], "stream": "yes"}',
        b'{"messages": [{"role": "user", "content": "a"}], "tools": [{"secret": 1}]}',
    ],
)
def test_a_bad_request_is_answered_without_quoting_it(served: Served, body: bytes) -> None:
    status, answer = served.send("POST", CHAT, body)
    assert status == 400
    assert set(answer["error"]) == {"message", "type", "param", "code"}
    assert "secret" not in str(answer)
    assert served.send("GET", "/v1/models")[0] == 200


@pytest.mark.parametrize(
    ("method", "path", "status"), [("GET", "/", 404), ("GET", CHAT, 405), ("POST", "/v1/embeddings", 404)]
)
def test_other_paths_and_methods_are_refused(served: Served, method: str, path: str, status: int) -> None:
    assert served.send(method, path)[0] == status


def test_a_bug_is_answered_without_its_text() -> None:
    pytest.importorskip("starlette")
    import asyncio

    from starlette.requests import Request
    from starlette.responses import Response

    from tui_lm.serve.application import guarded

    async def broken(request: Request) -> Response:
        raise ZeroDivisionError("secret")

    answer = asyncio.run(guarded(broken)(Request({"type": "http"})))  # type: ignore[arg-type]
    assert answer.status_code == 500 and b"ZeroDivisionError" in answer.body and b"secret" not in answer.body


def test_the_token_is_printed_once_and_kept_private(start: Start, home: Path) -> None:
    first = start()
    assert first.token in "".join(first.printed)
    if os.name != "nt":
        assert (home / "serve-token").stat().st_mode & 0o777 == 0o600
    again = start()
    assert again.token == first.token and first.token not in "".join(again.printed)
    renewed = start("--new-token")
    assert renewed.token != first.token and renewed.token in "".join(renewed.printed)


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such permissions")
def test_a_token_that_others_could_read_is_replaced(home: Path) -> None:
    pytest.importorskip("starlette")
    from tui_lm.serve.token import load_token, token_file

    token, new = load_token()
    assert new and load_token() == (token, False)
    token_file().chmod(0o644)
    other, new = load_token()
    assert new and other != token and token_file().stat().st_mode & 0o777 == 0o600
    token_file().write_text("short\n")
    assert load_token()[1]
