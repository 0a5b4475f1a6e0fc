"""Runs the command line inside the test's process."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tui_lm.cli import main

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def tui_lm(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Run:
    """Run the command line with the given arguments; returns exit code, stdout and stderr."""

    def run(*arguments: object) -> tuple[int, str, str]:
        monkeypatch.setattr("sys.argv", ["tui-lm", *map(str, arguments)])
        with pytest.raises(SystemExit) as ended:
            main()
        out, err = capsys.readouterr()
        return int(ended.value.code or 0), out, err

    return run
