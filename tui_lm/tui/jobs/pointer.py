"""What a person points at in the inspector: the cursor that all its views follow, and how they are drawn."""

from __future__ import annotations

from dataclasses import dataclass, field

from tui_lm.inspection.cursor import Cursor


def _among_the_others() -> Cursor:
    """The unit and the gate that are pointed at stand among the others; units are those that matter most."""
    return Cursor(alone=False, only_top=True)


@dataclass(frozen=True)
class Pointer:
    cursor: Cursor = field(default_factory=_among_the_others)
    numbers: bool = False  # tables in place of pictures
