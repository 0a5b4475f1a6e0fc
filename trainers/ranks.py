"""The processes of one run: each has a copy of the network and a part of every batch, and they stay in step.

Values that depend on the time or the random state of one process, such as the steps that a budget allows, are those of
the first process. DistributedDataParallel averages the gradients (Li et al. 2020).
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

PATIENCE = timedelta(minutes=30)  # long enough for the first process to count the words of a huge text
STREAMS = 1  # the axis of the streams in a state [1, B, H]


class Columns(Protocol):
    """A batch that can be cut between its columns, as its `targets` [T, B] can."""

    @property
    def targets(self) -> Tensor: ...

    def part(self, columns: slice) -> Self: ...


@dataclass(frozen=True, slots=True)
class Ranks:
    """This process is number `rank` of `size`. Only the first writes and reports."""

    rank: int = 0
    size: int = 1
    _replicas: list[_Replica] = field(default_factory=list, compare=False, repr=False)

    @classmethod
    def join(cls, device: str) -> Ranks:
        """Connect to the other processes, if there are any. Raises TuiLmError if this machine has too few GPUs."""
        if not started_together():
            return cls()
        # DistributedDataParallel imports this module, whose functions keep the current group as a default. Imported
        # before there is a group, it does not keep that group's connections open.
        import_module("torch.distributed.nn.functional")
        rank, size, local = (int(os.environ[name]) for name in ("RANK", "WORLD_SIZE", "LOCAL_RANK"))
        if device == "cuda":
            if local >= torch.cuda.device_count():
                raise TuiLmError(
                    f"there are more processes than the {torch.cuda.device_count()} GPUs of this machine",
                    "start fewer processes, or train on the cpu",
                    about="devices",
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
        """Close the connections, so that no other process waits for this one. Replicas cannot be used afterwards."""
        while self._replicas:
            self._replicas.pop().release()
        if self.size > 1 and distributed.is_initialized():
            distributed.destroy_process_group()

    @property
    def first(self) -> bool:
        return self.rank == 0

    def total(self, *numbers: float) -> list[float]:
        """The sums of the numbers over all processes. Every process has to call this at the same step."""
        if self.size == 1:
            return [float(number) for number in numbers]
        together = torch.tensor(numbers, dtype=torch.float64)
        distributed.all_reduce(together)
        found: list[float] = together.tolist()
        return found

    def any(self, wish: bool) -> bool:
        """Whether `wish` is true in any process."""
        return bool(self.total(wish)[0])

    def of_first(self, *numbers: float) -> list[float]:
        """The numbers of the first process."""
        if self.size == 1:
            return [float(number) for number in numbers]
        together = torch.tensor(numbers, dtype=torch.float64)
        distributed.broadcast(together, 0)
        found: list[float] = together.tolist()
        return found

    def require_same(self, *numbers: float) -> None:
        """Raises TuiLmError in every process if the numbers of one differ from those of the first."""
        if self.any(self.of_first(*numbers) != [float(number) for number in numbers]):
            raise TuiLmError(
                "the processes of this run do not read the same text with the same settings",
                "give every machine the same file and the same command line",
            )

    def columns(self, count: int) -> slice:
        """This process's share of the `count` columns of a batch."""
        return slice(self.rank * count // self.size, (self.rank + 1) * count // self.size)

    def _columns_or_first(self, count: int) -> slice:
        """The same, or the first column if the share is empty: a process without a column would fall out of step."""
        own = self.columns(count)
        return own if own.start < own.stop else slice(0, 1)

    def part(self, batch: Columns) -> tuple[Columns, Tensor | float]:
        """This process's columns, and the weight of their mean loss: the mean over processes is then the batch's.

        If there are fewer columns than processes, some processes read the first column with a weight of zero.
        """
        if self.size == 1:
            return batch, 1.0
        count = batch.targets.shape[1]
        counted = batch.targets != IGNORED
        weight = counted[:, self.columns(count)].sum() / counted.sum() * self.size
        return batch.part(self._columns_or_first(count)), weight

    def gathered(self, state: State | None, streams: int) -> State | None:
        """The state of all processes' streams, on the CPU."""
        if self.size == 1 or state is None:
            return state
        return tuple(tuple(self._side_by_side(part, STREAMS, streams) for part in layer) for layer in state)

    def divided(self, state: State | None) -> State | None:
        """The part of such a state that belongs to this process's streams."""
        if self.size == 1 or state is None:
            return state
        own = self._columns_or_first(state[0][0].shape[STREAMS])
        return tuple(tuple(part[:, own].contiguous() for part in layer) for layer in state)

    def rows(self, row: Tensor) -> Tensor:
        """The rows [N] of all processes as [processes, N]."""
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
        """The model with the first process's weights, and gradients that are averaged over all processes."""
        if self.size == 1:
            return model
        replica: Any = _Replica(model, device_ids=[torch.cuda.current_device()] if device == "cuda" else None)
        self._replicas.append(replica)
        found: Model = replica
        return found


def lost_another(error: Exception) -> bool:
    """Whether the error means that another process cannot be reached."""
    return isinstance(error, distributed.DistError) or "gloo" in str(error).lower()


class _Replica(DistributedDataParallel):
    """A replica with all methods of its model, not only `forward`."""

    def __getattr__(self, name: str) -> Any:
        try:
            return super().__getattr__(name)
        except AttributeError:
            return getattr(self.module, name)

    def release(self) -> None:
        """Delete the reducer, which averages the gradients, and with it the reference to the process group.

        A traceback can keep a replica alive after the group has ended. Then the connections would stay open and the
        other processes would wait. If the reducer held the last reference, it would wait for gloo's thread, holding
        the interpreter lock, which that thread may need to free the tensor of a failed sum.
        """
        del self.reducer, self.logger, self.process_group
