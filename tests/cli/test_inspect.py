"""`tui-lm inspect`: the views without the app."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from tui_lm import checkpoint
from tui_lm.engine import Engine
from tui_lm.tokenizers.stream import WritingContext
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
    engine.watch(engine.tokens_of(WritingContext("see", "Ann")), trace)
    for activation in trace:
        row = next(r for r in found["activations"] if r["time"] == 4 and r["name"] == activation.name)
        np.testing.assert_allclose(row["values"], activation.values[0], atol=1e-6)
        assert row["kind"] == activation.kind


def test_options_select_activations_in_json(tui_lm, saved: Path) -> None:
    _, out, _ = tui_lm("inspect", "see", "-m", "small", "--json", "--time", "-1", "--name", "forget", "--unit", "3")
    (row,) = json.loads(out)["activations"]
    assert (row["time"], row["name"], row["unit"], len(row["values"])) == (4, "forget", 3, 1)


@pytest.mark.parametrize("options", [[], ["--table"], ["--notation", "textbook"], ["--only-top", "--pin", "1"]])
def test_the_text_output_has_every_view(tui_lm, saved: Path, options: list[str]) -> None:
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
def test_a_value_that_the_model_lacks_is_a_usage_error(tui_lm, saved: Path, options: list[str]) -> None:
    code, out, err = tui_lm("inspect", "see", "-m", "small", *options)
    assert (code, out) == (2, "")
    assert err.startswith("error: ") and "hint: " in err


def test_a_picture_is_written(tui_lm, saved: Path, tmp_path: Path) -> None:
    path = tmp_path / "see.svg"
    code, out, err = tui_lm("inspect", "see", "-m", "small", "--svg", path, "--show", "gates,ledger")
    assert (code, out) == (0, ""), err
    assert "Memory ledger" in path.read_text("utf-8")
    code, _, err = tui_lm("inspect", "see", "-m", "small", "--svg", tmp_path / "no" / "such" / "folder.svg")
    assert code == 1 and err.startswith("error: cannot write")


def test_a_view_that_the_model_lacks_is_left_out_of_several(tui_lm, saved: Path) -> None:
    code, out, err = tui_lm("inspect", "see", "-m", "small", "--show", "gates,attention")
    assert code == 0 and "Gates and state" in out and "has no view attention" in err
    code, _, err = tui_lm("inspect", "see", "-m", "small", "--show", "attention")
    assert code == 2


def test_an_edit_is_shown_beside_its_control(tui_lm, saved: Path) -> None:
    code, out, err = tui_lm("inspect", "see you", "-m", "small", "--edit", "forget.3@2=0", "--json")
    assert code == 0, err
    view = json.loads(out)["views"]["edit"]
    assert "taken at random" in view["sentence"]
    assert [part["kind"] for part in view["parts"]] == ["bars", "strip", "bars"]
    assert tui_lm("inspect", "see", "-m", "small", "--edit", "forget.99=0")[0] == 2


def test_models_are_compared_side_by_side(tui_lm, saved: Path, make_model, home: Path) -> None:
    other = make_model("gru")
    checkpoint.save(home / "models" / "other", other)
    code, out, err = tui_lm("inspect", "see you", "-m", "small", "--beside", "other")
    assert code == 0, err
    assert "Side by side" in out and "GRU 1 x 16" in out and "bits per character" in out


def test_an_index_is_built_reused_and_deleted(tui_lm, saved: Path, chat_file: Path) -> None:
    options = ("-m", "small", "--find", chat_file, "--find-tokens", "500", "--top", "4")
    code, out, err = tui_lm("inspect", "see", *options, "--unit", "3")
    assert code == 0, err
    assert "Where else" in out and "Unit 3" in out
    index = saved / "concordance.safetensors"
    written = index.stat().st_mtime_ns
    code, out, _ = tui_lm("inspect", "see", *options)
    assert code == 0 and "active together" in out
    assert index.stat().st_mtime_ns == written, "an index that is there is used"
    assert tui_lm("inspect", "-m", "small", "--forget-index") == (0, "The index was deleted.\n", "")
    assert not index.exists()


def test_a_unit_that_tracks_something_is_searched_in_a_chat(tui_lm, saved: Path, chat_file: Path) -> None:
    options = ("-m", "small", "--find", chat_file, "--find-tokens", "2000")
    code, out, err = tui_lm("inspect", *options, "--track", "inside a word")
    assert code == 0, err
    said = " ".join(out.split())
    assert "tracks “inside a word” best of 16: correlation" in said and "that were not searched" in said
    assert "the best of 16 random directions" in said
    code, _, err = tui_lm("inspect", *options, "--track", "happiness")
    assert code == 2 and "message length so far" in err
    code, _, err = tui_lm("inspect", "-m", "small", "--track", "inside a word")
    assert code == 2 and "--find" in err


def test_a_span_of_the_text_is_searched_in_a_chat(tui_lm, saved: Path, chat_file: Path) -> None:
    options = ("-m", "small", "--find", chat_file, "--find-tokens", "2000")
    code, out, err = tui_lm("inspect", "see you", *options, "--span", "3:3")
    assert code == 0, err
    assert "units are on throughout" in " ".join(out.split())
    code, _, err = tui_lm("inspect", "see you", *options, "--span", "3:99")
    assert code == 2 and "within 0:" in err


def test_the_network_by_hand_can_be_inspected(tui_lm) -> None:
    code, out, err = tui_lm("inspect", "rain and", "--by-hand", "--show", "equations,next", "--unit", "1")
    assert code == 0, err
    assert "= 0.9975 · +0.9616 + 0.0025 · +0.0000 = +0.9593" in out
    assert "comes ␣sun with 99.7%" in out
    assert tui_lm("inspect", "snow", "--by-hand")[0] == 2


def test_former_names_still_work(tui_lm, saved: Path, make_llama, home: Path) -> None:
    code, out, err = tui_lm("inspect", "see", "-m", "small", "--show", "votes", "--json")
    assert (code, err) == (0, "note: the view votes is now called attribution\n")
    assert json.loads(out)["views"]["votes"]["title"] == "Direct logit attribution"
    code, out, err = tui_lm("inspect", "see", "-m", "small", "--show", "attribution", "--json")
    assert (code, err) == (0, "") and list(json.loads(out)["views"]) == ["votes"]
    llama = make_llama()
    checkpoint.save(home / "models" / "llama", llama)
    one, other = (
        tui_lm("inspect", "see", "-m", "llama", "--show", "attention", option)[1]
        for option in ("--hide-sink", "--hide-first")
    )
    assert one == other and "is hidden" in one


def test_the_edit_view_needs_a_change(tui_lm, saved: Path) -> None:
    code, _, err = tui_lm("inspect", "see", "-m", "small", "--show", "edit")
    assert code == 2 and "needs a change" in err
    code, out, _ = tui_lm("inspect", "see", "-m", "small", "--show", "edit", "--edit", "forget=0")
    assert code == 0 and out.count("Edit and see") == 1
