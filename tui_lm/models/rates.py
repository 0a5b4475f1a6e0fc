"""Rates of dropout while training; nothing here needs torch."""

from __future__ import annotations

from dataclasses import dataclass, fields


@dataclass(frozen=True, slots=True)
class DropoutRates:
    """Probabilities of dropout, each 0 when off, at the sites of AWD-LSTM (Merity, Keskar & Socher 2017).

    embedding: whole tokens of the embedding matrix; input: the input of the first layer; hidden: between layers;
    recurrent: single weights from state to state (DropConnect, Wan et al. 2013), without effect in a cell that has
    none; output: the input of the head. All but the first are locked (variational) dropout: one mask for all steps of a
    chunk (Gal & Ghahramani 2016).
    """

    embedding: float = 0.0
    input: float = 0.0
    hidden: float = 0.0
    recurrent: float = 0.0
    output: float = 0.0

    def __post_init__(self) -> None:
        for field in fields(self):
            if not 0.0 <= getattr(self, field.name) < 1.0:
                raise ValueError(f"dropout of {field.name} must be in [0, 1)")
