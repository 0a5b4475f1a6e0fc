"""Is anything lost when training is killed again and again?

    python benchmarks/kills.py SOURCE [--kills 20] [--steps 3000] [--longest 25] [--seed 0] [-- MORE FOR TRAIN]

Trains on SOURCE once without interruption. Then starts the same run again, kills it (SIGKILL) at a random moment up to
`--longest` seconds after its start, resumes it, kills it again, and so on. A run that reaches its end is compared with
the first, weights bit for bit, and the next one starts, until the number of kills is reached. One thread, so that sums
have a fixed order. Exits with 1 if a run differs.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from tui_lm import checkpoint


def command(source: Path, arguments: list[str]) -> list[str]:
    return [sys.executable, "-m", "tui_lm", "train", str(source), "--name", "run", "--json", *arguments]


def result(folder: Path) -> tuple[bytes, object]:
    """What must be equal: the weights and the best step."""
    metrics = json.loads((folder / checkpoint.CONFIG).read_text("utf-8"))["metrics"]
    return (folder / checkpoint.WEIGHTS).read_bytes(), metrics


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("source", type=Path)
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--steps", type=int, default=3000)
    parser.add_argument("--longest", type=float, default=25.0, help="longest life of a process, in seconds")
    parser.add_argument("--seed", type=int, default=0, help="random seed of the moments")
    parser.add_argument("more", nargs="*")
    arguments = parser.parse_intermixed_args()
    moments = random.Random(arguments.seed)
    begin = ["--steps", str(arguments.steps), *arguments.more]
    with tempfile.TemporaryDirectory() as scratch:
        environment = {**os.environ, "OMP_NUM_THREADS": "1", "TUI_LM_HOME": str(Path(scratch) / "whole")}
        started = time.monotonic()
        subprocess.run(command(arguments.source, begin), env=environment, stdout=subprocess.DEVNULL, check=True)
        print(f"without interruption: {time.monotonic() - started:.0f} s")
        whole = result(Path(scratch) / "whole/models/run")
        killed = resumed = runs = equal = 0
        while killed < arguments.kills:
            runs += 1
            environment["TUI_LM_HOME"] = str(Path(scratch) / str(runs))
            folder = Path(scratch) / str(runs) / "models/run"
            kills_of_run = 0
            while True:
                there = (folder / checkpoint.CONFIG).is_file()
                if there and not checkpoint.is_unfinished(folder):
                    break
                resumed += there
                process = subprocess.Popen(
                    command(arguments.source, ["--resume"] if there else begin),
                    env=environment,
                    stdout=subprocess.DEVNULL,
                )
                try:
                    patience = moments.uniform(0, arguments.longest) if killed < arguments.kills else None
                    if process.wait(patience):
                        sys.exit(f"train ended with {process.returncode}")
                except subprocess.TimeoutExpired:
                    process.kill()
                    process.wait()
                    killed += 1
                    kills_of_run += 1
            same = result(folder) == whole
            equal += same
            print(f"run {runs}: {kills_of_run} kills, {'equal bit for bit' if same else 'DIFFERENT'}", flush=True)
    print(f"{killed} kills, {resumed} resumptions, {equal} of {runs} runs equal to the uninterrupted one")
    sys.exit(equal != runs)


if __name__ == "__main__":
    main()
