"""`tui-lm serve` says what is wrong before it listens."""

from __future__ import annotations

import socket
import sys
from pathlib import Path

import pytest

from tests.cli.conftest import Run


def test_a_port_that_is_taken_is_an_error_of_two_lines(tui_lm: Run, saved: Path) -> None:
    pytest.importorskip("uvicorn")
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        code, out, err = tui_lm("serve", "-m", "small", "--port", port)
    assert (code, out) == (1, "")
    assert err.splitlines()[0].startswith(f"error: cannot listen on port {port}: ")
    assert err.splitlines()[1] == "hint: choose another one (--port)"


def test_no_option_lets_it_listen_elsewhere(tui_lm: Run, saved: Path) -> None:
    assert tui_lm("serve", "--host", "0.0.0.0")[0] == 2


def test_a_missing_extra_is_said_in_two_lines(tui_lm: Run, saved: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for module in [name for name in sys.modules if name.startswith(("tui_lm.serve", "uvicorn", "starlette"))]:
        monkeypatch.delitem(sys.modules, module)
    monkeypatch.setitem(sys.modules, "starlette", None)
    monkeypatch.setitem(sys.modules, "uvicorn", None)
    code, out, err = tui_lm("serve", "-m", "small")
    assert (code, out) == (1, "")
    assert err.startswith("error: serving needs the package ") and err.endswith("hint: pip install 'tui-lm[serve]'\n")
