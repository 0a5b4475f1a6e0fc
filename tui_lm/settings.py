"""The user's settings: theme, keys, sampling defaults, the models used last. Stored in `settings.toml`.

An invalid value is replaced by its default with a notice, and never stops a command. Each setting is described once,
here: values are checked against the description, and the app's settings screen is drawn from it.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields, replace
from pathlib import Path
from typing import Any

from tui_lm import atomic_file, paths


@dataclass(frozen=True, slots=True)
class About:
    """The description of a setting. Numbers are from `low` to `high`; a text is one of `choices`, if there are any."""

    group: str
    title: str
    text: str
    low: float = 0
    high: float = 0
    step: float = 0
    choices: tuple[str, ...] = ()


def _setting(default: Any, group: str, title: str, text: str, **limits: Any) -> Any:
    return field(default=default, metadata={"about": About(group, title, text, **limits)})


LOOK, WRITING, ANSWERS, PRIVACY = "Look", "Writing", "Answers", "Privacy"
PANEL = ("auto", "open", "folded")
NOTATIONS = ("pytorch", "textbook")


@dataclass(frozen=True, slots=True)
class Settings:
    """All settings. `keymap` maps the id of an action to its keys.

    `last_models` maps the purpose of a model ("language", "translation", ...) to the name of the one used last.
    """

    theme: str = _setting("ink", LOOK, "Theme", "Dark (ink), light (paper), the terminal's own colours, or transparent")
    ascii: bool = _setting(
        False, LOOK, "Plain characters", "Draw lines and bars in ASCII, for fonts without box characters"
    )
    animation: bool = _setting(False, LOOK, "Animation", "Smooth scrolling and other animations")
    panel: str = _setting(
        "auto", LOOK, "Inspector", "The panel beside the text; auto hides it below 100 columns", choices=PANEL
    )
    notation: str = _setting(
        "pytorch", LOOK, "Notation", "Names of gates and symbols: PyTorch's or those of textbooks", choices=NOTATIONS
    )

    ghost: bool = _setting(True, WRITING, "Grey text", "Show the suggested continuation after the cursor")
    words: bool = _setting(True, WRITING, "Three words", "Suggest three words while you type")
    replies: bool = _setting(True, WRITING, "Suggested replies", "Offer three whole answers before you type")
    surprisal: bool = _setting(False, WRITING, "Surprisal", "Colour each token that you type by its surprisal")
    savings: bool = _setting(True, WRITING, "Keys saved", "Count the key presses that suggestions save")

    temperature: float = _setting(
        0.8, ANSWERS, "Temperature", "Lower is more predictable; 0 is greedy", low=0, high=100.0, step=0.05
    )
    top_k: int = _setting(0, ANSWERS, "Top-k", "Only the k most probable tokens; 0 is off", low=0, high=1 << 20, step=1)
    top_p: float = _setting(
        1.0, ANSWERS, "Top-p", "Only the fewest tokens that sum to p; 1 is off", low=1e-6, high=1.0, step=0.05
    )
    min_p: float = _setting(
        0.0, ANSWERS, "Min-p", "Only tokens p times as probable as the best; 0 is off", low=0, high=1.0, step=0.01
    )
    repeat_penalty: float = _setting(
        1.0, ANSWERS, "Repeat penalty", "Make recent tokens less probable; 1 is off", low=0.01, high=100.0, step=0.05
    )
    seed: int = _setting(
        -1, ANSWERS, "Seed", "Random seed; -1 draws a new one for each answer", low=-1, high=2**32 - 1, step=1
    )

    typing: bool = _setting(True, ANSWERS, "Typing", "Show for a moment who is typing before an answer appears")

    sample: bool = _setting(
        True, ANSWERS, "First sample", "Begin the first chat with a model with some messages that it writes"
    )

    private: bool = _setting(False, PRIVACY, "Private mode", "Do not learn from what you type, and do not store it")
    keep_transcripts: bool = _setting(False, PRIVACY, "Keep transcripts", "Restore the chat when the app starts again")

    keymap: Mapping[str, str] = field(default_factory=dict)
    last_models: Mapping[str, str] = field(default_factory=dict)


ABOUT: Mapping[str, About] = {item.name: item.metadata["about"] for item in fields(Settings) if item.metadata}
SAMPLING = ("temperature", "top_k", "top_p", "min_p", "repeat_penalty")
PRESETS: Mapping[str, Mapping[str, float]] = {
    "balanced": {"temperature": 0.8, "top_k": 0, "top_p": 1.0, "min_p": 0.0, "repeat_penalty": 1.0},
    "careful": {"temperature": 0.5, "top_k": 0, "top_p": 0.9, "min_p": 0.0, "repeat_penalty": 1.0},
    "lively": {"temperature": 1.1, "top_k": 0, "top_p": 1.0, "min_p": 0.05, "repeat_penalty": 1.1},
    "greedy": {"temperature": 0.0, "top_k": 0, "top_p": 1.0, "min_p": 0.0, "repeat_penalty": 1.0},
}


def with_preset(settings: Settings, preset: str) -> Settings:
    """The settings with the sampling values of a preset."""
    values: Mapping[str, Any] = PRESETS[preset]
    return replace(settings, **values)


def preset_of(settings: Settings) -> str | None:
    """The preset with the current sampling values, or None if there is none."""
    now = {name: getattr(settings, name) for name in SAMPLING}
    return next((preset for preset, values in PRESETS.items() if values == now), None)


def load_settings(path: Path | None = None) -> tuple[Settings, list[str]]:
    """Read the settings. Returns them and a notice for each value that could not be used."""
    path = path or paths.settings_file()
    try:
        found = tomllib.loads(path.read_text("utf-8"))
    except FileNotFoundError:
        return Settings(), []
    except (OSError, ValueError, RecursionError):
        return Settings(), [f"{path.name} cannot be read; the defaults are used"]
    defaults = asdict(Settings())
    values: dict[str, Any] = {}
    notices = [f"{path.name}: {name} is not a setting" for name in found if name not in defaults]
    for name, default in defaults.items():
        if name not in found:
            continue
        if fits(name, found[name], default):
            values[name] = found[name]
        else:
            notices.append(f"{path.name}: {name} has an invalid value; the default is used")
    return Settings(**values), notices


def fits(name: str, value: Any, default: Any) -> bool:
    """Whether `value` is valid for the setting `name`, which has the type of `default`."""
    if isinstance(default, dict):
        return isinstance(value, dict) and all(isinstance(text, str) for text in value.values())
    if isinstance(default, bool):
        return isinstance(value, bool)
    if isinstance(default, str):
        choices = ABOUT[name].choices
        return isinstance(value, str) and (not choices or value in choices)
    kinds = int if isinstance(default, int) else (int, float)
    return isinstance(value, kinds) and not isinstance(value, bool) and ABOUT[name].low <= value <= ABOUT[name].high


def save_settings(settings: Settings, path: Path | None = None) -> None:
    """Write the settings, readable only by their owner. Raises OSError or TuiLmError if that fails."""
    import tomli_w

    path = path or paths.settings_file()
    paths.make_private(path.parent)
    values = {item.name: getattr(settings, item.name) for item in fields(settings)}
    atomic_file.write(path, tomli_w.dumps(values).encode())
