"""Are several training processes faster than one, and do they learn the same?

    python benchmarks/ranks.py SOURCE [--processes 2] [--steps 150] [--sizes small base] [--rounds 2] [-- MORE]

Runs `tui-lm train` on the same SOURCE with the same settings and batches as one process with all cores, as one process
with one core (OMP_NUM_THREADS=1), and with `--devices N`, in turn in each round. Prints the median of tokens/s over the
second half of each run, and the final validation loss. Without dropout, so that the losses can be compared.
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
from pathlib import Path


def measure(source: Path, home: Path, arguments: list[str], environment: dict[str, str]) -> tuple[float, float, float]:
    """Tokens/s, the final validation loss, and the seconds of the whole command."""
    begun = time.monotonic()
    trained = subprocess.run(
        [sys.executable, "-m", "tui_lm", "train", str(source), "--json", "--overwrite", "--name", "run", *arguments],
        env={**os.environ, "TUI_LM_HOME": str(home), **environment},
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    seconds = time.monotonic() - begun
    events = [json.loads(line) for line in trained.stdout.splitlines()]
    speeds = [event["tokens_per_second"] for event in events if event["event"] == "step_done"]
    loss = [event["loss"] for event in events if event["event"] == "evaluated"][-1]
    return statistics.median(speeds[len(speeds) // 2 :]), loss, seconds


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("source", type=Path)
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--steps", type=int, default=150)
    parser.add_argument("--sizes", nargs="+", default=["small", "base"])
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("more", nargs="*")
    arguments = parser.parse_intermixed_args()
    no_dropout = [f"dropout_{layer}=0.0" for layer in ("embedding", "input", "hidden", "recurrent", "output")]
    fixed = [
        "--steps",
        f"{arguments.steps}",
        "--set",
        "evaluations=2",
        *(word for s in no_dropout for word in ("--set", s)),
    ]
    ways: dict[str, tuple[list[str], dict[str, str]]] = {
        "one process, all cores": ([], {}),
        "one process, one core": ([], {"OMP_NUM_THREADS": "1"}),
        f"{arguments.processes} processes": (["--devices", f"{arguments.processes}"], {}),
    }
    print("| size | | tokens/s | x one process | validation loss | s |", flush=True)
    print("|---|---|---|---|---|---|")
    with tempfile.TemporaryDirectory() as scratch:
        for size in arguments.sizes:
            found: dict[str, list[tuple[float, float, float]]] = {way: [] for way in ways}
            for _ in range(arguments.rounds):
                for way, (options, environment) in ways.items():
                    wish = ["--size", size, *fixed, *options, *arguments.more]
                    found[way].append(measure(arguments.source, Path(scratch), wish, environment))
            base = statistics.median(speed for speed, _, _ in found["one process, all cores"])
            for way, runs in found.items():
                speed, loss, seconds = (statistics.median(column) for column in zip(*runs, strict=True))
                print(
                    f"| {size} | {way} | {speed:,.0f} | {speed / base:.2f} | {loss:.4f} | {seconds:.0f} |", flush=True
                )


if __name__ == "__main__":
    main()
