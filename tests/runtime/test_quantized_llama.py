"""An 8-bit LLaMA equals the float one except for rounding, and a hypothesis gets the same numbers in any batch."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tui_lm import tensor_file
from tui_lm.architecture import Llama
from tui_lm.runtime import quantized_llama
from tui_lm.runtime.llama import LlamaRuntime
from tui_lm.runtime.quantization import quantize
from tui_lm.runtime.quantized_llama import QuantizedLlamaRuntime

pytest.importorskip("onnx", reason="needs the extra `base`")
pytest.importorskip("onnxruntime", reason="needs the extra `base`")

SHAPE = Llama(160, 64, 96, 3, 4, 2, 64)
TOKENS = [1, 7, 33, 90, 5, 151, 42, 8, 77, 120, 3, 64]


CHANCE = np.random.default_rng(0)
WEIGHTS = {
    name: (CHANCE.normal(0.0, 0.15, shape) + (len(shape) == 1)).astype(np.float32)
    for name, shape in SHAPE.weights().items()
}
for layer in range(SHAPE.num_layers):  # a channel of outliers that say little, as pretrained networks have them
    WEIGHTS[f"model.layers.{layer}.mlp.up_proj.weight"][5] *= 50
    WEIGHTS[f"model.layers.{layer}.mlp.down_proj.weight"][:, 5] /= 50


@pytest.fixture(scope="module")
def both() -> tuple[LlamaRuntime, QuantizedLlamaRuntime]:
    return LlamaRuntime(SHAPE, WEIGHTS), QuantizedLlamaRuntime(SHAPE, quantize(SHAPE, WEIGHTS, [TOKENS]))


def divergence(exact: np.ndarray, rounded: np.ndarray) -> float:
    """KL(exact || rounded) in nats, of logits [1, V]."""
    one, other = (x[0].astype(np.float64) - np.logaddexp.reduce(x[0].astype(np.float64)) for x in (exact, rounded))
    return float((np.exp(one) * (one - other)).sum())


def test_it_is_the_float_runtime_but_for_rounding(both: tuple[LlamaRuntime, QuantizedLlamaRuntime]) -> None:
    exact, rounded = (runtime.prefill(TOKENS) for runtime in both)
    for token in (9, 101, 55):
        assert divergence(exact[0], rounded[0]) < 0.01
        assert np.sqrt(np.mean((exact[0] - rounded[0]) ** 2)) < 0.15 * exact[0].std()
        exact, rounded = (
            runtime.step([token], state) for runtime, (_, state) in zip(both, (exact, rounded), strict=True)
        )


def test_smoothing_takes_the_outliers_out_of_the_rounding(
    both: tuple[LlamaRuntime, QuantizedLlamaRuntime], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tui_lm.runtime.quantization.MOST_SMOOTHED", 1.0)
    rough = QuantizedLlamaRuntime(SHAPE, quantize(SHAPE, WEIGHTS, [TOKENS]))
    (exact, _), (smooth, _), (raw, _) = (runtime.prefill(TOKENS) for runtime in (*both, rough))
    assert divergence(exact, smooth) < divergence(exact, raw)


def test_a_hypothesis_has_the_same_logits_alone_and_in_a_batch(
    both: tuple[LlamaRuntime, QuantizedLlamaRuntime],
) -> None:
    runtime = both[1]
    _, state = runtime.prefill(TOKENS)
    together, _ = runtime.step([9, 101, 55], runtime.select(state, [0, 0, 0]))
    for row, token in enumerate((9, 101, 55)):
        alone, _ = runtime.step([token], state)
        np.testing.assert_allclose(together[row], alone[0], atol=1e-4)


def test_a_text_read_at_once_and_token_by_token_is_the_same(both: tuple[LlamaRuntime, QuantizedLlamaRuntime]) -> None:
    runtime = both[1]
    logits, state = runtime.prefill(TOKENS[:1])
    for token in TOKENS[1:]:
        logits, state = runtime.step([token], state)
    np.testing.assert_allclose(runtime.prefill(TOKENS)[0], logits, atol=1e-4)


def test_processors_whose_products_overflow_get_the_same_numbers(
    both: tuple[LlamaRuntime, QuantizedLlamaRuntime], monkeypatch: pytest.MonkeyPatch
) -> None:
    runtime = both[1]
    monkeypatch.setattr(quantized_llama, "int8_products_are_exact", lambda probe: False)
    other = QuantizedLlamaRuntime(SHAPE, runtime._arrays)
    assert {runtime._signs, other._signs} >= {"uint8"}
    np.testing.assert_allclose(other.prefill(TOKENS)[0], runtime.prefill(TOKENS)[0], atol=1e-4)


def test_what_the_inspector_asks_agrees_with_the_logits(both: tuple[LlamaRuntime, QuantizedLlamaRuntime]) -> None:
    exact, rounded = both
    hidden = np.random.default_rng(1).normal(size=(2, SHAPE.dim)).astype(np.float32)
    for token in (3, 80):
        parts, bias = rounded.logit_attribution(hidden, token)
        np.testing.assert_allclose(parts.sum(axis=1) + bias, exact.logits(hidden)[:, token], rtol=0.1, atol=0.05)
    _, one = exact.prefill(TOKENS)
    _, other = rounded.prefill(TOKENS)
    np.testing.assert_allclose(rounded.head_norms(0, other), exact.head_norms(0, one), rtol=0.2, atol=0.02)


def test_its_weight_file_is_mapped(both: tuple[LlamaRuntime, QuantizedLlamaRuntime], tmp_path: Path) -> None:
    from safetensors.numpy import save_file

    arrays = dict(both[1]._arrays)
    save_file(arrays, tmp_path / "q.safetensors")
    again = QuantizedLlamaRuntime(SHAPE, tensor_file.mapped(tmp_path / "q.safetensors"))
    np.testing.assert_array_equal(again.prefill(TOKENS)[0], both[1].prefill(TOKENS)[0])
