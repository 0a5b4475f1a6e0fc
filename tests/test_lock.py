"""requirements.lock: every package with hashes, in the tested version, from no particular host."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).parent.parent
LOCK = (ROOT / "requirements.lock").read_text("utf-8")
PINNED = re.compile(r"^([A-Za-z0-9._-]+)==(\S+)", re.MULTILINE)


def versions(text: str) -> dict[str, str]:
    return {re.sub(r"[-_.]+", "-", name).lower(): version for name, version in PINNED.findall(text)}


def test_the_lock_has_the_versions_of_the_constraints() -> None:
    locked, tested = versions(LOCK), versions((ROOT / "constraints.txt").read_text("utf-8"))
    del tested["torch"]  # its builds differ by machine
    assert tested.items() <= locked.items()


def test_every_package_has_hashes() -> None:
    entries = re.split(r"^(?=[A-Za-z])", LOCK, flags=re.MULTILINE)[1:]
    assert len(entries) == len(versions(LOCK)) > 40
    assert all(re.search(r"--hash=sha256:[0-9a-f]{64}\b", entry) for entry in entries)


def test_the_lock_names_no_host_or_path() -> None:
    assert not re.search(r"://|--(?:extra-)?index-url|--find-links|\bfile:", LOCK)
