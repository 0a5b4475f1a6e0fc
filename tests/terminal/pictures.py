"""Draws the pictures of the app: the screens of the tests' journey in a real terminal.

    python -m tests.terminal.pictures docs/pictures [--minutes 2.5] [--base FOLDER]

Trains a model for the given minutes and a small translator in a temporary data folder. `make pictures` runs it. With
--base, only the picture "chat" is drawn, with the model in FOLDER: a base fine-tuned on corpora/chat.txt as Priya.
"""

from __future__ import annotations

import argparse
import itertools
import re
import shutil
import tempfile
from io import StringIO
from pathlib import Path

from rich.ansi import AnsiDecoder
from rich.console import Console

from tests.terminal import journey
from tests.terminal.tmux import AVAILABLE, Tmux

SIZE = (120, 36)
STEPS = 300  # training steps of the translator, enough for its few words
# Rich's default frame loads its font from the network; this one uses the reader's fonts.
FRAME = """\
<svg class="rich-terminal" viewBox="0 0 {width} {height}" xmlns="http://www.w3.org/2000/svg">
<style>
.{unique_id}-matrix {{ font-family: "DejaVu Sans Mono", Menlo, Consolas, monospace; \
font-size: {char_height}px; line-height: {line_height}px; font-variant-east-asian: full-width; }}
.{unique_id}-title {{ font-family: sans-serif; font-size: 18px; font-weight: bold; }}
{styles}
</style>
<defs>
<clipPath id="{unique_id}-clip-terminal">
<rect x="0" y="0" width="{terminal_width}" height="{terminal_height}" />
</clipPath>
{lines}
</defs>
{chrome}
<g transform="translate({terminal_x}, {terminal_y})" clip-path="url(#{unique_id}-clip-terminal)">
{backgrounds}
<g class="{unique_id}-matrix">
{matrix}
</g>
</g>
</svg>
"""


def draw(terminal: Tmux, name: str) -> str:
    """The screen as SVG. Text stays text, so that it can be searched and read aloud."""
    columns, rows = SIZE
    console = Console(
        record=True, width=columns, file=StringIO(), force_terminal=True, color_system="truecolor", legacy_windows=False
    )
    lines = AnsiDecoder().decode(terminal.painted)  # one decoder: a style can continue on the next line
    for line in itertools.islice(lines, rows):
        console.print(line, no_wrap=True, overflow="crop", crop=True, highlight=False)
    svg = console.export_svg(title="tui-lm", code_format=FRAME, unique_id=name)
    return re.sub(r"[ \t]+$", "", svg, flags=re.MULTILINE)


def draw_conversation(model: Path, folder: Path) -> None:
    with tempfile.TemporaryDirectory() as home:
        shutil.copytree(model, Path(home) / "models/chat")  # the program learns from what is sent
        command = [*journey.PROGRAM, "-m", "chat"]
        with Tmux(command, size=SIZE, environment=journey.environment(Path(home))) as terminal:
            for name in journey.conversation(terminal):
                terminal.wait_until_still()
                (folder / f"{name}.svg").write_text(draw(terminal, name), "utf-8")
                print(name)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--minutes", type=float, default=2.5, help="minutes of training for the model shown")
    parser.add_argument("--base", type=Path, metavar="FOLDER", help="draw only the chat, with this fine-tuned base")
    options = parser.parse_args()
    if not AVAILABLE:
        parser.error("tmux is not installed")
    folder: Path = options.folder.resolve()
    if options.base is not None:
        draw_conversation(options.base.resolve(), folder)
        return
    with tempfile.TemporaryDirectory() as made:
        home, chats = Path(made) / "home", Path(made) / "chats"
        chats.mkdir()
        chat = chats / "chat.txt"
        shutil.copy(journey.ROOT / "corpora/chat.txt", chat)
        journey.train_translator(home, Path(made) / "pairs.tsv", STEPS)
        with Tmux(journey.PROGRAM, size=SIZE, environment=journey.environment(home), folder=chats) as terminal:
            patience = 60 * options.minutes + journey.A_TRAINING
            shown = itertools.chain(
                journey.training(terminal, chat, options.minutes, patience=patience), journey.first_day(terminal)
            )
            for name in shown:
                terminal.wait_until_still()
                (folder / f"{name}.svg").write_text(draw(terminal, name), "utf-8")
                print(name)


if __name__ == "__main__":
    main()
