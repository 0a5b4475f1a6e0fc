"""A network that torch compiles learns the same, and one that it cannot compile runs as it is."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from tests.trainers.conftest import CONFIG, TOKENIZER, Train
from trainers import device
from trainers.task_settings import WindowSettings
from tui_lm import checkpoint
from tui_lm.architecture import Llama

NETWORK = Llama(TOKENIZER.vocab_size, 16, 32, 2, 2, 1, 16)
LLAMA = replace(CONFIG, architecture=NETWORK, task=WindowSettings(8, 16), steps=6, evaluations=1)

pytestmark = [
    pytest.mark.slow,
    pytest.mark.usefixtures("one_thread"),
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),  # of torch, for its own modules
]


@pytest.fixture(autouse=True)
def in_float32(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(device, "_bfloat16_pays", lambda: False)
    monkeypatch.setenv("TORCHINDUCTOR_CACHE_DIR", str(tmp_path / "compiled"))
    torch._dynamo.reset()


def test_a_compiled_network_learns_the_same(train: Train, tmp_path: Path) -> None:
    list(train(tmp_path / "plain", LLAMA))
    list(train(tmp_path / "fast", replace(LLAMA, compile=True)))
    assert list((tmp_path / "compiled").rglob("*.so"))
    plain, fast = (checkpoint.load(tmp_path / name).weights for name in ("plain", "fast"))
    for name, weight in plain.items():
        np.testing.assert_allclose(fast[name], weight, rtol=1e-3, atol=1e-5, err_msg=name)


def test_without_a_compiler_training_runs_uncompiled(
    train: Train, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    import torch._inductor.config as inductor

    monkeypatch.setattr(inductor.cpp, "cxx", (None, str(tmp_path / "no compiler")))
    list(train(tmp_path / "plain", LLAMA))
    list(train(tmp_path / "none", replace(LLAMA, compile=True)))
    plain, none = (checkpoint.load(tmp_path / name).weights for name in ("plain", "none"))
    for name, weight in plain.items():
        np.testing.assert_array_equal(none[name], weight, err_msg=name)
    assert not list((tmp_path / "compiled").rglob("*.so"))
    assert capfd.readouterr().err == ""
