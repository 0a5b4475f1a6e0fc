"""docs/formats.md has every format, and how to export it."""

from __future__ import annotations

import re
from pathlib import Path

from tui_lm.chats import FORMATS

PAGE = (Path(__file__).parents[2] / "docs/formats.md").read_text("utf-8")


def test_every_format_has_a_row() -> None:
    rows = re.findall(r"^\| `([a-z0-9]+(?:-[a-z0-9]+)*)` \| ([^|]+) \| ([^|]+) \| ([^|]+) \|$", PAGE, re.MULTILINE)
    assert sorted(name for name, *_ in rows) == sorted(FORMATS)
    assert all(len(text.strip()) > 2 for row in rows for text in row)
