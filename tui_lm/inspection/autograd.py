"""Gradients, computed in a process of their own. This is the only module of the room that imports torch.

    python -m tui_lm.inspection.autograd < requests.json

reads a JSON list of requests from stdin and writes a list of answers. `gradient_process` starts it.
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

CLIP = 1.0  # the gradient norm to which the comparison clips, a usual choice
KINDS = ("tanh RNN", "ReLU RNN", "ReLU RNN, spectral radius 2", "LSTM", "LSTM, forget bias + 3")


def saliency(model: SavedModel, tokens: Sequence[int], target: int, source: Sequence[int] = ()) -> list[float]:
    """Gradient x input [S + T] of the log-probability of `target` after T `tokens`, for each token's embedding.

    The S tokens of a translator's `source` come first.
    """
    inputs, logits = _forward(model, tokens, source)
    F.log_softmax(logits[-1], dim=-1)[target].backward()
    return [float(score) for score in (inputs.gradients() * inputs.values()).sum(dim=1)]


def label_saliency(model: SavedModel, tokens: Sequence[int], label: int) -> list[float]:
    """Gradient x input [T] of a classifier's log-probability of `label`, for the embedding of each of T tokens."""
    from tui_lm.models.classifier import ClassifierModel

    network = models.create(model.card.architecture).eval()
    assert isinstance(network, ClassifierModel)
    network.load_state_dict({name: torch.from_numpy(weight.copy()) for name, weight in model.weights.items()})
    x = network.embedding(torch.tensor(tokens)[:, None]).detach().requires_grad_()
    logs = F.log_softmax(network.of_embedded(x, torch.tensor([len(tokens)])), dim=-1)
    (gradient,) = torch.autograd.grad(logs[0, label], x)
    return [float(score) for score in (gradient * x.detach()).sum(dim=2)[:, 0]]


def distances(model: SavedModel, tokens: Sequence[int], source: Sequence[int] = ()) -> list[float]:
    """The norm of the gradient of the last token's loss with respect to the embedding of each token before it.

    The last of `tokens` is the one that is predicted. Norms are ordered by distance: the first belongs to the token
    just before it. The tokens of a translator's `source` follow, in the order of the text.
    """
    inputs, logits = _forward(model, tokens[:-1], source)
    F.cross_entropy(logits[-1:], torch.tensor([tokens[-1]])).backward()
    norms = inputs.gradients().norm(dim=1)
    return [float(norm) for norm in torch.cat([norms[len(source) :].flip(0), norms[: len(source)]])]


@dataclass(frozen=True, slots=True)
class TokenEmbeddings:
    """One row for each token of a text, at the end of one or more embedding tables."""

    tables: tuple[tuple[Tensor, int], ...]  # a table, and how many of its last rows

    def values(self) -> Tensor:
        return torch.cat([table.detach()[-count:] for table, count in self.tables])

    def gradients(self) -> Tensor:
        found = []
        for table, count in self.tables:
            assert table.grad is not None
            found.append(table.grad[-count:])
        return torch.cat(found)


def _forward(model: SavedModel, tokens: Sequence[int], source: Sequence[int] = ()) -> tuple[TokenEmbeddings, Tensor]:
    """The embeddings of the tokens, and the logits [T, V].

    Each position gets a row of its own in the table, so that its gradient is that of a leaf in every family.
    """
    shape = model.card.architecture
    shared = isinstance(shape, Seq2Seq) and shape.share_embeddings
    own = [*source, *tokens] if shared else list(tokens)  # tokens that get a row in the target table
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
    if isinstance(shape, Recurrent) and network.author is not None:
        says = network.author.says  # a copied row says of the author what its token says
        says[shape.vocab_size :] = says[own]
    named = dict(network.named_parameters())
    table = next(w for name, w in named.items() if ("emb" in name or "wte" in name) and not name.startswith("source_"))
    for weight in named.values():  # the gradients of a large network's matrices would cost as much as the rest
        weight.requires_grad_(False)
    table.requires_grad_(True)
    if "source_embedding.weight" in named:
        named["source_embedding.weight"].requires_grad_(True)
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
    return TokenEmbeddings(tables), logits[:, 0, : shape.vocab_size]


def states(model: SavedModel, tokens: Sequence[int]) -> dict[str, list[float]]:
    """The norm of the gradient of the last token's loss with respect to each layer's h, newest first.

    The model must be recurrent. The list starts one step before the last, where the state reaches the loss through the
    last step alone.
    """
    shape = model.card.architecture
    assert isinstance(shape, Recurrent)
    network: Any = models.create(shape).eval()
    network.load_state_dict({name: torch.from_numpy(w.copy()) for name, w in model.weights.items()}, strict=False)
    state, kept = None, []
    for token in tokens[:-1]:
        logits, state = network(torch.tensor([[token]]), state)
        hidden = [layer[0] for layer in state[: shape.num_layers]]
        for h in hidden:
            h.retain_grad()
        kept.append(hidden)
    F.cross_entropy(logits[0], torch.tensor([tokens[-1]])).backward()
    return {
        f"layer {layer}": [float(step[layer].grad.norm()) for step in reversed(kept[:-1])]
        for layer in range(shape.num_layers)
    }


def cells(steps: int, units: int, seed: int) -> dict[str, Any]:
    """Gradients in untrained cells: their norm with respect to h, newest first, and to all weights, clipped or not.

    Inputs are random. The loss is the last h times random weights, the same for all cells.
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
    """Answer one request: "saliency", "label", "distances" or "states" of a model folder, or "cells"."""
    if request["what"] == "cells":
        return cells(request["steps"], request["units"], request["seed"])
    model, source = checkpoint.load(Path(request["folder"])), request.get("source", ())
    if request["what"] == "saliency":
        return saliency(model, request["tokens"], request["target"], source)
    if request["what"] == "label":
        return label_saliency(model, request["tokens"], request["target"])
    if request["what"] == "distances":
        return distances(model, request["tokens"], source)
    return states(model, request["tokens"])


if __name__ == "__main__":
    torch.set_num_threads(1)
    json.dump([answer(request) for request in json.load(sys.stdin)], sys.stdout)
