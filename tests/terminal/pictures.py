"""Draws the pictures of the app: the screens of the tests' journey in a real terminal, and every page at three sizes.

    python -m tests.terminal.pictures docs/pictures [--minutes 2.5] [--base FOLDER] [--pages-of HOME]

Trains a model for the given minutes and a small translator in a temporary data folder. `make pictures` runs it. With
--base, only the picture "chat" is drawn, with the model in FOLDER: a base fine-tuned on corpora/chat.txt as Priya. With
--pages-of, only the pages are drawn, with the models of that data folder, which is copied and not changed.
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
USUAL = "~/.local/share/tui-lm"  # the data folder of a reader, in place of the temporary one
SIZES = ((80, 24), SIZE, (200, 50))
# For each page: its name in "Go to", what to type there, and what is on the screen then.
PAGES = (
    ("chat", "see you to", r" 1 \S+ +\d+% "),
    ("write", "It was late when ", "Next token|1 "),
    ("translate", journey.SENTENCE, "Alignment|Source"),
    ("inspect", "", "step "),
    ("train", "", "Learn from"),
    ("models", "", "bits"),
    ("learn", "", "step "),
    ("settings", "", "Theme"),
)
CLIP = re.compile(r' clip-path="url\(#[\w-]+-line-\d+\)"|<clipPath id="[\w-]+-line-\d+">.*?</clipPath>\n?', re.DOTALL)
STEPS = 300  # training steps of the translator, enough for its few words
SETTINGS = "temperature = 0.4\nseed = 8\n"
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


def draw(terminal: Tmux, name: str, size: tuple[int, int] = SIZE) -> str:
    """The screen as SVG. Text stays text, so that it can be searched and read aloud."""
    columns, rows = size
    console = Console(
        record=True, width=columns, file=StringIO(), force_terminal=True, color_system="truecolor", legacy_windows=False
    )
    lines = AnsiDecoder().decode(terminal.painted)  # one decoder: a style can continue on the next line
    for line in itertools.islice(lines, rows):
        console.print(line, no_wrap=True, overflow="crop", crop=True, highlight=False)
    svg = console.export_svg(title="tui-lm", code_format=FRAME, unique_id=name)
    return re.sub(r"[ \t]+$", "", CLIP.sub("", svg), flags=re.MULTILINE)  # half the size without a clip for each line


def draw_pages(home: Path, folder: Path) -> None:
    """Every page at three sizes, `folder`/pages/PAGE-COLUMNSxROWS.svg, with the models in the data folder `home`."""
    (folder / "pages").mkdir(exist_ok=True)
    for columns, rows in SIZES:
        with tempfile.TemporaryDirectory() as made:
            copy, chats = Path(made) / "home", Path(made) / "chats"
            shutil.copytree(home, copy)
            (copy / "session.json").unlink(missing_ok=True)
            chats.mkdir()
            shutil.copy(journey.ROOT / "corpora/chat.txt", chats)
            environment = journey.environment(copy)
            with Tmux(journey.PROGRAM, size=(columns, rows), environment=environment, folder=chats) as terminal:
                terminal.wait_for("● ready")
                for name, typed, shown in PAGES:
                    if name != "chat":  # the first one
                        journey.go_to(terminal, name.capitalize())
                    terminal.type(typed)
                    terminal.wait_for(shown)
                    terminal.wait_until_still()
                    picture = draw(terminal, name, (columns, rows)).replace(str(copy), USUAL.ljust(len(str(copy))))
                    (folder / "pages" / f"{name}-{columns}x{rows}.svg").write_text(picture, "utf-8")
                    print(f"{name} {columns}x{rows}")
                terminal.press("C-q")
                terminal.wait_for_exit()


def draw_conversation(model: Path, folder: Path) -> None:
    with tempfile.TemporaryDirectory() as home:
        shutil.copytree(model, Path(home) / "models/chat")  # the program learns from what is sent
        (Path(home) / "settings.toml").write_text(SETTINGS)
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
    parser.add_argument("--pages-of", type=Path, metavar="HOME", help="draw only the pages, with the models there")
    options = parser.parse_args()
    if not AVAILABLE:
        parser.error("tmux is not installed")
    folder: Path = options.folder.resolve()
    if options.base is not None:
        draw_conversation(options.base.resolve(), folder)
        return
    if options.pages_of:
        draw_pages(options.pages_of, folder)
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
                if name == "chat":
                    continue  # the one of the documentation is drawn with a base
                terminal.wait_until_still()
                (folder / f"{name}.svg").write_text(draw(terminal, name), "utf-8")
                print(name)
        draw_pages(home, folder)


if __name__ == "__main__":
    main()
