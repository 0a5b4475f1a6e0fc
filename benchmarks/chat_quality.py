"""Are the messages of a chat parsed correctly, and how good is a model trained on them in a given time?

DATA is a folder with chat/NAME.txt, an export, and chat/NAME.truth.jsonl, its messages as (ts, speaker, text). For
each chat the parsed messages are compared with the truth in author, text and minute. With --train NAME a model is
trained by the command line, as a user would, and evaluated on the part that it has not seen.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from tui_lm.chats import open_chat


def compare(export: Path) -> str:
    rows = [json.loads(line) for line in export.with_name(f"{export.stem}.truth.jsonl").read_text("utf-8").splitlines()]
    truth = [(row["speaker"], row["text"], row["ts"][:16]) for row in rows]
    read = [(m.author, m.text, m.sent_at.isoformat()[:16] if m.sent_at else "") for m in open_chat([export]).messages()]
    wrong = sum(one != other for one, other in zip(truth, read, strict=False)) + abs(len(truth) - len(read))
    return f"{export.stem}: {len(read):,} messages read, {len(truth):,} true, {wrong} different"


def tui_lm(home: str, *arguments: str) -> str:
    environment = {**os.environ, "TUI_LM_HOME": home}
    command = [sys.executable, "-m", "tui_lm", *arguments]
    return subprocess.run(command, env=environment, stdout=subprocess.PIPE, text=True, check=True).stdout


def train_and_evaluate(export: Path, minutes: float) -> None:
    with tempfile.TemporaryDirectory() as home:
        began = time.perf_counter()
        tui_lm(home, "train", str(export), "--minutes", str(minutes), "--name", "m")
        print(f"{export.stem}: trained in {time.perf_counter() - began:.0f} s, start-up included")
        print(tui_lm(home, "evaluate", "m", str(export), "--json").strip())


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path)
    parser.add_argument("--train", metavar="NAME", help="train on this chat and evaluate")
    parser.add_argument("--minutes", type=float, default=3.0)
    arguments = parser.parse_args()
    for truth in sorted((arguments.data / "chat").glob("*.truth.jsonl")):
        print(compare(truth.with_name(truth.name.replace(".truth.jsonl", ".txt"))))
    if arguments.train:
        train_and_evaluate(arguments.data / "chat" / f"{arguments.train}.txt", arguments.minutes)


if __name__ == "__main__":
    main()
