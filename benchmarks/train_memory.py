"""How much memory does training on a huge text take?

    python benchmarks/train_memory.py [--megabytes 1000] [--kind prose|chat|both] [--steps 400] [--folder FOLDER]

Writes a text of the given size with word frequencies after Zipf's law to FOLDER (default: a temporary one), runs
`tui-lm train` on it and watches the process. Linux only. "Peak memory" is the largest VmHWM, which includes pages of
mapped files (libraries, ids); "own memory" is the largest RssAnon, sampled 20 times a second. Pages of the mapped ids
are released after each block, and the system can reclaim them at any time. The seconds until the first step cover
reading, fitting the tokenizer, counting n-grams and encoding.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from datetime import datetime, timedelta
from itertools import accumulate
from pathlib import Path
from random import Random

VOCABULARY = 60_000
AUTHORS = ("Ann", "Bob O'Neil", "Cara", "+44 7700 900123")
DISTINCT = 5_000_000  # words before the text repeats; tokenizers and n-grams look at fewer


def words(generator: Random) -> list[str]:
    """Random words; the n-th most frequent has a probability proportional to 1/n."""
    letters = "etaoinshrdlucmfwypvbgk"
    known = ["".join(generator.choices(letters, k=generator.randint(1, 9))) for _ in range(VOCABULARY)]
    return generator.choices(known, cum_weights=list(accumulate(1 / n for n in range(1, VOCABULARY + 1))), k=DISTINCT)


def write_prose(path: Path, size: int) -> None:
    drawn = words(Random(1))
    text = "".join(" ".join(drawn[i : i + 100]).capitalize() + ".\n\n" for i in range(0, DISTINCT, 100))
    with path.open("w", encoding="utf-8") as file:
        while file.tell() < size:
            file.write(text)


def write_chat(path: Path, size: int) -> None:
    generator = Random(1)
    drawn, texts = words(generator), []
    while drawn:
        length = generator.randint(1, 24)
        texts.append(" ".join(drawn[-length:]))
        del drawn[-length:]
    moment = datetime(2015, 1, 13, 8)
    with path.open("w", encoding="utf-8") as file:
        while file.tell() < size:
            for number, text in enumerate(texts):
                moment += timedelta(seconds=7)
                file.write(f"{moment:%d/%m/%Y, %H:%M} - {AUTHORS[number % 7 % 4]}: {text}\n")


class Watch(threading.Thread):
    """Peak memory of a process, in megabytes, by kind."""

    def __init__(self, process: int) -> None:
        super().__init__(daemon=True)
        self.status = Path(f"/proc/{process}/status")
        self.most = {"VmHWM": 0.0, "RssAnon": 0.0, "RssFile": 0.0}

    def run(self) -> None:
        while True:
            try:
                lines = self.status.read_text().splitlines()
            except OSError:
                return
            for line in lines:
                name, _, value = line.partition(":")
                if name in self.most:
                    self.most[name] = max(self.most[name], int(value.split()[0]) / 1024)
            time.sleep(0.05)


def measure(source: Path, home: Path, arguments: list[str]) -> None:
    command = [sys.executable, "-m", "tui_lm", "train", str(source), "--json", *arguments]
    begun = time.monotonic()
    first, speed = None, 0.0
    environment = {**os.environ, "TUI_LM_HOME": str(home)}
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) as process:
        watch = Watch(process.pid)
        watch.start()
        assert process.stdout is not None
        for line in process.stdout:
            event = json.loads(line)
            if event["event"] == "step_done":
                first = first or time.monotonic() - begun
                speed = event["tokens_per_second"]
    if process.returncode:
        sys.exit(f"training failed with {process.returncode}")
    most = watch.most
    model = sum(path.stat().st_size for path in home.rglob("*") if path.is_file()) / 1e6
    print(
        f"| {source.stem} | {source.stat().st_size / 1e6:.0f} | {most['VmHWM']:.0f} | {most['RssAnon']:.0f} | "
        f"{most['RssFile']:.0f} | {first or 0:.0f} | {time.monotonic() - begun:.0f} | {speed:,.0f} | {model:.0f} |"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--megabytes", type=int, default=1000)
    parser.add_argument("--kind", choices=("prose", "chat", "both"), default="both")
    parser.add_argument("--steps", type=int, default=400)
    parser.add_argument("--folder", type=Path)
    parser.add_argument("more", nargs="*", help="for `tui-lm train`, after --")
    arguments = parser.parse_intermixed_args()
    with tempfile.TemporaryDirectory(dir=arguments.folder) as folder:
        print("| text | MB | peak memory MB | own | of files | s to first report | s | tokens/s | model MB |")
        print("|---|---|---|---|---|---|---|---|---|")
        for kind, write in (("prose", write_prose), ("chat", write_chat)):
            if arguments.kind in (kind, "both"):
                source = Path(folder) / f"{kind}.txt"
                write(source, arguments.megabytes * 1_000_000)
                home = Path(folder) / kind
                measure(source, home, ["--steps", str(arguments.steps), *arguments.more])
                source.unlink()


if __name__ == "__main__":
    main()
