"""The device of a run, and what makes training fast on it."""

from __future__ import annotations

import ctypes
import logging
import math
import statistics
import sys
import time
from contextlib import AbstractContextManager, nullcontext, suppress
from functools import cache
from typing import Any

import torch

from tui_lm.errors import TuiLmError
from tui_lm.models.model import Model

DEVICES = ("auto", "cpu", "cuda", "mps")
TRIAL = 6  # steps, or products
PROBED = (256, 512)  # of a matrix product that is timed: rows and columns of its first factor
WORTH = 1.25  # times as fast as float32: below that, bfloat16 only costs precision
TRY_AGAIN = 30.0  # seconds
M_TRIM_THRESHOLD, M_MMAP_THRESHOLD = -1, -3  # of glibc's malloc.h


def choose(wish: str) -> str:
    """The device called `wish`; for "auto" CUDA, else MPS, else the CPU. Raises TuiLmError if it is not available."""
    available = {"cpu": True, "cuda": torch.cuda.is_available(), "mps": torch.backends.mps.is_available()}
    if wish == "auto":
        return next(device for device in ("cuda", "mps", "cpu") if available[device])
    if wish not in available:
        raise TuiLmError(f"there is no device called {wish}", f"choose one of {', '.join(DEVICES)}", 2, about="device")
    if not available[wish]:
        raise TuiLmError(f"this machine has no {wish} device that torch can use", "use auto", about="device")
    return wish


def autocast(device: str) -> AbstractContextManager[Any]:
    """bfloat16 matrix products on a device that is fast at them; elsewhere everything stays float32."""
    if product_type(device) is torch.bfloat16:
        context: AbstractContextManager[Any] = torch.autocast(device, dtype=torch.bfloat16)
        return context
    return nullcontext()


def product_type(device: str) -> torch.dtype:
    """The type in which matrix products are taken within `autocast`."""
    fast = (device == "cpu" and _bfloat16_pays()) or (device == "cuda" and torch.cuda.is_bf16_supported())
    return torch.bfloat16 if fast else torch.float32


@cache
def _bfloat16_pays() -> bool:
    """Whether this processor multiplies matrices clearly faster in bfloat16 than in float32. Takes some milliseconds.

    The best of several times is taken, so that other programs do not change the choice. Flags of the processor would
    not tell: some systems do not list them, and some processors have the type without being fast at it.
    """
    best = []
    for kind in (torch.bfloat16, torch.float32):
        inputs, weights = torch.ones(PROBED, dtype=kind), torch.ones(PROBED[::-1], dtype=kind)
        seconds = []
        for _ in range(TRIAL):
            begun = time.perf_counter()
            torch.mm(inputs, weights)
            seconds.append(time.perf_counter() - begun)
        best.append(min(seconds))
    return best[0] * WORTH < best[1]


def keep_memory() -> None:
    """Tell glibc not to return freed memory to the system: the next training step allocates the same blocks again.

    It makes small networks 2 % faster, and LSTM-384 40 %. It has no effect without glibc.
    """
    if sys.platform == "linux":
        with suppress(OSError, AttributeError):
            mallopt = ctypes.CDLL("libc.so.6").mallopt
            mallopt(M_TRIM_THRESHOLD, 1 << 30)
            mallopt(M_MMAP_THRESHOLD, 1 << 30)


def compiled(model: Model) -> Model:
    """The model with a forward and a backward pass that torch compiles at the first step.

    If it cannot (there may be no C++ compiler), the model runs uncompiled.
    """
    import torch._dynamo  # imported here, because that takes a second

    torch._dynamo.config.suppress_errors = True
    logging.getLogger("torch._dynamo").setLevel(logging.CRITICAL)
    found: Any = torch.compile(model, dynamic=False)
    same: Model = found
    return same


class Threads:
    """All of torch's threads, or one: whichever is faster now. Both are timed at the start, and every 30 seconds.

    The threads of a step wait for each other hundreds of times. On an idle machine that pays; on a busy one, a single
    thread, which never waits, is several times as fast as two.
    """

    def __init__(self, device: str) -> None:
        self.all = torch.get_num_threads()
        self._choices = (self.all, 1) if device == "cpu" and self.all > 1 else ()
        self._seconds: dict[int, list[float]] = {}
        self._next_trial = -math.inf
        self._tick = time.monotonic()

    def choose(self) -> None:
        """Set the number of threads for the next step. Call it before every step."""
        if not self._choices:
            return
        now = time.monotonic()
        last, self._tick = now - self._tick, now
        if now < self._next_trial:
            return
        timed = self._seconds.get(torch.get_num_threads())
        if timed is not None:
            timed.append(last)
        untried = [n for n in self._choices if len(self._seconds.get(n, ())) <= TRIAL]
        if untried:
            self._seconds.setdefault(untried[0], [])
            torch.set_num_threads(untried[0])
            return
        # The time of a trial's first step includes the change of threads, so it does not count.
        torch.set_num_threads(min(self._choices, key=lambda n: statistics.median(self._seconds[n][1:])))
        self._seconds.clear()
        self._next_trial = now + TRY_AGAIN

    def restore(self) -> None:
        torch.set_num_threads(self.all)
