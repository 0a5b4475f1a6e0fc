"""Colours stay apart for colour-blind people, in the simulation of Machado, Oliveira & Fernandes 2009."""

from __future__ import annotations

import numpy as np
import pytest

from tui_lm.inspection import colours
from tui_lm.inspection.frame import Scale

# Linear RGB as somebody sees it who lacks the medium, or the long, cones altogether.
EYES = {
    "all cones": np.eye(3),
    "deuteranopia": np.array(
        [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]]
    ),
    "protanopia": np.array(
        [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]]
    ),
}
XYZ = np.array(
    [[0.4124564, 0.3575761, 0.1804375], [0.2126729, 0.7151522, 0.0721750], [0.0193339, 0.1191920, 0.9503041]]
)
WHITE = np.array([0.95047, 1.0, 1.08883])  # D65
APART = 10.0  # in CIE 1976 L*a*b*; a difference of 2.3 is just noticed


def lab(colour: str, eye: str) -> np.ndarray:
    """L*, a* and b* of a colour as that eye sees it."""
    channels = np.array([int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)])
    linear = np.where(channels <= 0.04045, channels / 12.92, ((channels + 0.055) / 1.055) ** 2.4)
    x = XYZ @ np.clip(EYES[eye] @ linear, 0, 1) / WHITE
    f = np.where(x > (6 / 29) ** 3, np.cbrt(x), x * (29 / 6) ** 2 / 3 + 4 / 29)
    return np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])


@pytest.mark.parametrize("eye", EYES)
@pytest.mark.parametrize(("scale", "dark"), [("unit", True), ("signed", True), ("signed", False)])
def test_no_two_colours_look_alike(eye: str, scale: Scale, dark: bool) -> None:
    seen = [lab(colour, eye) for colour in colours.colours(scale, dark=dark)]
    distances = [np.linalg.norm(one - other) for i, one in enumerate(seen) for other in seen[:i]]
    assert min(distances) > APART


@pytest.mark.parametrize("eye", EYES)
def test_larger_values_are_lighter(eye: str) -> None:
    lightness = [lab(colour, eye)[0] for colour in colours.SEQUENTIAL]
    assert (np.diff(lightness) > 5).all()


@pytest.mark.parametrize("eye", EYES)
@pytest.mark.parametrize(("dark", "way"), [(True, 1), (False, -1)])
def test_a_larger_signed_value_stands_out_more(eye: str, dark: bool, way: int) -> None:
    """On a dark ground it is lighter, on a light one darker."""
    lightness = np.array([lab(colour, eye)[0] for colour in colours.colours("signed", dark=dark)])
    assert (way * np.diff(lightness[: colours.SIZES + 1]) < 0).all()
    assert (way * np.diff(lightness[colours.SIZES + 1 :]) > 0).all()


def test_the_simulated_eyes_see_known_colours_right() -> None:
    """White is 100, grey has no colour, and red and green come closer to an eye without the medium cones."""
    np.testing.assert_allclose(lab("#ffffff", "all cones"), [100, 0, 0], atol=0.02)
    np.testing.assert_allclose(lab("#808080", "deuteranopia")[1:], 0, atol=0.5)
    normal, without = (
        np.linalg.norm(lab("#ff0000", eye) - lab("#808000", eye)) for eye in ("all cones", "deuteranopia")
    )
    assert without < normal / 2
