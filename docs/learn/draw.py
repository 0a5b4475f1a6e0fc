"""Draw the pictures of the lessons: run the commands on their pages that write one.

    python docs/learn/draw.py

Models that do not exist yet are trained first, as `tui-lm demo --all` does, but for a number of steps and not for a
time, so that a slow machine draws the same pictures. They are kept in $TUI_LM_HOME or the user's folder.
"""

from __future__ import annotations

import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from tui_lm import checkpoint
from tui_lm.lessons import BLOCK, COMMAND

HERE = Path(__file__).parent
ROOT = HERE.parent.parent
MODELS = {
    "demo": ("corpora/chat.txt", "--arch", "lstm", "--size", "small", "--steps", "500"),
    "demo-gru": ("corpora/chat.txt", "--arch", "gru", "--size", "small", "--steps", "500"),
    "demo-rnn": ("corpora/chat.txt", "--arch", "rnn", "--size", "small", "--steps", "500"),
    "demo-llama": ("corpora/chat.txt", "--arch", "llama", "--size", "tiny", "--steps", "500"),
    "demo-translate": ("corpora/english-hindi.tsv", "--arch", "seq2seq", "--size", "tiny", "--steps", "700"),
}


def commands(page: Path) -> Iterator[list[str]]:
    """The commands of a page: the lines in its blocks of code that begin with "$ tui-lm"."""
    for block in BLOCK.findall(page.read_text("utf-8")):
        for found in COMMAND.findall(block):
            yield shlex.split(found.replace("\\\n", " "))


def main() -> None:
    program = [sys.executable, "-m", "tui_lm"]
    for name, options in MODELS.items():
        if name not in checkpoint.names():
            subprocess.run([*program, "train", *options, "--name", name], cwd=ROOT, check=True)
    for page in sorted(HERE.glob("*.md")):
        for _, *arguments in commands(page):
            if "--svg" in arguments:
                print(page.name, " ".join(arguments))
                subprocess.run([*program, *arguments], cwd=ROOT, check=True)


if __name__ == "__main__":
    main()
