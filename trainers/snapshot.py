"""A snapshot of a run, from which it continues bit for bit: weights, optimizer, random state, position in the text.

On disk it is `resume/` in the model folder: tensors in safetensors, numbers in JSON, no executable content.
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
from trainers.run_files import NUMBERS
from tui_lm import checkpoint
from tui_lm.errors import TuiLmError
from tui_lm.models.lora import staying
from tui_lm.models.model import State

TENSORS = "state.safetensors"
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
        """Raises TuiLmError for a snapshot that is missing or damaged."""
        from safetensors.torch import load_file

        folder = model_folder / checkpoint.RESUME
        try:
            card = checkpoint.describe(model_folder)
            checkpoint.require_intact(model_folder, card, [f"{folder.name}/{name}" for name in (TENSORS, NUMBERS)])
            numbers = json.loads((folder / NUMBERS).read_text("utf-8"))
            return cls(load_file(folder / TENSORS), current_numbers(numbers, card))
        except Exception as error:  # safetensors raises its own class, not an OSError
            raise TuiLmError(
                f"the run of {model_folder.name} cannot be resumed: its snapshot is missing or damaged",
                "train it again; the best model so far stays usable",
                about="overwrite",
            ) from error


def capture_tensors(
    model: nn.Module,
    optimizers: Optimizers,
    ema: Ema,
    state: State | None,
    streams: int,
    ranks: Ranks,
) -> dict[str, Tensor]:
    """Copies of all tensors: weights and their average, the optimizers' moments, the carried state, the random state.

    Every process has to call this at the same step: the carried state is that of all their streams, and the random
    state has a row for each process.
    """
    stay = staying(model)  # what an adapted model does not learn comes from its base again
    tensors = {f"weights/{name}": weight for name, weight in model.state_dict().items() if name not in stay}
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
    """Restore everything; returns the carried state of this process's streams, on the device.

    With another number of processes than the snapshot's, the random state is not restored.
    """
    groups: dict[str, dict[str, Tensor]] = {"weights": {}, "average": {}, "optimizer": {}, "state": {}, "chance": {}}
    for name, tensor in tensors.items():
        group, _, rest = name.partition("/")
        groups[group][rest] = tensor
    model.load_state_dict(groups["weights"], strict=not staying(model))
    ema.restore(groups["average"])
    for i, optimizer in enumerate(optimizers):
        moments: dict[int, dict[str, Tensor]] = {}
        for path, tensor in groups["optimizer"].items():
            number, key, name = path.split("/")
            if int(number) == i:
                moments.setdefault(int(key), {})[name] = tensor
        optimizer.load_state_dict({"state": moments, "param_groups": optimizer.state_dict()["param_groups"]})
    if len(groups["chance"]["cpu"]) == ranks.size:
        torch.set_rng_state(groups["chance"]["cpu"][ranks.rank].clone())
        if "cuda" in groups["chance"] and torch.cuda.is_available():
            torch.cuda.set_rng_state(groups["chance"]["cuda"][ranks.rank].clone())
    layers: dict[int, dict[int, Tensor]] = {}
    for path, tensor in groups["state"].items():
        layer, part = map(int, path.split("/"))
        layers.setdefault(layer, {})[part] = tensor.to(device)
    state = tuple(tuple(layers[layer][part] for part in sorted(layers[layer])) for layer in sorted(layers))
    return ranks.divided(state or None)
