"""Writes docs/cli.md from the --help of the commands; `--check` only compares it."""

from __future__ import annotations

import html
import os
import subprocess
import sys
from pathlib import Path

from tui_lm.cli import program

PAGE = Path(__file__).with_name("cli.md")
WRITE = [sys.executable, "-m", "typer", __file__, "utils", "docs", "--name", "tui-lm"]

cli = program()  # the program that WRITE documents


def page() -> str:
    environment = {**os.environ, "NO_COLOR": "1", "COLUMNS": "120"}
    written = subprocess.run(WRITE, capture_output=True, text=True, check=True, env=environment)
    text = html.unescape(written.stdout).strip()
    return f"<!-- Written by docs/write_cli.py (`make docs`): change the help texts, not this page. -->\n\n{text}\n"


if __name__ == "__main__":
    if "--check" in sys.argv:
        sys.exit(0 if PAGE.read_text("utf-8") == page() else "docs/cli.md differs from --help: run `make docs`")
    PAGE.write_text(page(), encoding="utf-8")
