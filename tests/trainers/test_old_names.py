"""The settings of 0.1.0: read from its models, and accepted by `--set` under their old names, with a warning."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.conftest import Run, tui_lm
from trainers.job import saved_config
from trainers.old_names import current_settings
from trainers.task_settings import ReplySettings, StreamSettings, TranslationSettings, WindowSettings
from tui_lm import checkpoint

__all__ = ["tui_lm"]  # a fixture

SAVED = Path(__file__).parents[1] / "fixtures" / "0.1.0" / "models"


@pytest.mark.parametrize(
    ("name", "task"),
    [
        ("lstm", StreamSettings(32, 64, state_reset=0.04, author_dropout=0.1)),
        ("gru", StreamSettings(32, 64, state_reset=0.04, author_dropout=0.1)),
        ("llama", WindowSettings(16, 32, text_start=0.5, author_dropout=0.1)),
        ("seq2seq", TranslationSettings(1024, label_smoothing=0.1)),
    ],
)
def test_the_card_of_a_model_of_0_1_0_has_its_settings(name: str, task: object) -> None:
    assert saved_config(checkpoint.describe(SAVED / name)).task == task


def test_settings_of_all_tasks_are_read_from_a_card_of_0_1_0() -> None:
    config = saved_config(checkpoint.describe(SAVED / "unfinished"))
    assert (config.ema, config.patience, config.evaluations, config.grad_clip) == (50, 24, 10, 1.0)
    assert config.dropout.output == 0.3


def test_one_old_name_had_three_meanings() -> None:
    for task, name in (
        (StreamSettings(), "state_reset"),
        (WindowSettings(), "text_start"),
        (ReplySettings(), "no_context"),
    ):
        assert current_settings({"reset": 0.2}, task) == ({name: 0.2}, {"reset": name})


def test_a_batch_of_pairs_is_given_in_tokens() -> None:
    assert current_settings({"streams": 4}, TranslationSettings())[0] == {"batch_tokens": 256}
    assert current_settings({"streams": 4, "chunk": 32}, ReplySettings())[0] == {"batch_tokens": 128}


def test_an_old_name_works_with_a_warning(tui_lm: Run, chat_file: Path) -> None:
    old = ["--set", "streams=4", "--set", "drop_output=0.2", "--set", "clip=0.5"]
    code, out, err = tui_lm("train", chat_file, "--explain", *old)
    assert code == 0
    assert "batch_size = 4" in out and "dropout_output = 0.2" in out and "grad_clip = 0.5" in out
    assert "by hand: batch_size, dropout_output, grad_clip" in out
    assert "streams is now called batch_size" in err
    assert "warning" not in tui_lm("train", chat_file, "--explain", "--set", "batch_size=4")[2]
