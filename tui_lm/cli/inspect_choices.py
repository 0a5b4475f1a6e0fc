"""The choices of options of `tui-lm inspect`."""

from __future__ import annotations

from enum import StrEnum


class NotationChoice(StrEnum):
    TEXTBOOK = "textbook"
    PYTORCH = "pytorch"


class MeasureChoice(StrEnum):
    WEIGHT = "weight"
    NORM = "norm"
    ROLLOUT = "rollout"


class ShadeChoice(StrEnum):
    SURPRISAL = "surprisal"
    UNIT = "unit"
    GATE = "gate"
    ATTENTION = "attention"
    SALIENCY = "saliency"
