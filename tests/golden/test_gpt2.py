"""Our GPT-2 is torch's own layers put together, and, where it is installed, the one of transformers."""

from __future__ import annotations

from functools import partial

import numpy as np
import pytest
import torch

from tests.golden.test_llama import of_each_step
from tui_lm import models, runtime
from tui_lm.architecture import Gpt2

SHAPES = [Gpt2(50, 24, 96, 2, 4, 64), Gpt2(50, 16, 40, 1, 2, 64, norm_eps=1e-6), Gpt2(50, 20, 80, 3, 1, 64)]


def random_weights(architecture: Gpt2, dtype: type = np.float32) -> dict[str, np.ndarray]:
    generator = np.random.default_rng(1)
    return {
        name: (generator.standard_normal(shape) * 0.3 + name.endswith(("ln_1.weight", "ln_2.weight"))).astype(dtype)
        for name, shape in architecture.weights().items()
    }


@pytest.mark.parametrize("architecture", SHAPES, ids=lambda a: a.num_heads)
@pytest.mark.parametrize(("dtype", "tolerance"), [(np.float64, 1e-10), (np.float32, 1e-4)])
def test_both_passes_equal_the_layers_of_pytorch(architecture: Gpt2, dtype: type, tolerance: float) -> None:
    """GPT-2 is torch's own encoder layer with the norms before, the tanh GELU and a causal mask."""
    weights = random_weights(architecture, dtype)
    of = {name: torch.from_numpy(weight) for name, weight in weights.items()}
    tokens = np.random.default_rng(2).integers(50, size=23).tolist()
    x = of["transformer.wte.weight"][tokens] + of["transformer.wpe.weight"][: len(tokens)]
    mask = torch.full((len(tokens), len(tokens)), -torch.inf, dtype=x.dtype).triu(1)
    for i in range(architecture.num_layers):
        layer = torch.nn.TransformerEncoderLayer(
            architecture.dim,
            architecture.num_heads,
            architecture.hidden_size,
            activation=partial(torch.nn.functional.gelu, approximate="tanh"),
            layer_norm_eps=architecture.norm_eps,
            norm_first=True,
            dtype=x.dtype,
        )
        names = {
            "norm1": "ln_1", "norm2": "ln_2", "linear1": "mlp.c_fc", "linear2": "mlp.c_proj",
            "self_attn.out_proj": "attn.c_proj",
        }  # fmt: skip
        names["self_attn.in_proj"] = "attn.c_attn"
        own = {}
        for theirs, ours in names.items():
            join = "_" if theirs.endswith("in_proj") else "."
            weight, bias = (of[f"transformer.h.{i}.{ours}.{part}"] for part in ("weight", "bias"))
            own[f"{theirs}{join}weight"] = weight.T if "norm" not in theirs else weight
            own[f"{theirs}{join}bias"] = bias
        layer.load_state_dict(own)
        x = layer.eval()(x, mask)
    x = torch.nn.functional.layer_norm(
        x, x.shape[-1:], of["transformer.ln_f.weight"], of["transformer.ln_f.bias"], architecture.norm_eps
    )
    expected = (x @ of["transformer.wte.weight"].T).detach().numpy()
    steps = of_each_step(runtime.create(architecture, weights), tokens)
    np.testing.assert_allclose(steps, expected, atol=tolerance, rtol=0)
    model = models.create(architecture).eval().to(x.dtype)
    model.load_state_dict(of)
    if dtype is np.float32:
        with torch.no_grad():
            mine = model(torch.tensor(tokens)[:, None])[0][:, 0].numpy()
        np.testing.assert_allclose(mine, expected, atol=tolerance, rtol=0)


@pytest.mark.parametrize("architecture", SHAPES, ids=lambda a: a.num_heads)
@pytest.mark.parametrize("length", [1, 2, 13, 40])
def test_logits_equal_those_of_transformers(architecture: Gpt2, length: int) -> None:
    transformers = pytest.importorskip("transformers", reason="needs the extra `peers`")
    theirs = transformers.GPT2LMHeadModel(
        transformers.GPT2Config(
            vocab_size=architecture.vocab_size,
            n_embd=architecture.dim,
            n_inner=architecture.hidden_size,
            n_layer=architecture.num_layers,
            n_head=architecture.num_heads,
            n_positions=architecture.context_length,
            layer_norm_epsilon=architecture.norm_eps,
            bos_token_id=1,
            eos_token_id=2,
        )
    ).eval()
    weights = random_weights(architecture)
    tensors = {name: torch.from_numpy(weight) for name, weight in weights.items()}
    assert not theirs.load_state_dict(tensors, strict=False).unexpected_keys
    theirs.tie_weights()
    model = models.create(architecture).eval()
    model.load_state_dict(tensors)
    tokens = np.random.default_rng(length).integers(50, size=length).tolist()
    with torch.no_grad():
        expected = theirs(torch.tensor([tokens])).logits[0].numpy()
        mine = model(torch.tensor(tokens)[:, None])[0][:, 0].numpy()
    np.testing.assert_allclose(mine, expected, atol=1e-4, rtol=0)
    np.testing.assert_allclose(of_each_step(runtime.create(architecture, weights), tokens), expected, atol=1e-4)


def test_a_full_context_forgets_its_older_half() -> None:
    """Past the last position the state is that of the newer half of the context, in whatever steps it was reached."""
    architecture = Gpt2(50, 24, 96, 2, 4, 8)
    served = runtime.create(architecture, random_weights(architecture, np.float64))
    tokens = np.random.default_rng(0).integers(50, size=21).tolist()
    steps = of_each_step(served, tokens)
    for length in range(1, 22):
        begin = 0 if length <= 8 else 4 * ((length - 5) // 4)
        fresh, _ = served.prefill(tokens[begin:length])
        np.testing.assert_allclose(steps[length - 1], fresh[0], atol=1e-10)
        np.testing.assert_allclose(served.prefill(tokens[:length])[0], fresh, atol=1e-10)
