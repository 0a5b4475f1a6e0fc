"""The number of threads and the type of the arithmetic of a run: the faster of those tried."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import torch

from trainers import device
from trainers.device import TRY_AGAIN, Threads


@pytest.fixture(autouse=True)
def two_threads() -> Iterator[None]:
    before = torch.get_num_threads()
    torch.set_num_threads(2)
    yield
    torch.set_num_threads(before)


def run(threads: Threads, seconds: dict[int, float], steps: int, clock: list[float]) -> int:
    """Let steps take `seconds` by the number of threads; the number in the end."""
    for _ in range(steps):
        threads.choose()
        clock[0] += seconds[torch.get_num_threads()]
    return torch.get_num_threads()


def test_the_faster_number_of_threads_is_kept_and_tried_again(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = [0.0]
    monkeypatch.setattr("trainers.device.time.monotonic", lambda: clock[0])
    threads = Threads("cpu")
    assert run(threads, {2: 0.1, 1: 0.2}, 40, clock) == 2
    clock[0] += TRY_AGAIN
    assert run(threads, {2: 3.0, 1: 0.2}, 40, clock) == 1, "the machine has become busy"
    clock[0] += TRY_AGAIN
    assert run(threads, {2: 0.1, 1: 0.2}, 40, clock) == 2
    threads.restore()
    assert torch.get_num_threads() == 2


def test_threads_are_not_changed_on_a_gpu_or_with_one_thread() -> None:
    threads = Threads("cuda")
    threads.choose()
    assert torch.get_num_threads() == 2
    torch.set_num_threads(1)
    alone = Threads("cpu")
    alone.choose()
    assert torch.get_num_threads() == 1


@pytest.mark.parametrize(("bfloat16", "pays"), [(0.001, True), (0.0095, False), (0.03, False)])
def test_bfloat16_is_used_where_its_products_are_clearly_faster(
    monkeypatch: pytest.MonkeyPatch, bfloat16: float, pays: bool
) -> None:
    clock, real = [0.0], torch.mm

    def mm(a: torch.Tensor, b: torch.Tensor) -> torch.Tensor:
        clock[0] += bfloat16 if a.dtype == torch.bfloat16 else 0.01
        return real(a, b)

    monkeypatch.setattr("trainers.device.time.perf_counter", lambda: clock[0])
    monkeypatch.setattr(torch, "mm", mm)
    device._bfloat16_pays.cache_clear()
    try:
        with device.autocast("cpu"):
            assert torch.is_autocast_enabled("cpu") is pays
    finally:
        device._bfloat16_pays.cache_clear()
