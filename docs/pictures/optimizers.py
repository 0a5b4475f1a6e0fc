"""Draws optimizers.svg beside this file from the results of `benchmarks/optimizers.py --output optimizers.json`.

python docs/pictures/optimizers.py [RESULTS]
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

HERE = Path(__file__).parent
WIDTH, HEIGHT, LEFT, TOP, BOTTOM, RIGHT = 760, 420, 52, 16, 40, 120
# Okabe and Ito's colours, which colour-blind readers can tell apart; solid, then dashed
COLOURS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#56b4e9", "#e69f00", "#000000")
Curve = list[tuple[int, float]]


def best_curves(results: dict[str, dict[str, Curve]]) -> list[tuple[str, Curve]]:
    """Each optimizer's curve at its best rate, the best optimizer first."""
    found = []
    for name, curves in results.items():
        finished = [curve for curve in curves.values() if curve]
        found.append((name, min(finished, key=lambda curve: min(bits for _, bits in curve))))
    return sorted(found, key=lambda entry: min(bits for _, bits in entry[1]))


def drawing(curves: list[tuple[str, Curve]]) -> str:
    steps = max(step for _, curve in curves for step, _ in curve)
    low = min(bits for _, curve in curves for _, bits in curve)
    high = max(curve[1][1] for _, curve in curves)
    low, high = low // 0.2 * 0.2, (high // 0.2 + 1) * 0.2

    def x(step: float) -> float:
        return LEFT + (WIDTH - LEFT - RIGHT) * step / steps

    def y(bits: float) -> float:
        return TOP + (HEIGHT - TOP - BOTTOM) * (high - bits) / (high - low)

    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" '
        'font-family="sans-serif" font-size="12">',
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#ffffff"/>',
    ]
    lines = round((high - low) / 0.2)
    for i in range(lines + 1):
        bits = low + 0.2 * i
        parts.append(f'<path d="M{LEFT} {y(bits):.1f}H{WIDTH - RIGHT}" stroke="#dddddd"/>')
        parts.append(f'<text x="{LEFT - 6}" y="{y(bits) + 4:.1f}" text-anchor="end" fill="#444444">{bits:.1f}</text>')
    for i in range(6):
        step = steps * i / 5
        parts.append(
            f'<text x="{x(step):.1f}" y="{HEIGHT - BOTTOM + 18}" text-anchor="middle" fill="#444444">{step:.0f}</text>'
        )
    middle = (LEFT + WIDTH - RIGHT) / 2
    parts.append(f'<text x="{middle}" y="{HEIGHT - 4}" text-anchor="middle" fill="#444444">steps</text>')
    parts.append(
        f'<text transform="translate(13 {HEIGHT / 2}) rotate(-90)" text-anchor="middle" fill="#444444">'
        "bits a character, validation</text>"
    )
    labels = apart([y(curve[-1][1]) + 4 for _, curve in curves], 15, HEIGHT - 6)
    for number, ((name, curve), label) in enumerate(zip(curves, labels, strict=True)):
        colour, dash = COLOURS[number % len(COLOURS)], ' stroke-dasharray="5 3"' if number >= len(COLOURS) else ""
        points = " ".join(f"{x(step):.1f},{y(min(bits, high)):.1f}" for step, bits in curve)
        parts.append(f'<polyline points="{points}" fill="none" stroke="{colour}" stroke-width="2"{dash}/>')
        end, beside = x(curve[-1][0]), WIDTH - RIGHT + 14
        parts.append(
            f'<path d="M{end:.1f} {y(curve[-1][1]):.1f}L{beside - 3} {label - 4:.1f}" stroke="{colour}" opacity="0.5"/>'
        )
        parts.append(f'<text x="{beside}" y="{label:.1f}" fill="{colour}">{name} {curve[-1][1]:.2f}</text>')
    return "\n".join([*parts, "</svg>", ""])


def apart(heights: list[float], least: float, bottom: float) -> list[float]:
    """The label positions, from the bottom up, moved as little as possible to be `least` apart."""
    moved: list[float] = []
    for height in heights:
        moved.append(min(height, moved[-1] - least if moved else bottom))
    return moved


def main() -> None:
    results = Path(sys.argv[1]) if len(sys.argv) > 1 else HERE / "optimizers.json"
    curves = best_curves(json.loads(results.read_text("utf-8"))["curves"])
    (HERE / "optimizers.svg").write_text(drawing(curves), encoding="utf-8")


if __name__ == "__main__":
    main()
