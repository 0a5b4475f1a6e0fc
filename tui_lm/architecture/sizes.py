"""Limits of the sizes of a network."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

LARGEST = 1 << 20  # no width, depth or vocabulary is larger: checked before memory is taken


def require_sizes(architecture: Any) -> None:
    """Raise ValueError unless every int field of an architecture is a size from 1 to `LARGEST`."""
    for field in fields(architecture):
        size = getattr(architecture, field.name)
        if field.type == "int" and not (type(size) is int and 1 <= size <= LARGEST):
            raise ValueError(f"{field.name} must be between 1 and {LARGEST}, not {size!r}")
