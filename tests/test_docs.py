"""The pages tell the truth: generated ones are current, links lead somewhere, commands exist."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), *(ROOT / "benchmarks").glob("*.md")])
LINK = re.compile(r"!?\[[^\]]*\]\(([^)#\s]+)[^)]*\)")
COMMAND = re.compile(r"^\s*(?:\$ )?tui-lm ([a-z-]+)", re.MULTILINE)


def test_the_command_reference_is_what_help_says() -> None:
    checked = subprocess.run([sys.executable, ROOT / "docs/write_cli.py", "--check"], capture_output=True, text=True)
    assert checked.returncode == 0, checked.stderr


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_lead_somewhere(page: Path) -> None:
    for target in LINK.findall(page.read_text("utf-8")):
        if "://" not in target:
            assert (page.parent / target).exists(), target


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_commands_that_are_shown_exist(page: Path) -> None:
    known = set(re.findall(r"^## `tui-lm ([a-z-]+)`", (ROOT / "docs/cli.md").read_text("utf-8"), re.MULTILINE))
    for command in COMMAND.findall("\n".join(re.findall(r"```.*?```", page.read_text("utf-8"), re.DOTALL))):
        assert command in known, command


def test_the_changelog_has_the_version() -> None:
    from tui_lm import __version__

    assert f"## [{__version__}]" in (ROOT / "CHANGELOG.md").read_text("utf-8")
