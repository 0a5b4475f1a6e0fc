"""What a teacher teaches, in a private file outside the model's folder, which is removed when the run has finished."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from trainers.spelling import SoftTargets
from tui_lm import paths
from tui_lm.errors import TuiLmError


@dataclass(frozen=True, slots=True)
class Lesson:
    """The student's tokens [N] with their targets. `units` are characters and ends of messages."""

    ids: NDArray[np.uint16]
    targets: SoftTargets
    units: int

    @classmethod
    def load(cls, path: Path) -> Lesson:
        """Raises TuiLmError if the file is missing or damaged."""
        try:
            with np.load(path, allow_pickle=False) as saved:
                targets = SoftTargets(saved["soft_ids"], saved["soft_probabilities"])
                return cls(saved["ids"], targets, int(saved["units"]))
        except (OSError, ValueError, KeyError, EOFError) as error:
            raise TuiLmError("what the teacher taught is missing or damaged", "start the run again") from error

    def save(self, path: Path) -> None:
        """Write a file that only this user can read."""
        paths.make_private(path.parent)
        new = path.with_suffix(".new")
        with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
            targets = self.targets
            np.savez(
                file, ids=self.ids, units=np.array(self.units), soft_ids=targets.ids,
                soft_probabilities=targets.probabilities,
            )  # fmt: skip
        new.replace(path)
