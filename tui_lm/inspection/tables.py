"""Every part as a table of numbers, for people who cannot see pictures and for exact values."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from tui_lm.inspection.frame import Bars, Curves, Frame, Heat, Part, Points, Strip, Table, merged

MOST_ROWS = 40  # of a heat map; those that have more are merged, and say so


def in_numbers(frame: Frame) -> Frame:
    """The frame with every picture replaced by a table."""
    return replace(frame, parts=tuple(_numbers_of(part) for part in frame.parts))


def _numbers_of(part: Part) -> Part:
    match part:
        case Heat():
            heat, note, _ = merged(part, MOST_ROWS)
            rows = tuple(
                (heat.columns[column], *map(_rounded, heat.values[:, column])) for column in range(len(heat.columns))
            )
            title = f"{heat.title} ({note})" if note else heat.title
            return Table(title, ("token", *heat.labels), rows)
        case Strip():
            rows = tuple((label, _rounded(value)) for label, value in zip(part.labels, part.values, strict=True))
            return Table(part.title, ("token", part.unit), rows)
        case Bars():
            columns = [part.values] if part.other is None else [part.values, part.other]
            names = (part.names[0] or part.unit or "value", part.names[1] or "before")[: len(columns)]
            rows = tuple((label, *(_rounded(c[i]) for c in columns)) for i, label in enumerate(part.labels))
            return Table(part.title, ("", *names), rows)
        case Curves():
            rows = tuple(
                (_rounded(at), *(_rounded(values[i]) for _, values in part.lines)) for i, at in enumerate(part.at)
            )
            return Table(part.title, (part.x, *(name for name, _ in part.lines)), rows)
        case Points():
            rows = tuple((label, *map(_rounded, at)) for label, at in zip(part.labels, part.at, strict=True))
            return Table(part.title, ("", part.x, part.y), rows)
        case _:
            return part


def _rounded(value: float) -> float | None:
    return None if np.isnan(value) else float(f"{value:.4g}")


def field(value: str | int | float | None) -> str:
    """A field of a table as text."""
    return "-" if value is None else f"{value:.4g}" if isinstance(value, float) else str(value)
