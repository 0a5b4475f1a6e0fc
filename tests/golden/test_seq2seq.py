"""Encoder and decoder are those of the papers: both passes against plain equations in float64."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
import torch
from torch import Tensor

from tui_lm import models
from tui_lm.architecture import Seq2Seq
from tui_lm.runtime.seq2seq import Seq2SeqRuntime

VOCABULARY, SOURCES = 23, 19
SOURCE, TARGET = [7, 3, 18, 3, 11, 2], [1, 5, 22, 5, 9, 14, 8]
SHAPES = [
    Seq2Seq(VOCABULARY, SOURCES, 6, 8, layers, cell, attention, bidirectional, turned, tie_embeddings=layers == 3)
    for cell, attention, layers, bidirectional, turned in product(
        ("lstm", "gru"), ("none", "bahdanau", "dot", "general"), (1, 3), (True, False), (True, False)
    )
]
SHAPES += [
    Seq2Seq(VOCABULARY, VOCABULARY, 6, 8, 2, cell, kind, input_feeding=True, share_embeddings=True, tie_embeddings=tied)
    for cell, kind, tied in product(("lstm", "gru"), ("dot", "general"), (True, False))
]


def called(shape: Seq2Seq) -> str:
    marks = ("bidirectional", "reverse_source", "input_feeding", "share_embeddings", "tie_embeddings")
    return "-".join([shape.cell, shape.attention, str(shape.num_layers), *(m[:3] for m in marks if getattr(shape, m))])


def random_weights(shape: Seq2Seq, dtype: type = np.float64) -> dict[str, np.ndarray]:
    generator = np.random.default_rng(5)
    return {name: (generator.standard_normal(size) * 0.5).astype(dtype) for name, size in shape.weights().items()}


def cell_step(kind: str, of: dict[str, Tensor], name: str, x: Tensor, state: tuple[Tensor, ...]) -> tuple[Tensor, ...]:
    """One cell, gate by gate (Hochreiter & Schmidhuber 1997 with Gers 2000; Cho 2014 in PyTorch's variant)."""
    module, layer = name.split("/")
    w, u = of[f"{module}.weight_ih_l{layer}"], of[f"{module}.weight_hh_l{layer}"]
    b, d = of[f"{module}.bias_ih_l{layer}"], of[f"{module}.bias_hh_l{layer}"]
    h, units = state[0], len(state[0])

    def rows(gate: int) -> slice:
        return slice(gate * units, (gate + 1) * units)

    def share(gate: int) -> Tensor:
        return w[rows(gate)] @ x + b[rows(gate)]

    def recurrent(gate: int) -> Tensor:
        return u[rows(gate)] @ h + d[rows(gate)]

    if kind == "lstm":
        enter, forget, leave = (torch.sigmoid(share(gate) + recurrent(gate)) for gate in (0, 1, 3))
        c = forget * state[1] + enter * torch.tanh(share(2) + recurrent(2))
        return leave * torch.tanh(c), c
    reset, update = (torch.sigmoid(share(gate) + recurrent(gate)) for gate in (0, 1))
    new = torch.tanh(share(2) + reset * recurrent(2))
    return ((1 - update) * new + update * h,)


def transcription(
    shape: Seq2Seq, weights: dict[str, np.ndarray], source: list[int], target: list[int]
) -> tuple[Tensor, Tensor]:
    """Logits [T, V] and attention [T, S] of one sentence, token by token."""
    of = {name: torch.from_numpy(weight).double() for name, weight in weights.items()}
    table = of["embedding.weight" if shape.share_embeddings else "source_embedding.weight"]
    parts = 2 if shape.cell == "lstm" else 1
    scale = shape.dim**0.5 if shape.tie_embeddings else 1.0

    # The encoder: Sutskever 2014 reads the source from its end; Bahdanau 2015 reads it both ways.
    order = [*range(len(source))]
    if shape.reverse_source:
        order.reverse()
    inputs = [table[token] * (scale if shape.share_embeddings else 1.0) for token in source]
    start = []
    for layer in range(shape.num_layers):
        ways = []
        for name, way in [("", order), ("_reverse", order[::-1])][: 1 + shape.bidirectional]:
            state = (torch.zeros(shape.direction_size).double(),) * parts
            read: list[Tensor] = [None] * len(source)  # type: ignore[list-item]
            for j in way:
                state = cell_step(shape.cell, of, f"encoder/{layer}{name}", inputs[j], state)
                read[j] = state[0]
            ways.append((read, state))
        inputs = [torch.cat([read[j] for read, _ in ways]) for j in range(len(source))]
        if shape.bidirectional:
            last = torch.cat([state[0] for _, state in ways])
            bridged = of[f"bridge.{layer}.weight"] @ last + of[f"bridge.{layer}.bias"]
            start.append((torch.tanh(bridged), bridged)[:parts])
        else:
            start.append(ways[0][1])
    h = inputs

    def context(energies: list[Tensor]) -> tuple[Tensor, Tensor]:
        exponents = [torch.exp(e) for e in energies]
        shares = [e / sum(exponents) for e in exponents]
        return sum(a * h_j for a, h_j in zip(shares, h, strict=True)), torch.stack(shares)

    states, fed, logits, rows = start, torch.zeros(shape.readout_size).double(), [], []
    for token in target:
        embedded = of["embedding.weight"][token] * scale
        x = embedded
        if shape.attention == "bahdanau":  # e_ij = v^T tanh(W s_(i-1) + U h_j), and c_i enters the cell
            w, u, v = (of[f"attention.{name}.weight"] for name in ("query", "key", "energy"))
            c, a = context([v[0] @ torch.tanh(w @ states[-1][0] + u @ h_j) for h_j in h])
            x = torch.cat([embedded, c])
        if shape.input_feeding:
            x = torch.cat([embedded, fed])
        after = []
        for layer, state in enumerate(states):
            after.append(cell_step(shape.cell, of, f"decoder/{layer}", x, state))
            x = after[-1][0]
        states, s = after, x
        if shape.attention == "dot":  # s_i^T h_j
            c, a = context([s @ h_j for h_j in h])
        if shape.attention == "general":  # s_i^T W h_j
            c, a = context([s @ (of["attention.key.weight"] @ h_j) for h_j in h])
        if shape.attention == "none":
            a = torch.zeros(len(h)).double()
            read = torch.tanh(of["readout.weight"] @ s) if "readout.weight" in of else s
        elif shape.attention == "bahdanau":
            read = torch.tanh(of["readout.weight"] @ torch.cat([c, s, embedded]))
        else:
            read = fed = torch.tanh(of["readout.weight"] @ torch.cat([c, s]))
        head = of["embedding.weight" if shape.tie_embeddings else "head.weight"]
        logits.append(head @ read + of["head.bias"])
        rows.append(a)
    return torch.stack(logits), torch.stack(rows)


@pytest.mark.parametrize("shape", SHAPES, ids=called)
def test_both_passes_equal_the_transcription(shape: Seq2Seq) -> None:
    weights = random_weights(shape)
    expected, attention = transcription(shape, weights, SOURCE, TARGET)

    for dtype, tolerance in ((np.float64, 1e-12), (np.float32, 1e-5)):
        served = Seq2SeqRuntime(shape, {name: weight.astype(dtype) for name, weight in weights.items()})
        state = served.encode([SOURCE])
        for i, token in enumerate(TARGET):
            trace: list = []
            logits, state = served.step([token], state, trace)
            assert logits.dtype == dtype
            np.testing.assert_allclose(logits[0], expected[i].numpy(), atol=tolerance, rtol=0)
            weights_of_step = [activation for activation in trace if activation.kind == "attention"]
            assert len(weights_of_step) == (shape.attention != "none")
            for activation in weights_of_step:
                assert (activation.layer, activation.name, activation.head) == (shape.num_layers - 1, "attention", None)
                np.testing.assert_allclose(activation.values[0], attention[i].numpy(), atol=tolerance, rtol=0)

        model = models.create(shape).to(torch.float64 if dtype is np.float64 else torch.float32)
        tensors = {name: torch.from_numpy(weight) for name, weight in weights.items()}
        if shape.tie_embeddings:
            tensors["head.weight"] = tensors["embedding.weight"]
        model.load_state_dict(tensors)
        with torch.no_grad():
            start = model.encode(torch.tensor(SOURCE)[:, None], torch.tensor([len(SOURCE)]))
            whole, _ = model(torch.tensor(TARGET)[:, None], start)
        np.testing.assert_allclose(whole[:, 0].numpy(), expected.numpy(), atol=tolerance, rtol=0)
