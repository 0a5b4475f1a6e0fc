"""Gradients on request, from a child process with torch."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Generator, Mapping, Sequence
from typing import Any

from tui_lm.errors import TuiLmError
from tui_lm.inspection.recording import Recording
from tui_lm.inspection.view import Progress

PATIENCE = 0.05  # seconds between two signs of progress


def gradients(requests: Sequence[Mapping[str, Any]]) -> Generator[Progress, None, list[Any]]:
    """Answers to requests to `autograd`, one each. Closing the generator ends the process.

    Raises TuiLmError if torch is missing or fails.
    """
    process = GradientProcess(requests)
    try:
        while not process.finished(within=PATIENCE):
            yield Progress("Computing the gradients")
        return process.result()
    finally:
        process.cancel()


class GradientProcess:
    """A process that answers requests to `autograd`. `cancel` ends it and may be called from any thread."""

    def __init__(self, requests: Sequence[Mapping[str, Any]]) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tui_lm.inspection.autograd"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        self._requests: str | None = json.dumps(list(requests))
        self._answer: str | None = None

    def finished(self, within: float) -> bool:
        """Wait at most `within` seconds for the process. Returns whether it has finished."""
        if self._answer is None:
            requests, self._requests = self._requests, None  # `communicate` takes its input once
            try:
                self._answer, _ = self._process.communicate(requests, timeout=within)
            except subprocess.TimeoutExpired:
                return False
        return True

    def result(self) -> list[Any]:
        """The answers, once the process has finished. Raises TuiLmError if it failed."""
        if self._process.returncode == 0:
            return list(json.loads(self._answer or "[]"))
        raise TuiLmError(
            "the gradients could not be computed",
            "they need torch: `python -c 'import torch'` tells whether it is installed",
        )

    def cancel(self) -> None:
        self._process.kill()


def folder_of(recording: Recording) -> str:
    """The folder from which the child loads the model. Raises TuiLmError for a model that exists in memory only."""
    if recording.folder is None:
        raise TuiLmError("gradients need a saved model", "save the model first")
    return str(recording.folder.resolve())
