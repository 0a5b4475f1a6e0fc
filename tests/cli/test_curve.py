"""The loss curve: its points are at their step and loss, and its characters suit the terminal."""

from __future__ import annotations

import io
from math import exp
from pathlib import Path

from tests.cli.conftest import Run
from tui_lm import events
from tui_lm.cli.curve import loss_curve, read_events, wants_ascii
from tui_lm.events import Evaluated, Event, StepDone


def run(valid: list[float], steps: int = 1000) -> list[Event]:
    """Events of a run whose training loss falls steadily, with the validation losses at equal distances."""
    found: list[Event] = []
    for step in range(1, steps + 1):
        found.append(StepDone(step, steps, 1.0, 1 + 5 * exp(-step / 40), 0.01, 1.0, 1.0, 1.0, 1.0))
        if step % (steps // len(valid)) == 0:
            found.append(Evaluated(step, valid[len(valid) * step // steps - 1], None, True, 1.0))
    return found


def test_the_best_validation_loss_is_marked_and_drawn_lowest() -> None:
    lines = loss_curve(run([2.0, 1.5, 1.2, 1.6, 1.9]), ascii_only=True, width=72)
    assert all(len(line) <= 72 for line in lines)
    assert "best, 1.200 at step 600" in lines[-1]
    rows = lines[:12]
    (row,) = [number for number, line in enumerate(rows) if "*" in line]
    marks = [number for number, line in enumerate(rows) for character in line if character == "o"]
    assert len(marks) == 4
    assert row > max(marks)
    assert 0.5 < (rows[row].index("*") - 6) / 66 < 0.7, "at three fifths of the width"


def test_the_first_losses_do_not_flatten_the_rest_of_the_curve() -> None:
    lines = loss_curve(run([1.5, 1.2]))
    assert float(lines[0].split()[0]) < 3, "the first loss is 6"
    assert any("·" in line for line in lines[6:12])


def test_ascii_is_used_on_request_and_where_the_encoding_needs_it() -> None:
    assert "".join(loss_curve(run([2.0, 1.5]), ascii_only=True)).isascii()
    assert wants_ascii(io.TextIOWrapper(io.BytesIO(), "latin-1"))
    assert not wants_ascii(io.TextIOWrapper(io.BytesIO(), "utf-8"))


def test_fewer_than_two_evaluations_draw_nothing() -> None:
    assert loss_curve([]) == loss_curve(run([2.0])) == []


def test_a_constant_loss_is_drawn() -> None:
    flat = [Evaluated(step, 1.0, None, True, 1.0) for step in (5, 10)]
    assert loss_curve(flat)


def test_unknown_events_and_broken_lines_are_skipped(tmp_path: Path) -> None:
    path = tmp_path / "events.jsonl"
    kept = Evaluated(5, 1.0, None, True, 1.0)
    path.write_text(f'{{"event": "of tomorrow"}}\n{events.to_json(kept)}\nnonsense\n', "utf-8")
    assert read_events(path) == [kept]
    assert read_events(tmp_path / "missing") == []


def test_train_prints_the_curve_and_models_show_draws_it_again(tui_lm: Run, chat_file: Path) -> None:
    _, _, err = tui_lm("train", chat_file, "--steps", "30", "--size", "tiny", "--name", "m")
    shown = tui_lm("models", "show", "m", "--ascii")[1]
    assert "nats per token: . training  o validation  * best" in shown
    assert "nats per token:" in err
    assert tui_lm("models", "show", "m")[1].count("\n") == shown.count("\n")
