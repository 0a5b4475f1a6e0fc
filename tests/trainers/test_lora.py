"""A base that is too large to train whole: low-rank changes are learned, kept, resumed, and merged at the end."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from tests.golden.test_llama import random_weights, trained
from tests.trainers.test_base import CORPUS, base, tiny_bases_count  # noqa: F401
from trainers import job
from trainers.best import arrays
from trainers.order import Order
from trainers.plan import Budget, Wishes, tuning_memory
from trainers.reasons import reasons
from trainers.run import run
from tui_lm import checkpoint
from tui_lm.architecture import Llama
from tui_lm.errors import TuiLmError
from tui_lm.models import lora

pytest.importorskip("gguf", reason="needs the extra `base`")
SHAPE = Llama(50, 24, 40, 2, num_heads=4, num_kv_heads=2, context_length=64, attention_bias=True)


def adapt(base: Path, folder: Path, steps: int = 6) -> job.TrainingJob:  # noqa: F811
    settings = {"evaluations": 2, "sequence_length": 32}
    wishes = Wishes(budget=Budget(steps=steps), device="cpu", settings=settings, lora=4)
    made = job.new(CORPUS, folder, "Bob", wishes, checkpoint.load(base), base_folder=base)
    return replace(made, files={"base": [str(base)]})


def test_an_adapted_network_begins_as_the_base_and_merged_it_thinks_what_it_thought() -> None:
    network = trained(SHAPE, random_weights(SHAPE, np.float32)).train()
    tokens = torch.randint(50, (20, 2), generator=torch.Generator().manual_seed(0))
    before = network(tokens)[0]
    lora.adapt(network, 3, torch.float32)
    torch.testing.assert_close(network(tokens)[0], before)
    optimizer = torch.optim.SGD([weight for weight in network.parameters() if weight.requires_grad], 0.05)
    for _ in range(3):
        network(tokens)[0].logsumexp(-1).mean().backward()
        optimizer.step()
        optimizer.zero_grad()
    adapted = network(tokens)[0]
    assert (adapted - before).abs().max() > 0.01
    merged = trained(SHAPE, dict(arrays(network, SHAPE)))
    torch.testing.assert_close(merged(tokens)[0], adapted, atol=1e-4, rtol=1e-4)


def test_only_changes_and_tables_are_learned(
    base: Path,  # noqa: F811
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("trainers.device.product_type", lambda device: torch.float32)  # nothing is rounded
    whole = dict(checkpoint.load(base).weights)
    list(run(adapt(base, tmp_path / "adapted")))
    model = checkpoint.load(tmp_path / "adapted")
    for name, weight in model.weights.items():
        if name.endswith("norm.weight"):
            np.testing.assert_array_equal(weight, whole[name])
        elif "proj" in name:
            change = np.linalg.svd(weight - whole[name], compute_uv=False)
            assert change[0] > 20 * change[4], "a change of rank 4, but for rounding"
    assert (tmp_path / "adapted" / checkpoint.QUANTIZED).exists() or not _has_onnx()


def _has_onnx() -> bool:
    try:
        import onnx  # noqa: F401
        import onnxruntime  # noqa: F401
    except ImportError:
        return False
    return True


def test_a_run_that_was_cut_off_goes_on_as_if_nothing_had_happened(base: Path, tmp_path: Path) -> None:  # noqa: F811
    list(run(adapt(base, tmp_path / "whole")))
    asked = iter([False, False, False, True])
    list(run(adapt(base, tmp_path / "cut"), stop=lambda: next(asked, True)))
    assert checkpoint.is_unfinished(tmp_path / "cut")
    state = tmp_path / "cut" / checkpoint.RESUME / "state.safetensors"
    assert state.stat().st_size < 0.8 * (tmp_path / "cut" / "model.safetensors").stat().st_size * 3
    resumed = replace(job.resumed(CORPUS, tmp_path / "cut"), files={"base": [str(base)]})
    list(run(resumed))
    one, other = (checkpoint.load(tmp_path / name).weights for name in ("whole", "cut"))
    for name, weight in one.items():
        np.testing.assert_array_equal(weight, other[name])


def test_without_its_base_it_cannot_go_on(base: Path, tmp_path: Path) -> None:  # noqa: F811
    asked = iter([False, False, False, True])
    list(run(adapt(base, tmp_path / "cut"), stop=lambda: next(asked, True)))
    shutil.rmtree(base)
    with pytest.raises(TuiLmError, match="is no longer there"):
        job.resumed(CORPUS, tmp_path / "cut")


def test_the_plan_says_that_it_takes_less_memory(base: Path, tmp_path: Path) -> None:  # noqa: F811
    lines = reasons(adapt(base, tmp_path / "adapted").config, 19_000, 302_178, ())
    assert any("change of rank 4" in line for line in lines)
    half_a_billion = Llama(15_000, 896, 4864, 24, 14, 2, 2048, attention_bias=True)
    assert tuning_memory(half_a_billion, 1024, lora=16) < tuning_memory(half_a_billion, 1024) / 2


def test_a_network_that_is_trained_whole_takes_no_rank(base: Path, tmp_path: Path, home: Path) -> None:  # noqa: F811
    with pytest.raises(TuiLmError, match="adapts a base"):
        Order((tmp_path / "chat.txt",), Wishes(lora=8)).check()
