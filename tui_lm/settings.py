"""What the user chose: theme, keys, sampling defaults, the models used last. Kept in `settings.toml`.

A broken value falls back to its default and is told of in a notice; it never stops a command.
"""

from __future__ import annotations

import os
import tempfile
import tomllib
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import Any

from tui_lm import paths


@dataclass(frozen=True, slots=True)
class Settings:
    """`last_models` maps what a model is for ("language", "translation") to the name used last."""

    theme: str = "textual-dark"
    temperature: float = 0.8
    top_k: int = 0
    top_p: float = 1.0
    min_p: float = 0.0
    repeat_penalty: float = 1.0
    keymap: Mapping[str, str] = field(default_factory=dict)
    last_models: Mapping[str, str] = field(default_factory=dict)


RANGES = {
    "temperature": (0.0, 100.0),
    "top_k": (0, 1 << 20),
    "top_p": (1e-6, 1.0),
    "min_p": (0.0, 1.0),
    "repeat_penalty": (0.01, 100.0),
}


def load_settings(path: Path | None = None) -> tuple[Settings, list[str]]:
    """The settings and a notice for each value that could not be used."""
    path = path or paths.settings_file()
    try:
        found = tomllib.loads(path.read_text("utf-8"))
    except FileNotFoundError:
        return Settings(), []
    except (OSError, ValueError):
        return Settings(), [f"{path.name} cannot be read; the defaults are used"]
    defaults = asdict(Settings())
    values: dict[str, Any] = {}
    notices = [f"{path.name}: {name} is not a setting" for name in found if name not in defaults]
    for name, default in defaults.items():
        if name not in found:
            continue
        if _fits(name, found[name], default):
            values[name] = found[name]
        else:
            notices.append(f"{path.name}: {name} has a value that does not fit; its default is used")
    return Settings(**values), notices


def _fits(name: str, value: Any, default: Any) -> bool:
    if isinstance(default, dict):
        return isinstance(value, dict) and all(isinstance(text, str) for text in value.values())
    if isinstance(default, str):
        return isinstance(value, str)
    low, high = RANGES[name]
    kinds = int if isinstance(default, int) else (int, float)
    return isinstance(value, kinds) and not isinstance(value, bool) and low <= value <= high


def save_settings(settings: Settings, path: Path | None = None) -> None:
    """Write the file whole or not at all, readable by its owner alone. Raises OSError where that fails."""
    import tomli_w

    path = path or paths.settings_file()
    paths.make_private(path.parent)
    values = {item.name: getattr(settings, item.name) for item in fields(settings)}
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=".settings-")  # mode 0600
    try:
        with os.fdopen(handle, "wb") as file:
            tomli_w.dump(values, file)
        Path(temporary).replace(path)
    except BaseException:
        with suppress(OSError):
            Path(temporary).unlink()
        raise
