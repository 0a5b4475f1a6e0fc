"""Draws alignment.svg beside this file: the attention of a translator over English words for each Hindi word.

    python docs/pictures/alignment.py [MODEL]

Without MODEL, one is first trained on the bundled pairs, for a fixed number of steps, so that a slow machine draws the
same picture. It is kept in the data folder.
"""

from __future__ import annotations

import subprocess
import sys
from html import escape
from pathlib import Path

from tui_lm import checkpoint, paths
from tui_lm.translation import Translation, Translator
from tui_lm.translation.alignment import words

HERE = Path(__file__).parent
ROOT = HERE.parent.parent
MODEL, STEPS = "english-hindi", 500
SENTENCES = ("My sister likes to read books.", "Where is the library?")
CELL, LEFT, TOP, GAP = 38, 92, 96, 40
INK = "#0b3c6f"


def trained(name: str | None) -> Translator:
    if name is None:
        name = MODEL
        if name not in checkpoint.names():
            command = [sys.executable, "-m", "tui_lm", "train", "corpora/english-hindi.tsv", "--name", name]
            subprocess.run([*command, "--steps", str(STEPS)], cwd=ROOT, check=True)
    return Translator.open(paths.models_dir() / name)


def matrix(answer: Translation, left: int) -> tuple[list[str], int, int]:
    """The SVG elements of one translation, one row per word, darker for more attention; its right and lower edge."""
    weights = answer.words()
    if weights is None:
        sys.exit("this translator has no attention to draw")
    target, source = ([text[slice(*span)] for span in words(text)] for text in (answer.text, answer.read))
    parts = []
    for column, word in enumerate(source):
        x, y = left + LEFT + column * CELL + CELL / 2, TOP - 8
        parts.append(f'<text x="{x}" y="{y}" transform="rotate(-45 {x} {y})">{escape(word)}</text>')
    for row, word in enumerate(target):
        y = TOP + row * CELL
        parts.append(f'<text x="{left + LEFT - 8}" y="{y + CELL / 2 + 5}" text-anchor="end">{escape(word)}</text>')
        for column, weight in enumerate(weights[row]):
            x = left + LEFT + column * CELL
            parts.append(
                f'<rect x="{x}" y="{y}" width="{CELL}" height="{CELL}" fill="{INK}" fill-opacity="{weight:.2f}" '
                f'stroke="#cccccc"><title>{weight:.0%}</title></rect>'
            )
    return parts, left + LEFT + len(source) * CELL, TOP + len(target) * CELL


def main() -> None:
    translator = trained(sys.argv[1] if len(sys.argv) > 1 else None)
    parts: list[str] = []
    right = lower = 0
    for sentence in SENTENCES:
        answer = translator.translate(sentence)
        print(f"{sentence} -> {answer.text}")
        drawn, right, bottom = matrix(answer, right + GAP if right else 0)
        parts += drawn
        lower = max(lower, bottom)
    width, height = right + GAP, lower + 16
    begin = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}"'
    begin += ' role="img" font-family="sans-serif" font-size="14" fill="#222222">'
    title = "<title>Attention of a translator over an English sentence for each word of the Hindi translation</title>"
    paper = f'<rect width="{width}" height="{height}" fill="#ffffff"/>'
    (HERE / "alignment.svg").write_text("\n".join([begin, title, paper, *parts, "</svg>"]) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
