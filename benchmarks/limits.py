"""How much memory and time do the commands take on a huge export?

    python benchmarks/limits.py [--megabytes 100] [--steps 20] [--folder FOLDER] [--only COMMAND]...

Writes a chat of the given size with word frequencies after Zipf's law, trains a tiny model on it for a few steps, and
runs each command on it. "Peak memory" is the largest VmHWM of the process, which includes pages of mapped files; "own
memory" is the largest RssAnon, sampled 20 times a second. Linux only.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

from train_memory import Watch, write_chat

COMMANDS = {
    "read": ["read", "CHAT", "--json"],
    "train": ["train", "CHAT", "--name", "m", "--size", "tiny", "--steps", "STEPS", "--json"],
    "complete": ["complete", "e t", "-m", "m", "--json"],
    "inspect --find": ["inspect", "e t a", "-m", "m", "--find", "CHAT"],
    "evaluate": ["evaluate", "m", "CHAT", "--json"],
    "audit": ["audit", "m", "CHAT", "--json"],
}


def measure(arguments: list[str], home: Path) -> tuple[int, float, Watch]:
    """Exit code, seconds and memory of one command, with its messages if it failed."""
    environment = {**os.environ, "TUI_LM_HOME": str(home)}
    begun = time.monotonic()
    with tempfile.TemporaryFile("w+") as messages:
        command = [sys.executable, "-m", "tui_lm", *arguments]
        with subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=messages) as process:
            watch = Watch(process.pid)
            watch.start()
        if process.returncode not in (0, 1):
            messages.seek(0)
            print(messages.read()[-1000:], file=sys.stderr)
    return process.returncode, time.monotonic() - begun, watch


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--megabytes", type=int, default=100)
    parser.add_argument("--steps", type=int, default=20)
    parser.add_argument("--folder", type=Path)
    parser.add_argument("--only", action="append", choices=list(COMMANDS))
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=arguments.folder) as folder:
        chat, home = Path(folder) / "chat.txt", Path(folder) / "home"
        write_chat(chat, arguments.megabytes * 1_000_000)
        print(f"| command | s for {arguments.megabytes} MB | peak memory MB | own memory MB | exit code |")
        print("|---|---|---|---|---|")
        words = {"CHAT": str(chat), "STEPS": str(arguments.steps)}
        for name, parts in COMMANDS.items():
            if arguments.only is None or name in arguments.only:
                code, seconds, watch = measure([words.get(part, part) for part in parts], home)
                most = watch.most
                row = f"| `{name}` | {seconds:.0f} | {most['VmHWM']:.0f} | {most['RssAnon']:.0f} | {code} |"
                print(row, flush=True)


if __name__ == "__main__":
    main()
