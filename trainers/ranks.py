"""The processes of one run: each has a copy of the network and a part of every batch, and they stay in step.

What depends on time or chance of one process, when to stop, how many steps a budget allows, is said by the first and
taken over by all; the gradients are averaged by DistributedDataParallel (Li et al. 2020).
"""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from datetime import timedelta
from importlib import import_module
from typing import Any, Protocol, Self

import torch
from torch import Tensor, distributed
from torch.nn.parallel import DistributedDataParallel

from trainers.data import IGNORED
from trainers.launch import STORE, started_together
from tui_lm.errors import TuiLmError
from tui_lm.models.model import Model, State

PATIENCE = timedelta(minutes=30)  # a first process that counts the words of a huge text is waited for
STREAMS = 1  # the axis of a state [1, B, H] along which the streams lie


class Columns(Protocol):
    """A batch whose `targets` [T, B], and all else, can be cut between its columns."""

    @property
    def targets(self) -> Tensor: ...

    def part(self, columns: slice) -> Self: ...


@dataclass(frozen=True, slots=True)
class Ranks:
    """This process is number `rank` of `size`. The first alone writes and reports."""

    rank: int = 0
    size: int = 1
    _replicas: list[_Replica] = field(default_factory=list, compare=False, repr=False)

    @classmethod
    def join(cls, device: str) -> Ranks:
        """Meet the others, where there are any. Raises TuiLmError where a machine has too few GPUs."""
        if not started_together():
            return cls()
        # It keeps the group that stands when it is imported, as a default of its functions; DistributedDataParallel
        # imports it. Such a group's connections would never close.
        import_module("torch.distributed.nn.functional")
        rank, size, local = (int(os.environ[name]) for name in ("RANK", "WORLD_SIZE", "LOCAL_RANK"))
        if device == "cuda":
            if local >= torch.cuda.device_count():
                raise TuiLmError(
                    f"there are more processes than the {torch.cuda.device_count()} GPUs of this machine",
                    "give a smaller --devices, or --device cpu",
                )
            torch.cuda.set_device(local)
        distributed.init_process_group(
            "cpu:gloo,cuda:nccl" if device == "cuda" else "gloo",
            init_method=os.environ.get(STORE, "env://"),
            rank=rank,
            world_size=size,
            timeout=PATIENCE,
        )
        return cls(rank, size)

    def leave(self) -> None:
        """Close the connections, so that no other waits for this process. The replicas cannot be used any more."""
        while self._replicas:
            self._replicas.pop().let_go()
        if self.size > 1 and distributed.is_initialized():
            distributed.destroy_process_group()

    @property
    def first(self) -> bool:
        return self.rank == 0

    def total(self, *numbers: float) -> list[float]:
        """The sums of the numbers that all processes have. Every process has to ask at the same step."""
        if self.size == 1:
            return [float(number) for number in numbers]
        together = torch.tensor(numbers, dtype=torch.float64)
        distributed.all_reduce(together)
        found: list[float] = together.tolist()
        return found

    def any(self, wish: bool) -> bool:
        """Whether one of the processes wishes so."""
        return bool(self.total(wish)[0])

    def of_first(self, *numbers: float) -> list[float]:
        """The numbers that the first process has."""
        if self.size == 1:
            return [float(number) for number in numbers]
        together = torch.tensor(numbers, dtype=torch.float64)
        distributed.broadcast(together, 0)
        found: list[float] = together.tolist()
        return found

    def require_same(self, *numbers: float) -> None:
        """Raises TuiLmError, in every process, where one has other numbers than the first."""
        if self.any(self.of_first(*numbers) != [float(number) for number in numbers]):
            raise TuiLmError(
                "the processes of this run do not read the same text with the same settings",
                "give every machine the same file and the same command line",
            )

    def columns(self, count: int) -> slice:
        """Those of `count` columns of a batch that are this process's."""
        return slice(self.rank * count // self.size, (self.rank + 1) * count // self.size)

    def _read(self, count: int) -> slice:
        """The same, or the first where none is this process's: a process that read nothing would fall out of step."""
        own = self.columns(count)
        return own if own.start < own.stop else slice(0, 1)

    def part(self, batch: Columns) -> tuple[Columns, Tensor | float]:
        """This process's columns, and the weight of their mean loss, with which the mean over processes is the batch's.

        Where there are fewer columns than processes some read the first one too, and it does not count.
        """
        if self.size == 1:
            return batch, 1.0
        count = batch.targets.shape[1]
        counted = batch.targets != IGNORED
        weight = counted[:, self.columns(count)].sum() / counted.sum() * self.size
        return batch.part(self._read(count)), weight

    def gathered(self, state: State | None, streams: int) -> State | None:
        """The state of all processes' streams, on the CPU."""
        if self.size == 1 or state is None:
            return state
        return tuple(tuple(self._side_by_side(part, STREAMS, streams) for part in layer) for layer in state)

    def divided(self, state: State | None) -> State | None:
        """Of such a state what belongs to this process's streams."""
        if self.size == 1 or state is None:
            return state
        own = self._read(state[0][0].shape[STREAMS])
        return tuple(tuple(part[:, own].contiguous() for part in layer) for layer in state)

    def rows(self, row: Tensor) -> Tensor:
        """One row [N] of each process, one below the other: [processes, N]."""
        return self._side_by_side(row[None], 0, self.size)

    def _side_by_side(self, part: Tensor, dim: int, count: int) -> Tensor:
        """The columns of all processes, `count` of them along the axis `dim`."""
        if self.size == 1:
            return part
        shape = list(part.shape)
        shape[dim] = count
        whole = torch.zeros(shape, dtype=part.dtype)
        own = self.columns(count)
        length = own.stop - own.start
        whole.narrow(dim, own.start, length).copy_(part.detach().narrow(dim, 0, length))
        distributed.all_reduce(whole)
        return whole

    def replicated(self, model: Model, device: str) -> Model:
        """The model, with the first process's weights in all, and gradients that are averaged over them."""
        if self.size == 1:
            return model
        replica: Any = _Replica(model, device_ids=[torch.cuda.current_device()] if device == "cuda" else None)
        self._replicas.append(replica)
        found: Model = replica
        return found


def lost_another(error: Exception) -> bool:
    """Whether the error says that another process can no longer be reached."""
    return isinstance(error, distributed.DistError) or "gloo" in str(error).lower()


class _Replica(DistributedDataParallel):
    """What a model offers beside `forward`, it offers too."""

    def __getattr__(self, name: str) -> Any:
        try:
            return super().__getattr__(name)
        except AttributeError:
            return getattr(self.module, name)

    def let_go(self) -> None:
        """Give up the part that averages gradients, and with it the hold on the process group.

        A traceback can keep a replica beyond the group's end. The connections would stay open and the others wait; and
        were this part the last to hold the group, it would wait for gloo's thread with Python's lock in hand, which
        that thread may want for the tensor of a sum that failed.
        """
        del self.reducer, self.logger, self.process_group
