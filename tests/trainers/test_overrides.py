"""Settings by hand: known ones are set, others are an error with a suggestion."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.trainers.conftest import CONFIG
from trainers import optim
from trainers.config import OPTIMIZERS, TrainingConfig
from trainers.overrides import keys, override, parse, read_toml
from trainers.task_settings import StreamSettings
from tui_lm.errors import TuiLmError


def test_values_change_config_network_and_dropout() -> None:
    changed = override(
        CONFIG,
        parse(["learning_rate=0.5", "hidden_size=32", "dropout_output = 0.4", "betas=[0.5, 0.6]", "optimizer=sgd"]),
    )
    assert changed.learning_rate == 0.5
    assert changed.architecture.hidden_size == 32
    assert changed.dropout.output == 0.4
    assert changed.betas == (0.5, 0.6)
    assert changed.optimizer == "sgd"


def test_a_toml_file_holds_the_same(tmp_path: Path) -> None:
    path = tmp_path / "run.toml"
    path.write_text('learning_rate = 0.5\noptimizer = "sgd"\n', encoding="utf-8")
    assert override(CONFIG, read_toml(path)) == override(CONFIG, parse(["learning_rate=0.5", "optimizer=sgd"]))


@pytest.mark.parametrize("key", sorted(keys(CONFIG)))
def test_every_key_takes_the_value_that_it_has(key: str) -> None:
    value = keys(CONFIG)[key]
    assert override(CONFIG, {key: list(value) if isinstance(value, tuple) else value}) == CONFIG


def test_an_unknown_key_gets_a_suggestion() -> None:
    with pytest.raises(TuiLmError) as error:
        override(CONFIG, {"lerning_rate": 0.1})
    assert "learning_rate" in error.value.hint
    assert error.value.exit_code == 2


def test_an_unknown_optimizer_gets_a_suggestion_and_every_known_one_exists() -> None:
    with pytest.raises(TuiLmError) as error:
        override(CONFIG, {"optimizer": "adamm"})
    assert "adam" in error.value.hint
    assert error.value.exit_code == 2
    assert set(optim.OPTIMIZERS) == set(OPTIMIZERS)


@pytest.mark.parametrize(
    "assignment",
    [
        "learning_rate=fast",
        "batch_size=1.5",
        "batch_size=0",
        "norm=1",
        "hidden_size=0",
        "dropout_output=1.5",
        "betas=[1]",
        "learning_rate",
    ],
)
def test_a_value_that_does_not_fit_is_a_usage_error(assignment: str) -> None:
    with pytest.raises(TuiLmError) as error:
        override(CONFIG, parse([assignment]))
    assert error.value.exit_code == 2


@pytest.mark.parametrize("key", ["steps", "family", "vocab_size", "dropout", "task"])
def test_settings_of_other_options_cannot_be_set(key: str) -> None:
    with pytest.raises(TuiLmError):
        override(CONFIG, {key: 3})


def test_a_config_is_restored_from_the_card() -> None:
    assert TrainingConfig.from_json(CONFIG.to_json(), CONFIG.architecture, StreamSettings) == CONFIG
