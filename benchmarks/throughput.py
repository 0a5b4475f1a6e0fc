"""Which share of the machine's matrix-multiply peak does a training step reach, and what takes the rest?

    python benchmarks/throughput.py [--seconds 4] [--threads N] [--vocabulary 340] [--profile ROWS]

The peak is the fastest square product in the type that training uses (bfloat16 where the CPU or GPU has it) and in
float32, measured before and after. The FLOPs of a step are those of its matrix products, forward and backward (three
times the forward ones); all other work counts as loss. Random tokens, the default networks by size, and the trainer's
own step: loss, gradients, clipping, optimizer.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable

import numpy as np
import torch
from torch.profiler import ProfilerActivity, profile

from trainers import device as devices
from trainers import optim
from trainers.config import TrainingConfig
from trainers.data import Batch, TextStream
from trainers.ids import Ids
from trainers.language import LanguageTask
from trainers.language_modelling import plan
from trainers.plan import Budget, Measured, Wishes
from tui_lm import models
from tui_lm.architecture import Llama, Recurrent
from tui_lm.models.model import Model

SIDES = (1024, 2048, 3072)


def peak(device: str, kind: torch.dtype, seconds: float) -> float:
    """FLOP/s of the fastest square matrix product."""
    best = 0.0
    for side in SIDES:
        a, b = (torch.randn(side, side, device=device).to(kind) for _ in range(2))
        best = max(best, 2 * side**3 / timed(lambda a=a, b=b: a @ b, device, seconds / len(SIDES)))
    return best


def timed(work: Callable[[], object], device: str, seconds: float) -> float:
    """Seconds per call: the minimum over many calls, because other load only adds time."""
    work()
    least, end = float("inf"), time.perf_counter() + seconds
    while time.perf_counter() < end:
        begun = time.perf_counter()
        work()
        if device == "cuda":
            torch.cuda.synchronize()
        least = min(least, time.perf_counter() - begun)
    return least


def products(architecture: Recurrent | Llama, length: int) -> float:
    """FLOPs of the matrix products for one token, forward pass, in chunks of `length` tokens."""
    if isinstance(architecture, Recurrent):
        shapes = architecture.weights()
        cells = sum(2 * int(np.prod(shape)) for name, shape in shapes.items() if name.startswith("rnn.weight"))
        return cells + 2 * architecture.hidden_size * architecture.vocab_size
    weights = architecture.weights()
    matrices = sum(int(np.prod(shape)) for name, shape in weights.items() if len(shape) == 2 and "embed" not in name)
    scores = (
        2 * architecture.num_layers * architecture.dim * length
    )  # causal: each token sees half of the others on average; two products
    return 2 * (matrices + (0 if "lm_head.weight" in weights else architecture.dim * architecture.vocab_size)) + scores


class Step:
    """The trainer's step on random tokens."""

    def __init__(self, config: TrainingConfig, device: str) -> None:
        self.config, self.device = config, device
        torch.manual_seed(0)
        self.model: Model = models.create(config.architecture, config.dropout).to(device)
        self.model.train()
        self.optimizers = optim.create(self.model, config, device)
        size = config.architecture.vocab_size
        tokens = np.random.default_rng(0).integers(4, size, config.task.step_tokens * 40)
        stream = TextStream(Ids(tokens.astype(np.uint16)), len(tokens), "prose", 4)
        self.task = LanguageTask(stream, stream, True)
        self.batches: list[Batch] = list(self.task.epoch(config.task, self.model, np.random.default_rng(0)))
        self.state, self.turn = None, 0

    def __call__(self) -> None:
        batch = self.batches[self.turn % len(self.batches)]
        self.turn += 1
        loss, self.state = self.task.loss(self.model, batch, self.state, self.config.task, self.device)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(self.model.parameters(), self.config.grad_clip)
        for optimizer in self.optimizers:
            optim.step(optimizer)
            optimizer.zero_grad(set_to_none=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=4.0, help="seconds of measurement for each figure")
    parser.add_argument("--threads", type=int, default=torch.get_num_threads())
    parser.add_argument("--vocabulary", type=int, default=340)
    parser.add_argument("--device", default="auto", choices=devices.DEVICES)
    parser.add_argument("--families", nargs="+", default=["lstm", "llama"])
    parser.add_argument("--sizes", nargs="+", default=["tiny", "small", "base"])
    parser.add_argument("--profile", type=int, default=8, metavar="ROWS")
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)
    devices.keep_memory()
    device = devices.choose(arguments.device)
    with devices.autocast(device):
        fast = (torch.ones(2, 2, device=device) @ torch.ones(2, 2, device=device)).dtype
    kinds = dict.fromkeys((fast, torch.float32))
    peaks = {kind: peak(device, kind, arguments.seconds) for kind in kinds}
    rows, profiles = [], []
    for family in arguments.families:
        for size in arguments.sizes:
            wishes = Wishes(family, size=size, budget=Budget(epochs=4), device=device)
            config = plan(wishes, Measured(50_000, 1_000_000, "char", arguments.vocabulary))
            architecture = config.architecture
            assert isinstance(architecture, Recurrent | Llama)
            step = Step(config, device)
            seconds = timed(step, device, arguments.seconds)
            tokens = config.task.step_tokens
            reached = 3 * tokens * products(architecture, config.task.sequence_length) / seconds
            rows.append((architecture.label, tokens, seconds, tokens / seconds, reached))
            if arguments.profile:
                profiles.append((architecture.label, profiled(step, device, arguments.profile)))
    for kind in kinds:
        peaks[kind] = max(peaks[kind], peak(device, kind, arguments.seconds))
    names = {kind: str(kind).removeprefix("torch.") for kind in kinds}
    summary = ", ".join(f"{names[kind]} {peaks[kind] / 1e9:.0f} GFLOP/s" for kind in kinds)
    print(f"{device}, {arguments.threads} threads, peak of a matrix product: {summary}\n")
    print("| network | tokens of a step | ms | tokens/s | GFLOP/s |", *(f" of {names[k]} peak |" for k in kinds))
    print("|---|---|---|---|---|" + "---|" * len(kinds))
    for label, tokens, seconds, speed, reached in rows:
        shares = " ".join(f"{100 * reached / peaks[kind]:.0f} % |" for kind in kinds)
        print(f"| {label} | {tokens} | {seconds * 1e3:.1f} | {speed:,.0f} | {reached / 1e9:.0f} | {shares}")
    for label, lines in profiles:
        print(f"\n{label}: share of the time of a step, by operation")
        print("\n".join(lines))


def profiled(step: Step, device: str, rows: int) -> list[str]:
    """The operations with the most time of their own."""
    on_gpu = device == "cuda"
    kinds = [ProfilerActivity.CPU, *([ProfilerActivity.CUDA] if on_gpu else [])]
    with profile(activities=kinds) as run:
        for _ in range(10):
            step()
    taken = [(e.key, e.self_device_time_total if on_gpu else e.self_cpu_time_total) for e in run.key_averages()]
    whole = sum(time for _, time in taken)
    ordered = sorted(taken, key=lambda entry: -entry[1])[:rows]
    return [f"  {100 * time / whole:5.1f} %  {name}" for name, time in ordered]


if __name__ == "__main__":
    main()
