"""Gradients on request: a child process with torch, which whoever waits for it may end at any time."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Mapping, Sequence
from typing import Any

from tui_lm.errors import TuiLmError
from tui_lm.inspection.recording import Recording

PATIENCE = 3600.0  # seconds; a wait that has to end at some time can be interrupted on every system


class GradientProcess:
    """Requests to `autograd`, on their way. `result` waits for the answers; `cancel`, from any thread, ends it."""

    def __init__(self, requests: Sequence[Mapping[str, Any]]) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tui_lm.inspection.autograd"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        self._requests = json.dumps(list(requests))
        self._answer: str | None = None
        self.cancelled = False

    @property
    def running(self) -> bool:
        return self._process.poll() is None

    def finished(self, within: float) -> bool:
        """Whether the answers are there, after waiting at most so many seconds for them."""
        if self._answer is None:
            try:
                self._answer, _ = self._process.communicate(self._requests, timeout=within)
            except subprocess.TimeoutExpired:
                return False
        return True

    def result(self) -> list[Any]:
        """An answer a request. Raises TuiLmError where it was cancelled or torch is not there."""
        try:
            while not self.finished(within=PATIENCE):
                pass
        except BaseException:
            self.cancel()
            raise
        if self._process.returncode == 0:
            return list(json.loads(self._answer or "[]"))
        if self.cancelled:
            raise TuiLmError("the gradients were called off", "ask for them again")
        raise TuiLmError(
            "the gradients could not be worked out",
            "they need torch: `python -c 'import torch'` says whether it is there",
        )

    def cancel(self) -> None:
        self.cancelled = True
        self._process.kill()


def folder_of(recording: Recording) -> str:
    """Where the child finds the model. Raises TuiLmError for one that is in memory alone."""
    if recording.folder is None:
        raise TuiLmError("gradients are worked out from a model folder", "save the model first")
    return str(recording.folder.resolve())
