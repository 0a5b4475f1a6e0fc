"""How long does `tui-lm train` need for the loss of nanoGPT's CPU recipe, and how far does it get in its time?

    python benchmarks/tinyshakespeare.py TEXT --nanogpt FOLDER [--shares 6 50 100] [--seeds 1] [-- MORE FOR TRAIN]

FOLDER is a clone of nanoGPT, which runs as published for a CPU (its README: "I only have a macbook") on the first 90 %
of TEXT and is timed as a whole process. Then `tui-lm train` runs, also as a whole process, for each share (per cent) of
that time on the same 90 %. The last 10 % is used only after all training, to score both: nanoGPT in windows of 64
characters, as it was trained, ours with its state reset every 64 and every 256 characters, and carried. Losses are in
nats per character. With --peer-seconds nanoGPT does not run, and its time is given. With --choose the last 10 % is not
used: the first 80 % is for training and the next 10 % is scored, as it must be while settings are chosen.
--peer-steps 250 checks quickly that everything runs, and measures nothing.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import pickle
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

from tui_lm.checkpoint import load
from tui_lm.corpus import read_corpus
from tui_lm.engine import Engine
from tui_lm.evaluation.bits import price
from tui_lm.split import Fractions

RECIPE = (
    "config/train_shakespeare_char.py --device=cpu --compile=False --eval_iters=20 --log_interval=1 --block_size=64 "
    "--batch_size=12 --n_layer=4 --n_head=4 --n_embd=128 --dropout=0.0"
)
STEPS = 2000
SCORE = """
import numpy as np, torch
from model import GPT, GPTConfig
saved = torch.load("out-shakespeare-char/ckpt.pt", map_location="cpu", weights_only=True)
model = GPT(GPTConfig(**saved["model_args"]))
model.load_state_dict(saved["model"])
model.eval()
ids = torch.from_numpy(np.fromfile("data/shakespeare_char/val.bin", np.uint16).astype(np.int64))
count = (len(ids) - 1) // 64
inputs, targets = ids[: count * 64].view(count, 64), ids[1 : count * 64 + 1].view(count, 64)
with torch.no_grad():
    losses = [model(x, y)[1].item() * len(x) for x, y in zip(inputs.split(256), targets.split(256))]
print(sum(losses) / count)
"""


def peer(folder: Path, text: str, steps: int, scratch: Path) -> tuple[float, float]:
    """Seconds of nanoGPT's process, and its loss on the last 10 %."""
    copy = scratch / "nanoGPT"
    shutil.copytree(folder, copy, ignore=shutil.ignore_patterns(".git", "assets", "out*"))
    data = copy / "data/shakespeare_char"
    known = {character: i for i, character in enumerate(sorted(set(text)))}
    ids = np.array([known[character] for character in text], np.uint16)
    cut = int(len(ids) * 0.9)
    ids[:cut].tofile(data / "train.bin")
    ids[cut:].tofile(data / "val.bin")
    (data / "meta.pkl").write_bytes(pickle.dumps({"vocab_size": len(known), "stoi": known}))
    begun = time.monotonic()
    recipe = [*RECIPE.split(), f"--max_iters={steps}", f"--lr_decay_iters={steps}"]
    trained = subprocess.run([sys.executable, "train.py", *recipe], cwd=copy, capture_output=True, text=True)
    seconds = time.monotonic() - begun
    if trained.returncode:
        sys.exit(f"nanoGPT failed:\n{trained.stderr}")
    print(next(line for line in reversed(trained.stdout.splitlines()) if "val loss" in line), file=sys.stderr)
    scored = subprocess.run([sys.executable, "-c", SCORE], cwd=copy, capture_output=True, text=True, check=True)
    return seconds, float(scored.stdout.split()[-1])


def ours(
    source: Path, split: str, seconds: float, scratch: Path, more: list[str]
) -> tuple[float, Path, dict[str, float]]:
    """Seconds of our process, the model, and its final event."""
    home = scratch / f"{seconds}"
    arguments = ["--minutes", f"{seconds / 60:.5f}", "--split", split, "--name", "run", "--json", *more]
    begun = time.monotonic()
    trained = subprocess.run(
        [sys.executable, "-m", "tui_lm", "train", str(source), *arguments],
        env={**os.environ, "TUI_LM_HOME": str(home)},
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    taken = time.monotonic() - begun
    events = [json.loads(line) for line in trained.stdout.splitlines()]
    return taken, home / "models/run", next(e for e in reversed(events) if e["event"] == "step_done")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("text", type=Path)
    parser.add_argument("--nanogpt", type=Path)
    parser.add_argument("--peer-seconds", type=float)
    parser.add_argument("--peer-steps", type=int, default=STEPS)
    parser.add_argument("--shares", type=float, nargs="+", default=[6, 50, 100], help="per cent of nanoGPT's time")
    parser.add_argument("--seeds", type=int, default=1)
    parser.add_argument("--choose", action="store_true")
    parser.add_argument("more", nargs="*")
    arguments = parser.parse_intermixed_args()
    if (arguments.nanogpt is None) == (arguments.peer_seconds is None):
        parser.error("give --nanogpt or --peer-seconds")
    text = arguments.text.read_text("utf-8")
    with tempfile.TemporaryDirectory() as folder:
        scratch = Path(folder)
        whole = arguments.peer_seconds
        print("| process | seconds | of nanoGPT's | windows of 64 | reset every 256 | carried | |")
        print("|---|---|---|---|---|---|---|")
        if arguments.nanogpt is not None:
            whole, loss = peer(arguments.nanogpt, text, arguments.peer_steps, scratch)
            print(f"| nanoGPT, its recipe for a CPU | {whole:.1f} | 100 % | {loss:.3f} | | | |", flush=True)
        split = "80,0,20" if arguments.choose else "90,0,10"
        scored = read_corpus([arguments.text], Fractions(80, 10, 10) if arguments.choose else Fractions(90, 0, 10))
        unseen = scored.utterances["val" if arguments.choose else "test"]
        for share in arguments.shares:
            for seed in range(arguments.seeds):
                more = [*arguments.more, "--seed", str(seed)]
                taken, model, last = ours(arguments.text, split, whole * share / 100, scratch / str(seed), more)
                engine = Engine(load(model))
                losses = [price(engine, unseen, window=window) for window in (64, 256, None)]
                nats = " | ".join(f"{(cost.bits_per_char or math.nan) * math.log(2):.3f}" for cost in losses)
                label = f"{engine.description}, {last['steps']} steps, {last['epoch']:.1f} epochs"
                print(f"| `tui-lm train` | {taken:.1f} | {100 * taken / whole:.1f} % | {nats} | {label} |", flush=True)


if __name__ == "__main__":
    main()
