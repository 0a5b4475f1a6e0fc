"""Draw the pictures of the lessons beside this file: the commands of the pages that write one are run.

    python docs/learn/draw.py

The models that the commands name are trained first where they are not there: as `tui-lm demo --all` does, but by steps
and not by time, so that a slow machine draws the same pictures. They are kept in $TUI_LM_HOME or the user's folder.
"""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from tui_lm import checkpoint

HERE = Path(__file__).parent
ROOT = HERE.parent.parent
COMMAND = re.compile(r"^\$ (tui-lm .*(?:\\\n.*)*)", re.MULTILINE)
MODELS = {
    "demo": ("corpora/chat.txt", "--arch", "lstm", "--size", "small", "--steps", "500"),
    "demo-gru": ("corpora/chat.txt", "--arch", "gru", "--size", "small", "--steps", "500"),
    "demo-rnn": ("corpora/chat.txt", "--arch", "rnn", "--size", "small", "--steps", "500"),
    "demo-llama": ("corpora/chat.txt", "--arch", "llama", "--size", "tiny", "--steps", "500"),
    "demo-translate": ("corpora/english-hindi.tsv", "--arch", "seq2seq", "--size", "tiny", "--steps", "700"),
}


def commands(page: Path) -> Iterator[list[str]]:
    """The commands that a page shows, in its blocks of code: a line that begins with "$ tui-lm"."""
    for block in re.findall(r"```console\n(.*?)```", page.read_text("utf-8"), re.DOTALL):
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
