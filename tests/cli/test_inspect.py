"""`tui-lm inspect`: the views without the app."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from tui_lm import checkpoint
from tui_lm.engine import Engine
from tui_lm.trace import Trace


def test_json_has_every_activation_in_the_documented_shape(tui_lm, saved: Path) -> None:
    code, out, _ = tui_lm("inspect", "see", "-m", "small", "--json")
    assert code == 0
    found = json.loads(out)
    assert found["version"] == 1
    assert found["model"]["family"] == "lstm"
    assert [token["label"] for token in found["tokens"]] == ["<s>", "[Ann]", "s", "e", "e"]
    names = {"forget", "input", "cell", "output", "cell_state", "hidden_state"}
    assert {row["name"] for row in found["activations"]} == names
    assert len(found["activations"]) == 5 * 6
    assert sorted(found["unit_order"]["0"]) == list(range(16))

    engine = Engine(checkpoint.load(saved))
    trace: Trace = []
    engine.watch([*engine.before("Ann", ()), *engine.tokenizer.encode("see")], trace)
    for activation in trace:
        row = next(r for r in found["activations"] if r["time"] == 4 and r["name"] == activation.name)
        np.testing.assert_allclose(row["values"], activation.values[0], atol=1e-6)
        assert row["kind"] == activation.kind


def test_json_is_narrowed_by_what_is_asked(tui_lm, saved: Path) -> None:
    _, out, _ = tui_lm("inspect", "see", "-m", "small", "--json", "--time", "-1", "--name", "forget", "--unit", "3")
    (row,) = json.loads(out)["activations"]
    assert (row["time"], row["name"], row["unit"], len(row["values"])) == (4, "forget", 3, 1)


@pytest.mark.parametrize("options", [[], ["--table"], ["--notation", "textbook"], ["--only-top", "--pin", "1"]])
def test_text_names_every_view(tui_lm, saved: Path, options: list[str]) -> None:
    code, out, err = tui_lm("inspect", "see you", "-m", "small", *options)
    assert code == 0, err
    for title in ("Next token", "Surprisal", "Gates and state", "Saturation"):
        assert title in out


@pytest.mark.parametrize(
    "options",
    [
        ["--show", "nonsense"],
        ["--layer", "7"],
        ["--time", "99"],
        ["--unit", "16"],
        ["--name", "update"],
        ["--json", "--text"],
    ],
    ids=" ".join,
)
def test_what_is_not_there_is_two_lines_and_a_usage_error(tui_lm, saved: Path, options: list[str]) -> None:
    code, out, err = tui_lm("inspect", "see", "-m", "small", *options)
    assert (code, out) == (2, "")
    assert err.startswith("error: ") and "hint: " in err
