"""Everything that a run needs to go on as if nothing had happened: weights, optimizer, chance, place in the text.

On disk it is `resume/` of the model folder: tensors in safetensors, numbers in JSON, nothing that could run.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from trainers.ema import Ema
from trainers.old_names import current_numbers
from trainers.ranks import Ranks
from tui_lm import checkpoint
from tui_lm.errors import TuiLmError
from tui_lm.models.model import State

TENSORS, NUMBERS = "state.safetensors", "state.json"
Optimizers = list[torch.optim.Optimizer]


@dataclass(frozen=True, slots=True)
class Snapshot:
    """`tensors` by name, on the CPU; `numbers` are plain JSON values."""

    tensors: dict[str, Tensor]
    numbers: dict[str, Any]

    def save(self, model_folder: Path) -> None:
        from safetensors.torch import save_file

        folder = model_folder / checkpoint.RESUME
        folder.mkdir(mode=0o700)
        save_file({name: tensor.contiguous() for name, tensor in self.tensors.items()}, folder / TENSORS)
        (folder / NUMBERS).write_text(json.dumps(self.numbers), encoding="utf-8")

    @classmethod
    def load(cls, model_folder: Path) -> Snapshot:
        """Raises TuiLmError where there is nothing to go on from, or it is damaged."""
        from safetensors.torch import load_file

        folder = model_folder / checkpoint.RESUME
        try:
            card = checkpoint.describe(model_folder)
            checkpoint.require_intact(model_folder, card, [f"{folder.name}/{name}" for name in (TENSORS, NUMBERS)])
            numbers = json.loads((folder / NUMBERS).read_text("utf-8"))
            return cls(load_file(folder / TENSORS), current_numbers(numbers, card))
        except Exception as error:  # safetensors raises a class of its own that is no OSError
            raise TuiLmError(
                f"the run of {model_folder.name} cannot be resumed: what it would go on from is missing or damaged",
                "train again with --overwrite; until then the best model so far can be used as it is",
            ) from error


def capture_tensors(
    model: nn.Module,
    optimizers: Optimizers,
    ema: Ema,
    state: State | None,
    streams: int,
    ranks: Ranks,
) -> dict[str, Tensor]:
    """Copies of all that is a tensor: weights and their average, the optimizers' moments, the carried state, chance.

    Every process has to ask at the same step; the state is that of all their streams, and the chance has a row of each.
    """
    tensors = {f"weights/{name}": weight for name, weight in model.state_dict().items()}
    tensors |= {f"average/{name}": mean for name, mean in ema.tensors().items()}
    for i, optimizer in enumerate(optimizers):
        for key, moments in optimizer.state_dict()["state"].items():
            tensors |= {f"optimizer/{i}/{key}/{name}": torch.as_tensor(moment) for name, moment in moments.items()}
    for layer, parts in enumerate(ranks.gathered(state, streams) or ()):
        tensors |= {f"state/{layer}/{i}": part for i, part in enumerate(parts)}
    tensors["chance/cpu"] = ranks.rows(torch.get_rng_state())
    if torch.cuda.is_available():
        tensors["chance/cuda"] = ranks.rows(torch.cuda.get_rng_state())
    return {name: tensor.detach().to("cpu", copy=True) for name, tensor in tensors.items()}


def restore_tensors(
    tensors: dict[str, Tensor], model: nn.Module, optimizers: Optimizers, ema: Ema, device: str, ranks: Ranks
) -> State | None:
    """Put everything back; returns the carried state of this process's streams, on the device.

    Another number of processes than the snapshot's goes on with chance of its own.
    """
    rooms: dict[str, dict[str, Tensor]] = {"weights": {}, "average": {}, "optimizer": {}, "state": {}, "chance": {}}
    for name, tensor in tensors.items():
        room, _, rest = name.partition("/")
        rooms[room][rest] = tensor
    model.load_state_dict(rooms["weights"])
    ema.restore(rooms["average"])
    for i, optimizer in enumerate(optimizers):
        moments: dict[int, dict[str, Tensor]] = {}
        for path, tensor in rooms["optimizer"].items():
            number, key, name = path.split("/")
            if int(number) == i:
                moments.setdefault(int(key), {})[name] = tensor
        optimizer.load_state_dict({"state": moments, "param_groups": optimizer.state_dict()["param_groups"]})
    if len(rooms["chance"]["cpu"]) == ranks.size:
        torch.set_rng_state(rooms["chance"]["cpu"][ranks.rank].clone())
        if "cuda" in rooms["chance"] and torch.cuda.is_available():
            torch.cuda.set_rng_state(rooms["chance"]["cuda"][ranks.rank].clone())
    layers: dict[int, dict[int, Tensor]] = {}
    for path, tensor in rooms["state"].items():
        layer, part = map(int, path.split("/"))
        layers.setdefault(layer, {})[part] = tensor.to(device)
    state = tuple(tuple(layers[layer][part] for part in sorted(layers[layer])) for layer in sorted(layers))
    return ranks.divided(state or None)
