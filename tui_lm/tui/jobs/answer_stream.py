"""The answer that the model is writing, a token at a time. One at most; what still arrives of an older one is stale."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tui_lm.tokenizers.stream import WritingContext
from tui_lm.tui.host import Mailbox
from tui_lm.tui.jobs.inference import Inference, InferenceJob
from tui_lm.tui.jobs.writing import Answer, Spoken

if TYPE_CHECKING:
    from tui_lm.settings import Settings


class AnswerStream:
    """`asker` is sent what the model writes, and takes it where `takes` and `ended_by` say that it is still wanted."""

    def __init__(self, asker: Mailbox, inference: Inference) -> None:
        self.active = False
        self._asker, self._inference = asker, inference
        self._revision = 0

    def begin(self, context: WritingContext, settings: Settings) -> None:
        """Let the model continue `context`; this replaces an older answer."""
        self._revision += 1
        self.active = True
        self._inference.put(Answer(self._asker, self._revision, context, settings))

    def takes(self, message: Spoken) -> bool:
        return self.active and message.revision == self._revision

    def ended_by(self, job: InferenceJob) -> bool:
        """Whether `job`, which is done or has failed, is the one that writes this answer."""
        return isinstance(job, Answer) and job.revision == self._revision

    def end(self) -> bool:
        """Take nothing more of it; False if there was none."""
        was_active, self.active = self.active, False
        if was_active:
            self._revision += 1  # what still arrives is stale
        return was_active

    def stop(self) -> bool:
        """End it before the model does; False if there was none."""
        if self.active:
            self._inference.stop(self._asker, Answer)
        return self.end()
