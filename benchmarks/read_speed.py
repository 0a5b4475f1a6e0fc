"""How fast is a large WhatsApp export read, and in how much memory?

    python benchmarks/read_speed.py [--records N] [--rounds N] [--node FOLDER] [--python PATH]

Writes an export of N records (default 1,000,000, about 100 MB) to a temporary folder. The readers take turns, each in
its own process: this project (streamed, and summarised as `tui-lm read` does), the npm package whatsapp-chat-parser if
--node is a folder with its node_modules, and whatstk and chat-miner if --python is an interpreter that has them. Prints
medians: seconds of reading without the interpreter's start, CPU seconds of the whole process, which depend less on the
load of the machine, and peak memory.
"""

from __future__ import annotations

import argparse
import os
import random
import shutil
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

ROOT = Path(__file__).parent.parent
WORDS = (
    *("the", "of", "and", "to", "in", "is", "you", "that", "it", "he", "was", "for", "on", "are", "as", "with", "his"),
    *(
        "they",
        "at",
        "be",
        "this",
        "have",
        "from",
        "or",
        "one",
        "had",
        "by",
        "word",
        "but",
        "not",
        "what",
        "all",
        "were",
    ),
    *("when", "your", "can", "said", "there", "use", "which", "she", "do", "how", "their", "if", "will", "up", "about"),
)
AUTHORS = ("Ann", "Bob O'Neil", "Cara 🏕", "+44 7700 900123")

STREAM = """
import sys, time
sys.path.insert(0, sys.argv[2])
start = time.perf_counter()
from pathlib import Path
from tui_lm.chats import open_chat
count = 0
for message in open_chat([Path(sys.argv[1])]):
    count += 1
print(count, time.perf_counter() - start)
"""
SUMMARY = """
import sys, time
sys.path.insert(0, sys.argv[2])
start = time.perf_counter()
from pathlib import Path
from tui_lm.chats import open_chat, summarise
print(summarise(open_chat([Path(sys.argv[1])])).records, time.perf_counter() - start)
"""
WHATSTK = """
import sys, time
from whatstk import WhatsAppChat
start = time.perf_counter()
print(len(WhatsAppChat.from_source(filepath=sys.argv[1], max_size=None).df), time.perf_counter() - start)
"""
CHAT_MINER = """
import sys, time
from chatminer.chatparsers import WhatsAppParser
start = time.perf_counter()
parser = WhatsAppParser(sys.argv[1])
parser.parse_file()
print(len(parser.parsed_messages.get_df()), time.perf_counter() - start)
"""
NODE = """
const fs = require('fs');
const { parseString } = require('whatsapp-chat-parser');
const start = performance.now();
const messages = parseString(fs.readFileSync(process.argv[1], 'utf8'));
console.log(messages.length, (performance.now() - start) / 1000);
"""


@dataclass(frozen=True)
class Reader:
    name: str
    command: Sequence[str]
    folder: Path = ROOT


@dataclass(frozen=True)
class Reading:
    records: int
    seconds: float
    cpu_seconds: float
    megabytes: float


def readers(export: Path, python: Path | None, node: Path | None) -> list[Reader]:
    found = [
        Reader("tui-lm, streamed", (sys.executable, "-c", STREAM, str(export), str(ROOT))),
        Reader("tui-lm, summed up", (sys.executable, "-c", SUMMARY, str(export), str(ROOT))),
    ]
    if node and shutil.which("node") and (node / "node_modules/whatsapp-chat-parser").is_dir():
        found.append(Reader("whatsapp-chat-parser", ("node", "-e", NODE, str(export)), node))
    else:
        print("whatsapp-chat-parser skipped: no node, or not in the folder of --node", file=sys.stderr)
    for name, module, script in (("whatstk", "whatstk", WHATSTK), ("chat-miner", "chatminer", CHAT_MINER)):
        probe = [str(python or sys.executable), "-c", f"import {module}"]
        if subprocess.run(probe, capture_output=True).returncode == 0:
            found.append(Reader(name, (probe[0], "-W", "ignore", "-c", script, str(export))))
        else:
            print(f"{name} skipped: not installed for {probe[0]}", file=sys.stderr)
    return found


def write_export(path: Path, records: int) -> None:
    """Writes the export: every 20th message has two lines, every 33rd is media, gaps of at most five minutes."""
    generator = random.Random(1)
    moment = datetime(2015, 1, 13, 8)
    with path.open("w", encoding="utf-8") as file:
        for number in range(records):
            moment += timedelta(seconds=generator.randrange(1, 300))
            text = " ".join(generator.choices(WORDS, k=generator.randrange(3, 32)))
            if number % 33 == 0:
                text = "<Media omitted>"
            elif number % 20 == 0:
                text += "\nand a second line"
            file.write(f"{moment:%d/%m/%Y, %H:%M} - {generator.choice(AUTHORS)}: {text}\n")


def measure(reader: Reader) -> Reading | None:
    process = subprocess.Popen(
        reader.command, cwd=reader.folder, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    )
    assert process.stdout is not None
    printed = process.stdout.read().split()
    _, status, usage = os.wait4(process.pid, 0)
    if status:
        print(f"{reader.name} failed", file=sys.stderr)
        return None
    *_, records, seconds = printed
    cpu_seconds = usage.ru_utime + usage.ru_stime
    return Reading(int(records), float(seconds), cpu_seconds, usage.ru_maxrss / 1024)  # kilobytes on Linux


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--records", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--node", type=Path, help="a folder with node_modules/whatsapp-chat-parser")
    parser.add_argument("--python", type=Path, help="an interpreter that has whatstk and chat-miner")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        export = Path(folder) / "chat.txt"
        write_export(export, arguments.records)
        print(f"{export.stat().st_size / 1e6:.1f} MB, {arguments.records:,} records, {arguments.rounds} rounds")
        compared = readers(export, arguments.python, arguments.node)
        readings: dict[str, list[Reading]] = {reader.name: [] for reader in compared}
        for _ in range(arguments.rounds):  # in turn, so that load on the machine affects all readers alike
            for reader in compared:
                if (reading := measure(reader)) is not None:
                    readings[reader.name].append(reading)
    for name, found in readings.items():
        if not found:
            continue
        seconds = statistics.median(reading.seconds for reading in found)
        cpu = statistics.median(reading.cpu_seconds for reading in found)
        megabytes = max(reading.megabytes for reading in found)
        print(f"{name:22} {seconds:7.2f} s {cpu:7.2f} s CPU {megabytes:7.0f} MB  {found[0].records:,} records")


if __name__ == "__main__":
    main()
