"""Gradients, in a process of their own: the only module here that imports torch. `gradient_process` starts it.

    python -m tui_lm.inspection.autograd < request.json

reads one JSON object and answers with one.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from tui_lm import checkpoint, models
from tui_lm.architecture import Architecture, Recurrent, Seq2Seq
from tui_lm.checkpoint import SavedModel

CLIP = 1.0  # the norm that gradients are clipped to in the comparison, as is usual
KINDS = ("tanh RNN", "ReLU RNN", "ReLU RNN, spectral radius 2", "LSTM", "LSTM, forget bias + 3")


def saliency(model: SavedModel, tokens: Sequence[int], target: int, source: Sequence[int] = ()) -> list[float]:
    """Gradient x input [S + T] of the log-probability of `target` after `tokens`, for each token's embedding.

    Of a translator, the S tokens of its `source` come first.
    """
    places, logits = _forward(model, tokens, source)
    F.log_softmax(logits[-1], dim=-1)[target].backward()
    return [float(score) for score in (places.gradients() * places.values()).sum(dim=1)]


def distances(model: SavedModel, tokens: Sequence[int], source: Sequence[int] = ()) -> list[float]:
    """The norm of the gradient of the last token's cost, for the embedding of each token that was read before it.

    The last of `tokens` is the one that is predicted; the first entry is that of the token just before it. Of a
    translator, those of its `source` come after these, in the order of the text.
    """
    places, logits = _forward(model, tokens[:-1], source)
    F.cross_entropy(logits[-1:], torch.tensor([tokens[-1]])).backward()
    norms = places.gradients().norm(dim=1)
    return [float(norm) for norm in torch.cat([norms[len(source) :].flip(0), norms[: len(source)]])]


@dataclass(frozen=True, slots=True)
class Places:
    """The rows that the tokens of a text have for themselves at the end of embedding tables, with what they hold."""

    tables: tuple[tuple[Tensor, int], ...]  # a table, and how many of its last rows

    def values(self) -> Tensor:
        return torch.cat([table.detach()[-count:] for table, count in self.tables])

    def gradients(self) -> Tensor:
        found = []
        for table, count in self.tables:
            assert table.grad is not None
            found.append(table.grad[-count:])
        return torch.cat(found)


def _forward(model: SavedModel, tokens: Sequence[int], source: Sequence[int] = ()) -> tuple[Places, Tensor]:
    """Where the tokens are embedded, and the logits [T, V].

    A row for each place makes the gradient of a place that of a leaf, whatever the family does with the table.
    """
    shape = model.card.architecture
    shared = isinstance(shape, Seq2Seq) and shape.share_embeddings
    own = [*source, *tokens] if shared else list(tokens)  # what has a row in the table of what is written
    more = {"vocab_size": shape.vocab_size + len(own)}
    if isinstance(shape, Seq2Seq):
        more["source_vocab_size"] = shape.source_vocab_size + (len(own) if shared else len(source))
    wider: Architecture = replace(shape, **more)  # type: ignore[arg-type]
    network = models.create(wider).eval()
    weights = {name: torch.from_numpy(weight.copy()) for name, weight in model.weights.items()}
    for name, wanted in wider.weights().items():
        weight = weights[name]
        if tuple(weight.shape) != wanted:
            rows = weight.new_zeros(wanted[0] - len(weight), *weight.shape[1:])
            if name.startswith("source_emb"):
                rows = weight[list(source)]
            elif "emb" in name or "wte" in name:
                rows = weight[own]
            weights[name] = torch.cat([weight, rows])
    network.load_state_dict(weights, strict=False)  # tied weights stand once in the file and twice in the module
    named = dict(network.named_parameters())
    table = next(w for name, w in named.items() if ("emb" in name or "wte" in name) and not name.startswith("source_"))
    tables: tuple[tuple[Tensor, int], ...] = ((table, len(own)),)
    state = None
    if isinstance(shape, Seq2Seq):
        first = shape.vocab_size if shared else shape.source_vocab_size
        read = torch.arange(first, first + len(source))[:, None]
        state = network.encode(read, torch.tensor([len(source)]))
        if not shared:
            tables = ((named["source_embedding.weight"], len(source)), *tables)
    end = shape.vocab_size + len(own)
    logits, _ = network(torch.arange(end - len(tokens), end)[:, None], state)
    return Places(tables), logits[:, 0, : shape.vocab_size]


def states(model: SavedModel, tokens: Sequence[int]) -> dict[str, list[float]]:
    """Of a recurrent model: the norm of the gradient of the last token's cost for each layer's h, newest first.

    It begins one step before the last: there the state is what the last step read, and nothing else.
    """
    shape = model.card.architecture
    assert isinstance(shape, Recurrent)
    network: Any = models.create(shape).eval()
    network.load_state_dict({name: torch.from_numpy(w.copy()) for name, w in model.weights.items()}, strict=False)
    state, kept = None, []
    for token in tokens[:-1]:
        logits, state = network(torch.tensor([[token]]), state)
        for layer in state:
            layer[0].retain_grad()
        kept.append([layer[0] for layer in state])
    F.cross_entropy(logits[0], torch.tensor([tokens[-1]])).backward()
    return {
        f"layer {layer}": [float(step[layer].grad.norm()) for step in reversed(kept[:-1])]
        for layer in range(shape.num_layers)
    }


def cells(steps: int, units: int, seed: int) -> dict[str, Any]:
    """A gradient in untrained cells: its norm for h by distance, newest first, and for all weights, clipped or not.

    Inputs are random; the cost is the sum of the last h times random weights, the same for all.
    """
    found: dict[str, Any] = {}
    for kind in KINDS:
        generator = torch.Generator().manual_seed(seed)
        with torch.random.fork_rng():
            torch.manual_seed(seed)
            cell = _cell(kind, units)
        x = torch.randn(steps, 1, units, generator=generator)
        readout = torch.randn(units, generator=generator)
        state, kept = None, []
        for t in range(steps):
            _, state = cell(x[t : t + 1], state)
            h = state[0] if isinstance(state, tuple) else state
            h.retain_grad()
            kept.append(h)
        (kept[-1].flatten() @ readout).backward()
        whole = float(torch.stack([p.grad.norm() for p in cell.parameters() if p.grad is not None]).norm())
        nn.utils.clip_grad_norm_(cell.parameters(), CLIP)
        clipped = float(torch.stack([p.grad.norm() for p in cell.parameters() if p.grad is not None]).norm())
        found[kind] = {"norms": [float(h.grad.norm()) for h in reversed(kept)], "weights": whole, "clipped": clipped}
    return found


def _cell(kind: str, units: int) -> Any:
    if kind.startswith("LSTM"):
        cell: Any = nn.LSTM(units, units)
        if "bias" in kind:
            with torch.no_grad():
                cell.bias_ih_l0[units : 2 * units] += 3
        return cell
    cell = nn.RNN(units, units, nonlinearity="relu" if kind.startswith("ReLU") else "tanh")
    if "radius" in kind:
        with torch.no_grad():
            cell.weight_hh_l0 *= 2 / float(torch.linalg.eigvals(cell.weight_hh_l0).abs().max())
    return cell


def answer(request: dict[str, Any]) -> Any:
    """What was asked for: "saliency", "distances" or "states" of a model folder, or "cells"."""
    if request["what"] == "cells":
        return cells(request["steps"], request["units"], request["seed"])
    model, source = checkpoint.load(Path(request["folder"])), request.get("source", ())
    if request["what"] == "saliency":
        return saliency(model, request["tokens"], request["target"], source)
    if request["what"] == "distances":
        return distances(model, request["tokens"], source)
    return states(model, request["tokens"])


if __name__ == "__main__":
    torch.set_num_threads(1)
    json.dump([answer(request) for request in json.load(sys.stdin)], sys.stdout)
