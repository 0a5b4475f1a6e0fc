"""How do the recurrent cells compare on one chat, with an equal number of steps and with equal time?

    python benchmarks/cells.py DATA [--steps 2000] [--minutes 5] [--size base] [--cells lstm gru rnn mingru]
                                    [--chat dev_whatsapp] [--messages N] [--set KEY=VALUE]...
    python benchmarks/cells.py --scan [--length 64] [--batch 32] [--hidden 512] [--device cpu]

DATA is a folder with chat/NAME.txt, an export. Each cell is trained by the command line as its plan says, once for
--steps and once for --minutes (0 leaves a budget out), and measured on the test part: bits per character of the network
alone over the first --messages messages, training speed (the median of all reports), and the time of one step of the
numpy runtime at B = 1 (the fastest of 20 rounds of 50 steps). The cells take turns within a budget.

--scan times forward and backward pass of minGRU's recurrence in float32, the fastest of 10 runs: both forms of
`tui_lm.models.mingru`, the loop without its own backward pass, and two further parallel scans, by doubling (Hillis &
Steele 1986) over the whole sequence and within chunks of 8 steps.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import torch
from torch import Tensor

from trainers import device as devices
from tui_lm.architecture import count_parameters
from tui_lm.cells import CELLS
from tui_lm.corpus import read_corpus
from tui_lm.engine import Engine
from tui_lm.evaluation.bits import price
from tui_lm.models.mingru import by_loop, in_log_space
from tui_lm.redaction import VERSION
from tui_lm.source_options import SourceOptions
from tui_lm.utterances import Utterance

CHUNK = 8
Scan = Callable[[Tensor, Tensor], Tensor]


def train(home: str, export: Path, cell: str, arguments: argparse.Namespace, budget: list[str]) -> tuple[Path, float]:
    """The folder of a model, and the median of the tokens per second of its training."""
    options = [part for setting in arguments.set for part in ("--set", setting)]
    command = [sys.executable, "-m", "tui_lm", "train", str(export), "--arch", cell, "--name", cell, "--overwrite"]
    command += ["--size", arguments.size, "--seed", str(arguments.seed), "--json", *budget, *options]
    environment = {**os.environ, "TUI_LM_HOME": home}
    lines = subprocess.run(command, env=environment, stdout=subprocess.PIPE, text=True, check=True).stdout.splitlines()
    events = [json.loads(line) for line in lines]
    speeds = [event["tokens_per_second"] for event in events if "tokens_per_second" in event]
    return Path(home) / "models" / cell, statistics.median(speeds)


def step_seconds(engine: Engine) -> float:
    """Seconds of one step at B = 1."""
    runtime, least = engine.runtime, float("inf")
    state = runtime.start()
    for _ in range(20):
        begun = time.perf_counter()
        for token in range(50):
            _, state = runtime.step([4 + token % 20], state)
        least = min(least, (time.perf_counter() - begun) / 50)
    return least


def compare(arguments: argparse.Namespace) -> None:
    export = arguments.data / "chat" / f"{arguments.chat}.txt"
    test: list[Utterance] = list(read_corpus([export], options=SourceOptions(redact=VERSION)).utterances["test"])
    test = test[: arguments.messages]
    budgets = [["--steps", str(arguments.steps)]] if arguments.steps else []
    budgets += [["--minutes", str(arguments.minutes)]] if arguments.minutes else []
    print(f"{export.stem}, {len(test)} messages of the test part, --size {arguments.size}")
    print("| budget | network | parameters | bits per character | tokens/s in training | ms per step served |")
    print("|---|---|---|---|---|---|")
    with tempfile.TemporaryDirectory() as home:
        for budget in budgets:
            for cell in arguments.cells:
                folder, speed = train(home, export, cell, arguments, budget)
                engine = Engine.open(folder)
                bits = price(engine, test).bits_per_char
                shape = engine.card.architecture
                print(
                    f"| {budget[1]} {budget[0].strip('-')} | {shape.label} | {count_parameters(shape):,} | {bits:.3f} "
                    f"| {speed:,.0f} | {1e3 * step_seconds(engine):.3f} |",
                    flush=True,
                )


def activated(gates: Tensor) -> tuple[Tensor, Tensor]:
    """z and h~ from gates [T, B, 2 H]."""
    k, a = gates.chunk(2, dim=-1)
    return k.sigmoid(), a.clamp(min=0) + a.clamp(max=0).sigmoid()


def by_autograd(gates: Tensor, start: Tensor) -> Tensor:
    """The loop, with the backward pass of autograd."""
    z, candidate = activated(gates)
    states = []
    for t in range(len(gates)):
        start = torch.lerp(start, candidate[t], z[t])
        states.append(start)
    return torch.stack(states)


def doubled(keep: Tensor, written: Tensor) -> tuple[Tensor, Tensor]:
    """Products of `keep` and gated sums of `written` up to each step of axis 0, in log2(T) passes."""
    distance = 1
    while distance < len(keep):
        added = torch.addcmul(written[distance:], keep[distance:], written[:-distance])
        written = torch.cat([written[:distance], added])
        keep = torch.cat([keep[:distance], keep[distance:] * keep[:-distance]])
        distance *= 2
    return keep, written


def by_doubling(gates: Tensor, start: Tensor) -> Tensor:
    z, candidate = activated(gates)
    keep, written = doubled(1 - z, z * candidate)
    return torch.addcmul(written, keep, start)


def by_chunks(gates: Tensor, start: Tensor) -> Tensor:
    z, candidate = activated(gates)
    parts = [part.unflatten(0, (-1, CHUNK)).transpose(0, 1) for part in (1 - z, z * candidate)]
    keep, written = doubled(*parts)
    states = []
    for chunk in range(keep.shape[1]):
        own = torch.addcmul(written[:, chunk], keep[:, chunk], start)
        states.append(own)
        start = own[-1]
    return torch.cat(states)


def scan(arguments: argparse.Namespace) -> None:
    shape = (arguments.length, arguments.batch, arguments.hidden)
    devices.keep_memory()  # as in training
    generator = torch.Generator().manual_seed(0)
    gates = torch.randn(*shape[:2], 2 * shape[2], generator=generator).to(arguments.device)
    start = torch.rand(shape[1:], generator=generator).to(arguments.device)
    exact = by_loop(gates.double(), start.double())
    scans: list[Scan] = [by_loop, by_autograd, in_log_space, by_doubling, by_chunks]
    print(f"{arguments.device}, T x B x H = {' x '.join(map(str, shape))}, {torch.get_num_threads()} threads")
    print("| scan | ms forward and backward | largest error |")
    print("|---|---|---|")
    for form in scans:
        least = float("inf")
        for _ in range(10):
            own = gates.clone().requires_grad_()
            begun = time.perf_counter()
            h = form(own, start)
            h.sum().backward()
            if arguments.device == "cuda":
                torch.cuda.synchronize()
            least = min(least, time.perf_counter() - begun)
        error = float((h.detach().double() - exact).abs().max())
        print(f"| {form.__name__} | {1e3 * least:.2f} | {error:.0e} |", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path, nargs="?")
    parser.add_argument("--chat", default="dev_whatsapp")
    parser.add_argument("--steps", type=int, default=2000)
    parser.add_argument("--minutes", type=float, default=5.0)
    parser.add_argument("--size", default="base")
    parser.add_argument("--cells", nargs="+", default=list(CELLS), choices=list(CELLS))
    parser.add_argument("--messages", type=int, help="of the test part; all of them by default")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--set", action="append", default=[], metavar="KEY=VALUE", help="a setting for every cell")
    parser.add_argument("--scan", action="store_true", help="time the scans of minGRU instead")
    parser.add_argument("--length", type=int, default=64)
    parser.add_argument("--batch", type=int, default=32)
    parser.add_argument("--hidden", type=int, default=512)
    parser.add_argument("--device", default="cpu")
    arguments = parser.parse_args()
    if arguments.scan:
        scan(arguments)
    elif arguments.data is None:
        parser.error("DATA is needed, or --scan")
    else:
        compare(arguments)


if __name__ == "__main__":
    main()
