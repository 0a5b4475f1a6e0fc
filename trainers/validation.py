"""The loss of a language model on the validation part."""

from __future__ import annotations

import math
from collections.abc import Iterator

import torch
from torch import Tensor
from torch.nn import functional as F

from trainers import device as devices
from trainers.data import IGNORED, TextStream
from tui_lm.models.model import Model

MOST_TOKENS = 200_000
STREAMS = 16
CHUNK = 256
WINDOW = 1024  # tokens, of a network without a state: attention over more of them takes long


def validate(model: Model, stream: TextStream, device: str) -> tuple[float, float]:
    """(nats a predicted token, bits a character) over the stream, read as a few contiguous columns side by side.

    A model without a state reads windows of its context that overlap by half. The result compares the evaluations of
    one run; `tui_lm.evaluation` reads the text in one piece, and its figures are the ones to report.
    """
    total, count = 0.0, 0
    model.eval()
    with torch.no_grad(), devices.autocast(device):
        state = None
        for x, y in _parts(stream.head(MOST_TOKENS), None if model.context is None else min(model.context, WINDOW)):
            logits, after = model(x.to(device), state)
            state = after if model.context is None else None
            loss = F.cross_entropy(
                logits.float().flatten(0, 1), y.to(device).flatten(), ignore_index=IGNORED, reduction="sum"
            )
            total += loss.item()
            count += int((y != IGNORED).sum())
    model.train()
    nats = total / max(1, count)
    return nats, nats * stream.predicted() / max(1, stream.units) / math.log(2)


def _parts(stream: TextStream, context: int | None) -> Iterator[tuple[Tensor, Tensor]]:
    """Inputs and targets [T, B]: consecutive chunks of a stream, or independent windows."""
    if context is None:
        inputs, targets = stream.side_by_side(max(1, min(STREAMS, len(stream) // CHUNK)))
        yield from zip(inputs.split(CHUNK), targets.split(CHUNK), strict=True)
    else:
        inputs, targets = stream.overlapping(context)
        at_once = max(1, STREAMS * CHUNK // context)
        yield from zip(inputs.split(at_once, dim=1), targets.split(at_once, dim=1), strict=True)
