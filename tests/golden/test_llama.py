"""LLaMA is that of its paper: numpy and torch against a plain transcription of the equations, in float64.

Where transformers is installed, against its `LlamaForCausalLM` too.
"""

from __future__ import annotations

import math
from dataclasses import asdict
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
import torch

from tui_lm import models, runtime
from tui_lm.architecture import Llama
from tui_lm.runtime.torch_llama import TorchLlamaRuntime

SHAPES = [
    Llama(50, 24, 40, 2, num_heads=4, num_kv_heads=4, context_length=64),
    Llama(50, 24, 40, 3, num_heads=6, num_kv_heads=2, context_length=64, tie_embeddings=False, rope_theta=500.0),
    Llama(50, 16, 24, 1, num_heads=4, num_kv_heads=1, context_length=64, norm_eps=1e-6),
    Llama(50, 24, 40, 2, num_heads=4, num_kv_heads=2, context_length=7),
    Llama(50, 24, 40, 2, num_heads=4, num_kv_heads=2, context_length=64, attention_bias=True),
    Llama(50, 24, 40, 2, num_heads=3, num_kv_heads=1, context_length=64, head_size=10, qk_norm=True),
    Llama(50, 24, 40, 2, num_heads=4, num_kv_heads=2, context_length=64, rope_factors=(1.0, 2.5, 8.0)),
]
LENGTHS = [1, 2, 13, 40]


def random_weights(architecture: Llama, dtype: type = np.float64) -> dict[str, np.ndarray]:
    generator = np.random.default_rng(1)
    return {
        name: (generator.standard_normal(shape) * 0.4 + (len(shape) == 1)).astype(dtype)
        for name, shape in architecture.weights().items()
    }


def transcription(architecture: Llama, weights: dict[str, np.ndarray], tokens: list[int]) -> np.ndarray:
    """Logits [T, V], position by position and head by head, from the equations of the papers."""
    of = {name: torch.from_numpy(weight).double() for name, weight in weights.items()}
    width = architecture.head_width

    def norm(x: torch.Tensor, scale: torch.Tensor) -> torch.Tensor:
        return scale * x / torch.sqrt((x**2).mean() + architecture.norm_eps)

    def turned(x: torch.Tensor, position: int) -> torch.Tensor:
        result = torch.empty_like(x)
        for i in range(width // 2):
            angle = position * architecture.rope_theta ** (-2 * i / width)
            if architecture.rope_factors:
                angle /= architecture.rope_factors[i]
            result[i] = math.cos(angle) * x[i] - math.sin(angle) * x[i + width // 2]
            result[i + width // 2] = math.sin(angle) * x[i] + math.cos(angle) * x[i + width // 2]
        return result

    stream = [of["model.embed_tokens.weight"][token] for token in tokens]
    for layer in range(architecture.num_layers):
        own = {name: of[f"model.layers.{layer}.{name}.weight"] for name in (
            "input_layernorm", "self_attn.o_proj",
            "post_attention_layernorm", "mlp.gate_proj", "mlp.up_proj", "mlp.down_proj",
        )}  # fmt: skip

        def project(part: str, rows: slice, x: torch.Tensor, layer: int = layer) -> torch.Tensor:
            name = f"model.layers.{layer}.self_attn.{part}"
            result = of[f"{name}_proj.weight"][rows] @ x
            if architecture.attention_bias:
                result = result + of[f"{name}_proj.bias"][rows]
            return norm(result, of[f"{name}_norm.weight"]) if architecture.qk_norm and part in "qk" else result

        normed = [norm(x, own["input_layernorm"]) for x in stream]
        read = []
        for t in range(len(tokens)):
            heads = []
            for head in range(architecture.num_heads):
                shared = head // (architecture.num_heads // architecture.num_kv_heads)
                mine, theirs = slice(head * width, (head + 1) * width), slice(shared * width, (shared + 1) * width)
                query = turned(project("q", mine, normed[t]), t)
                seen = range(max(0, t - architecture.context_length + 1), t + 1)
                scores = [query @ turned(project("k", theirs, normed[s]), s) for s in seen]
                shares = (torch.stack(scores) / math.sqrt(width)).softmax(0)
                values = [project("v", theirs, normed[s]) for s in seen]
                heads.append(sum(share * value for share, value in zip(shares, values, strict=True)))
            read.append(own["self_attn.o_proj"] @ torch.cat(heads))
        stream = [x + y for x, y in zip(stream, read, strict=True)]
        for t, x in enumerate(stream):
            x = norm(x, own["post_attention_layernorm"])
            gate = own["mlp.gate_proj"] @ x
            stream[t] = stream[t] + own["mlp.down_proj"] @ (gate * torch.sigmoid(gate) * (own["mlp.up_proj"] @ x))
    head = of.get("lm_head.weight", of["model.embed_tokens.weight"])
    return torch.stack([head @ norm(x, of["model.norm.weight"]) for x in stream]).numpy()


def of_each_step(served: runtime.Runtime, tokens: list[int]) -> np.ndarray:
    state, rows = served.start(), []
    for token in tokens:
        logits, state = served.step([token], state)
        rows.append(logits[0])
    return np.stack(rows)


@pytest.mark.parametrize("architecture", SHAPES, ids=lambda a: a.label)
@pytest.mark.parametrize(("dtype", "tolerance"), [(np.float64, 1e-10), (np.float32, 1e-4)])
def test_both_passes_equal_the_transcription(architecture: Llama, dtype: type, tolerance: float) -> None:
    """The last shape runs far beyond its context: attention covers the window, and positions go on."""
    tokens = np.random.default_rng(2).integers(50, size=23).tolist()
    weights = random_weights(architecture)
    expected = transcription(architecture, weights, tokens)
    own = {name: weight.astype(dtype) for name, weight in weights.items()}
    served = runtime.create(architecture, own)
    np.testing.assert_allclose(of_each_step(served, tokens), expected, atol=tolerance, rtol=0)
    for cut in (1, 5, 23):
        logits, state = served.prefill(tokens[:cut])
        np.testing.assert_allclose(logits[0], expected[cut - 1], atol=tolerance, rtol=0)
        if tokens[cut:]:
            np.testing.assert_allclose(served.prefill(tokens[cut:], state)[0][0], expected[-1], atol=tolerance)
    if dtype is np.float32:  # the training pass keeps its norms in float32 whatever the weights are
        model = trained(architecture, own)
        with torch.no_grad():
            logits = model(torch.tensor(tokens)[:, None])[0][:, 0]
        np.testing.assert_allclose(logits.numpy(), expected, atol=tolerance, rtol=0)


def trained(architecture: Llama, weights: dict[str, np.ndarray]) -> torch.nn.Module:
    model = models.create(architecture).eval()
    tensors = {name: torch.from_numpy(weight) for name, weight in weights.items()}
    if architecture.tie_embeddings:
        tensors["lm_head.weight"] = tensors["model.embed_tokens.weight"]
    model.load_state_dict(tensors)
    return model


@pytest.mark.parametrize("architecture", SHAPES, ids=lambda a: a.label)
def test_the_torch_runtime_equals_the_numpy_runtime(architecture: Llama) -> None:
    """Logits, traces, edits and beams, far beyond the context, on the CPU."""
    weights, tokens = random_weights(architecture), np.random.default_rng(2).integers(50, size=23).tolist()
    numpy, device = runtime.create(architecture, weights), TorchLlamaRuntime(architecture, weights, "cpu")

    def halved(layer: int, name: str, values: np.ndarray, head: int | None = None) -> np.ndarray:
        return values / 2 if (layer, name, head) in ((0, "read", 1), (0, "hidden_state", None)) else values

    results = []
    for served in (numpy, device):
        rows: list[np.ndarray] = []
        logits, state = served.prefill(tokens[:9])
        rows.append(logits)
        logits, state = served.prefill(tokens[9:], state)
        rows.append(logits)
        branches = served.select(state, [0, 0, 0])
        logits, branches = served.step([1, 2, 3], branches)
        logits, branches = served.step([4, 5], served.select(branches, [2, 0]))
        rows.append(logits)
        trace: list[Any] = []
        logits, state = served.step([7], state, trace, halved)
        rows += [logits, *(activation.values for activation in trace)]
        rows += [served.logits(trace[-1].values), served.logit_attribution(trace[-1].values, 3)[0]]
        results.append(rows)
    for expected, given in zip(*results, strict=True):
        np.testing.assert_allclose(given, expected, atol=1e-10)


@pytest.mark.skipif(not torch.cuda.is_available(), reason="no GPU")
def test_a_gpu_equals_the_numpy_runtime() -> None:
    weights = random_weights(SHAPES[1], np.float32)
    expected, _ = runtime.create(SHAPES[1], weights).prefill(list(range(40)))
    given, _ = runtime.create(SHAPES[1], weights, "cuda").prefill(list(range(40)))
    np.testing.assert_allclose(given, expected, atol=1e-3)


def test_traced_attention_is_that_of_the_step() -> None:
    architecture = SHAPES[3]
    served = runtime.create(architecture, random_weights(architecture))
    state = served.start()
    for t in range(12):
        trace: list[Any] = []
        _, state = served.step([t], state, trace)
        heads = [activation for activation in trace if activation.kind == "attention"]
        assert [(a.layer, a.head) for a in heads] == [(layer, head) for layer in range(2) for head in range(4)]
        for activation in heads:
            assert activation.values.shape == (1, min(t + 1, architecture.context_length))
            np.testing.assert_allclose(activation.values.sum(), 1, atol=1e-6)


def test_a_step_from_the_newest_state_copies_nothing() -> None:
    """The new state shares the buffer of the old one, except when the buffer is full."""
    architecture = SHAPES[0]
    served = runtime.create(architecture, random_weights(architecture))
    buffers, state = [], served.start()
    for token in [3] * 300:
        _, state = served.step([token], state)
        buffers.append(id(state.branch.buffer.keys))
    moves = sum(a != b for a, b in pairwise(buffers))
    assert moves <= 7, "it moves when it has doubled, and then once every context"
    assert state.branch.buffer.room <= 2 * architecture.context_length, "what is forgotten takes no memory"


@pytest.mark.parametrize("architecture", SHAPES[:3], ids=lambda a: f"{a.num_heads}-{a.num_kv_heads}")
@pytest.mark.parametrize("length", LENGTHS)
def test_logits_equal_those_of_transformers(architecture: Llama, length: int) -> None:
    transformers = pytest.importorskip("transformers", reason="needs the extra `export`")
    shape = asdict(architecture)
    theirs = transformers.LlamaForCausalLM(
        transformers.LlamaConfig(
            vocab_size=shape["vocab_size"],
            hidden_size=shape["dim"],
            intermediate_size=shape["hidden_size"],
            num_hidden_layers=shape["num_layers"],
            num_attention_heads=shape["num_heads"],
            num_key_value_heads=shape["num_kv_heads"],
            max_position_embeddings=shape["context_length"],
            rms_norm_eps=shape["norm_eps"],
            rope_parameters={"rope_type": "default", "rope_theta": shape["rope_theta"]},
            tie_word_embeddings=shape["tie_embeddings"],
        )
    ).eval()
    weights = random_weights(architecture, np.float32)
    missing = theirs.load_state_dict({name: torch.from_numpy(w) for name, w in weights.items()}, strict=False)
    assert not missing.unexpected_keys
    theirs.tie_weights()
    tokens = np.random.default_rng(length).integers(50, size=length).tolist()
    with torch.no_grad():
        expected = theirs(torch.tensor([tokens])).logits[0].numpy()
        mine = trained(architecture, weights)(torch.tensor(tokens)[:, None])[0][:, 0].numpy()
    np.testing.assert_allclose(mine, expected, atol=1e-4, rtol=0)
    np.testing.assert_allclose(of_each_step(runtime.create(architecture, weights), tokens), expected, atol=1e-4)
