"""What the inspector looks at: a text with the model in use, or something that brings its own network."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from tui_lm.tokenizers.stream import WritingContext

if TYPE_CHECKING:
    from tui_lm.inspection.recording import Recording
    from tui_lm.tui.jobs.backend import Backend


class Subject(Protocol):
    """Equal subjects have equal recordings."""

    @property
    def needs_model(self) -> bool:
        """Whether the model in use is the one that is looked at."""

    def recording(self, model: Backend | None) -> Recording:
        """What the network did; called in the inference thread. `model` is None if it is not needed."""


@dataclass(frozen=True)
class Written:
    """A text that the model in use reads."""

    context: WritingContext
    needs_model = True

    def recording(self, model: Backend | None) -> Recording:
        assert model is not None  # see `needs_model`
        return model.recorder.record(self.context)
