"""The files of a model's folder beside its weights: n-grams, fingerprints of the messages, a base's licence and notice,
weights in eight bits.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from trainers.job import TrainingJob
from trainers.launch import is_first
from trainers.ngram_counts import NgramCounts
from trainers.plan import is_pretrained
from tui_lm.architecture import Architecture, Llama
from tui_lm.checkpoint import LEGAL, QUANTIZED, SavedModel
from tui_lm.fingerprints import Fingerprints
from tui_lm.tokenizers.stream import message_ids

CALIBRATION_TEXTS, CALIBRATION_TOKENS = 4, 256  # training texts that show how large the inputs of a product become


class Branch(Protocol):
    """A linear model beside the network."""

    def write(self, folder: Path, model: SavedModel) -> None:
        """Write the linear model and its mixture with the network as it is now."""
        ...


@dataclass(frozen=True, slots=True)
class Attachments:
    """Written into each folder that is saved. `calibration` are token ids; a network that is not rounded has none.

    `branch` is the linear branch of a classifier or tagger.
    """

    counts: NgramCounts
    legal: Mapping[str, bytes]
    calibration: Sequence[Sequence[int]]
    fingerprints: Fingerprints | None = None
    branch: Branch | None = None

    @classmethod
    def of(cls, job: TrainingJob) -> Attachments:
        origin = job.folder if job.resume else job.base
        files = [] if origin is None else [origin / name for name in LEGAL]
        legal = {file.name: file.read_bytes() for file in files if file.is_file()}
        calibration = _calibration(job) if _is_rounded(job.config.architecture) else ()
        branch = _branch(job) if is_first() else None
        return cls(NgramCounts.of(job), legal, calibration, job.corpus.fingerprints, branch)

    def write(self, folder: Path, model: SavedModel, *, final: bool) -> None:
        """`final` if this model is the last one of the run or of this part of it: then it is prepared for serving."""
        self.counts(folder)
        if self.fingerprints is not None:
            self.fingerprints.save(folder)
        if self.branch is not None:
            self.branch.write(folder, model)
        for name, text in self.legal.items():
            (folder / name).write_bytes(text)
        if final and self.calibration:
            _quantize(folder, model, self.calibration)


def _is_rounded(architecture: Architecture) -> bool:
    """Whether a network is served in eight bits. GPT-2 is not: it is served in float32."""
    return isinstance(architecture, Llama) and is_pretrained(architecture)


def _branch(job: TrainingJob) -> Branch | None:
    """The linear branch, which takes seconds to fit."""
    if job.card.purpose == "classification":
        from trainers.text_branch import TextBranch

        return TextBranch.of(job)
    if job.card.purpose == "tagging":
        from trainers.tag_branch import TagBranch

        return TagBranch.of(job)
    return None


def _calibration(job: TrainingJob) -> Sequence[Sequence[int]]:
    utterances, ids = job.corpus.utterances["train"], list[int]()
    for i in range(len(utterances) - 1, -1, -1):
        ids += message_ids(job.tokenizers.target, utterances[i].text, utterances[i].author)
        if len(ids) >= CALIBRATION_TEXTS * CALIBRATION_TOKENS:
            break
    return [ids[i : i + CALIBRATION_TOKENS] for i in range(0, len(ids), CALIBRATION_TOKENS)]


def _quantize(folder: Path, model: SavedModel, texts: Sequence[Sequence[int]]) -> None:
    """Without the packages for it the model is served in float32, which is slower."""
    try:
        import onnx  # noqa: F401
        import onnxruntime  # noqa: F401
    except ImportError:
        return
    from safetensors.numpy import save_file

    from tui_lm.runtime.quantization import quantize

    architecture = model.card.architecture
    assert isinstance(architecture, Llama)
    save_file(quantize(architecture, model.weights, texts), folder / QUANTIZED)
