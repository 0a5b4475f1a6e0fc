"""The loss on text that is not trained on."""

from __future__ import annotations

import math

import torch
from torch import nn
from torch.nn import functional as F

from trainers import device as devices
from trainers.data import IGNORED, TextStream

MOST_TOKENS = 200_000
STREAMS = 16
CHUNK = 256


def validate(model: nn.Module, stream: TextStream, device: str) -> tuple[float, float]:
    """(nats a predicted token, bits a character) over the stream, read in a few contiguous pieces side by side.

    For comparing moments of one run: `evaluation` reads the text in one piece and is what is reported.
    """
    streams = max(1, min(STREAMS, len(stream) // CHUNK))
    inputs, targets = stream.head(MOST_TOKENS).side_by_side(streams)
    state = None
    total, count = 0.0, 0
    model.eval()
    with torch.no_grad(), devices.autocast(device):
        for start in range(0, len(inputs), CHUNK):
            x, y = inputs[start : start + CHUNK].to(device), targets[start : start + CHUNK].to(device)
            logits, state = model(x, state)
            loss = F.cross_entropy(logits.float().flatten(0, 1), y.flatten(), ignore_index=IGNORED, reduction="sum")
            total += loss.item()
            count += int((y != IGNORED).sum())
    model.train()
    nats = total / max(1, count)
    return nats, nats * stream.predicted() / max(1, stream.units) / math.log(2)
