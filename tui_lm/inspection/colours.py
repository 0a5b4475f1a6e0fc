"""Values to steps of colour and back. The legend uses the same steps, so a colour can be read as a number.

Sequential values have ten steps of cividis (Nuñez, Anderton & Renslow 2018), which looks the same with colour-blindness
and keeps its steps apart on terminals of 256 colours. Signed values have eleven steps from orange to purple (Brewer's
PuOr) and a sign, which survives printing in grey. Without colour, denser characters mean larger values.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from tui_lm.inspection.frame import Floats, Scale

SEQUENTIAL = (
    "#00224e",
    "#123570",
    "#3b496c",
    "#575d6d",
    "#707173",
    "#8a8678",
    "#a59c74",
    "#c3b369",
    "#e1cc55",
    "#fee838",
)
SIGNED_ON_DARK = (
    "#fdb863",
    "#e08214",
    "#b35806",
    "#7f3b08",
    "#46260c",
    "#262626",
    "#2d1b4e",
    "#542788",
    "#8073ac",
    "#b2abd2",
    "#dcd8f0",
)
SIGNED_ON_LIGHT = (
    "#7f3b08",
    "#b35806",
    "#e08214",
    "#fdb863",
    "#fee0b6",
    "#f7f7f7",
    "#d8daeb",
    "#b2abd2",
    "#8073ac",
    "#542788",
    "#2d004b",
)
RAMP = " .:-=+*#%@"  # the ten sequential steps without colour
SIGNED_RAMP = " .:*#@"  # the sizes of the eleven signed steps, behind their sign
SIZES = len(SIGNED_RAMP) - 1

Levels = NDArray[np.intp]
NOTHING = -1  # the level of NaN, a cell that does not exist


def colours(scale: Scale, *, dark: bool = True) -> tuple[str, ...]:
    """The colours of a scale, lowest value first."""
    if scale == "signed":
        return SIGNED_ON_DARK if dark else SIGNED_ON_LIGHT
    return SEQUENTIAL


def level_of(values: Floats, scale: Scale, limit: float = 1.0) -> Levels:
    """The step of each value; values beyond the limit get the last step."""
    limit = limit or 1.0
    empty = np.isnan(values)
    filled = np.where(empty, 0.0, values)
    if scale == "signed":
        levels = np.rint(np.clip(filled / limit, -1, 1) * SIZES).astype(np.intp) + SIZES
    else:
        levels = np.minimum((np.clip(filled / limit, 0, 1) * len(SEQUENTIAL)).astype(np.intp), len(SEQUENTIAL) - 1)
    return np.where(empty, NOTHING, levels)


def value_of(level: int, scale: Scale, limit: float = 1.0) -> float:
    """The value in the middle of a step."""
    if level == NOTHING:
        return float("nan")
    if scale == "signed":
        return (level - SIZES) / SIZES * limit
    return (level + 0.5) / len(SEQUENTIAL) * limit


def step_width(scale: Scale, limit: float = 1.0) -> float:
    """The difference in value of two neighbouring steps."""
    return limit / (SIZES if scale == "signed" else len(SEQUENTIAL))


def sign(level: int) -> str:
    """The sign that is printed with a signed step."""
    return " " if level in (NOTHING, SIZES) else "-" if level < SIZES else "+"


def character(level: int, scale: Scale) -> str:
    """A step without colour: one character, behind a sign if the scale has signs."""
    if scale == "signed":
        return "  " if level == NOTHING else sign(level) + SIGNED_RAMP[abs(level - SIZES)]
    return " " if level == NOTHING else RAMP[level]


def ink(background: str) -> str:
    """Black or white, whichever is legible on a colour (relative luminance, WCAG 2)."""
    red, green, blue = (int(background[i : i + 2], 16) / 255 for i in (1, 3, 5))
    light = 0.2126 * red**2.2 + 0.7152 * green**2.2 + 0.0722 * blue**2.2
    return "#000000" if light > 0.18 else "#ffffff"
