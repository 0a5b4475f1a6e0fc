"""`tui-lm lsp` says what is missing before an editor waits for it."""

from __future__ import annotations

import sys

import pytest

from tests.cli.conftest import Run


def test_a_missing_extra_is_said_in_two_lines(tui_lm: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    for module in [name for name in sys.modules if name.startswith("tui_lm.lsp")]:
        monkeypatch.delitem(sys.modules, module)
    monkeypatch.setitem(sys.modules, "lsprotocol", None)
    monkeypatch.setitem(sys.modules, "lsprotocol.types", None)
    monkeypatch.setitem(sys.modules, "pygls", None)
    monkeypatch.setitem(sys.modules, "pygls.exceptions", None)
    code, out, err = tui_lm("lsp")
    assert (code, out) == (1, "")
    assert err.splitlines()[0].startswith("error: the language server needs the package ")
    assert err.splitlines()[1:] == ["hint: pip install 'tui-lm[lsp]'"]


def test_a_model_that_does_not_exist_is_an_error_at_the_start(tui_lm: Run) -> None:
    pytest.importorskip("pygls")
    code, out, err = tui_lm("lsp", "-m", "nowhere")
    assert (code, out) == (1, "") and err.startswith("error: ")
