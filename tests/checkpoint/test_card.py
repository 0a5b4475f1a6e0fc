"""A card is read only if it makes sense."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tui_lm import checkpoint
from tui_lm.errors import TuiLmError


def edit(folder: Path, **changes: object) -> None:
    path = folder / "config.json"
    path.write_text(json.dumps({**json.loads(path.read_text("utf-8")), **changes}), encoding="utf-8")


def test_a_model_of_a_newer_version_asks_for_an_update(saved: Path) -> None:
    edit(saved, format_version=checkpoint.FORMAT_VERSION + 1)
    with pytest.raises(TuiLmError, match="newer"):
        checkpoint.load(saved)


@pytest.mark.parametrize(
    "changes",
    [
        {"architecture": None},
        {"architecture": {"family": "mamba"}},
        {"architecture": {"family": "lstm", "vocab_size": 10**12, "dim": 1, "hidden_size": 1}},
        {"architecture": {"family": "lstm", "vocab_size": 9, "dim": 1, "hidden_size": -1}},
        {"architecture": {"family": "lstm", "secret": 1}},
        {"split": [1]},
        {"metrics": 3},
        {"tokenizer": "bytes"},
    ],
)
def test_a_damaged_card_is_refused(saved: Path, changes: dict[str, object]) -> None:
    edit(saved, **changes)
    with pytest.raises(TuiLmError):
        checkpoint.load(saved)


def test_weights_of_another_shape_are_refused_before_memory_is_taken(saved: Path) -> None:
    card = json.loads((saved / "config.json").read_text("utf-8"))["architecture"]
    edit(saved, architecture={**card, "hidden_size": 1 << 19})
    with pytest.raises(TuiLmError):
        checkpoint.load(saved)
