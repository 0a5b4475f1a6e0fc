"""Recorded gates, states and attention equal those of PyTorch's own layers."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch.nn import functional as F

from tests.inspection.conftest import RECURRENT, TEXT, TRANSLATORS
from tui_lm.inspection.change import head_outputs
from tui_lm.runtime.attention import attend, causal
from tui_lm.tokenizers.specials import END

TOLERANCE = {np.float32: 1e-5, np.float64: 1e-12}
MODULES = {"rnn": torch.nn.RNN, "lstm": torch.nn.LSTM, "gru": torch.nn.GRU}
dtypes = pytest.mark.parametrize("dtype", [np.float32, np.float64], ids=["float32", "float64"])


@dtypes
@pytest.mark.parametrize("name", [name for name in RECURRENT if name.partition("-")[0] in MODULES])
def test_recorded_gates_and_states_equal_pytorchs(build, recording_of, name: str, dtype: type) -> None:
    recording = recording_of(name, dtype=dtype)
    model = build(name, dtype)
    shape = model.card.architecture
    module = MODULES[shape.family](shape.dim, shape.hidden_size, shape.num_layers)
    module = module.double() if dtype is np.float64 else module
    own = {key.removeprefix("rnn."): torch.from_numpy(w) for key, w in model.weights.items() if key.startswith("rnn.")}
    module.load_state_dict(own)
    x = torch.from_numpy(model.weights["embedding.weight"][recording.tokens])

    def near(ours: np.ndarray, theirs: torch.Tensor) -> None:
        np.testing.assert_allclose(ours, theirs.detach().numpy(), atol=TOLERANCE[dtype], rtol=0)

    for layer in range(shape.num_layers):
        single = MODULES[shape.family](x.shape[1], shape.hidden_size).to(x.dtype)
        single.load_state_dict(
            {key.replace(f"_l{layer}", "_l0"): w for key, w in own.items() if key.endswith(f"_l{layer}")}
        )
        output, last = single(x)
        near(recording.series(layer, "hidden_state"), output)
        before = torch.cat([torch.zeros_like(output[:1]), output[:-1]])
        inputs = x @ single.weight_ih_l0.T + single.bias_ih_l0
        state = before @ single.weight_hh_l0.T + single.bias_hh_l0
        if shape.family == "lstm":
            i, f, g, o = (inputs + state).chunk(4, dim=1)
            for gate, value in (("input", i.sigmoid()), ("forget", f.sigmoid()), ("output", o.sigmoid())):
                near(recording.series(layer, gate), value)
            near(recording.series(layer, "cell"), g.tanh())
            near(recording.at(-1, layer, "cell_state"), last[1][0])
        elif shape.family == "gru":
            (xr, xz, xn), (hr, hz, hn) = inputs.chunk(3, dim=1), state.chunk(3, dim=1)
            reset, update = (xr + hr).sigmoid(), (xz + hz).sigmoid()
            near(recording.series(layer, "reset"), reset)
            near(recording.series(layer, "update"), update)
            near(recording.series(layer, "new"), (xn + reset * hn).tanh())
        x = output
    near(
        recording.series(shape.num_layers - 1, "hidden_state"),
        module(torch.from_numpy(model.weights["embedding.weight"][recording.tokens]))[0],
    )


@dtypes
@pytest.mark.parametrize("name", TRANSLATORS)
def test_the_recorded_encoder_equals_pytorchs(build, recording_of, name: str, dtype: type) -> None:
    """Layer by layer, both directions of each side by side."""
    recording = recording_of(name, dtype=dtype)
    model = build(name, dtype)
    shape = model.card.architecture
    own = {key.removeprefix("encoder."): torch.from_numpy(w) for key, w in model.weights.items()}
    table = next(w for key, w in model.weights.items() if "source" in key and "embedding" in key)
    source = [*model.tokenizer.encode(TEXT), END]
    x = torch.from_numpy(table[source])
    for layer in range(shape.num_layers):
        of_layer = {key.replace(f"_l{layer}", "_l0"): w for key, w in own.items() if f"_l{layer}" in key}
        units = of_layer["weight_hh_l0"].shape[1]
        both = any("reverse" in key for key in of_layer)
        single = MODULES[shape.cell](x.shape[1], units, bidirectional=both).to(x.dtype)
        single.load_state_dict({key: w for key, w in of_layer.items() if key in single.state_dict()})
        x = single(x)[0].detach()
        np.testing.assert_allclose(recording.encoder[layer, "hidden_state"], x.numpy(), atol=TOLERANCE[dtype], rtol=0)


@pytest.mark.parametrize("groups", [4, 2, 1])
def test_attention_with_weights_equals_the_fused_kernel(groups: int) -> None:
    generator = np.random.default_rng(0)
    q = generator.standard_normal((2, 4, 9, 8)).astype(np.float32)
    k, v = (generator.standard_normal((2, groups, 9, 8)).astype(np.float32) for _ in range(2))
    read, weights = attend(q, [(k, v)], causal(9, 9, 9))
    tensors = (torch.from_numpy(part) for part in (q, k, v))
    fused = F.scaled_dot_product_attention(*tensors, is_causal=True, enable_gqa=True).numpy()
    np.testing.assert_allclose(read, fused, atol=1e-4)
    assert (weights[..., *np.triu_indices(9, k=1)] == 0).all()
    np.testing.assert_allclose(weights.sum(axis=-1), 1, atol=1e-6)


@pytest.mark.parametrize("name", ["llama-grouped", "llama-plain", "gpt2"])
def test_the_output_of_a_head_is_its_weights_times_the_values(recording_of, name: str) -> None:
    recording = recording_of(name, dtype=np.float32)
    for layer in range(recording.layers):
        state = recording.steps[-1].state
        past = getattr(state, "past", state)
        values = np.concatenate([part.read(layer)[1][0] for part in past.segments], axis=1)
        for head, read in head_outputs(recording, layer).items():
            weights = recording.at(-1, layer, "attention", head)
            shared = values[head // (4 // len(values))]
            np.testing.assert_allclose(weights @ shared, read[-1], atol=1e-4)
