"""What the user chose: theme, keys, sampling defaults, the models used last. Kept in `settings.toml`.

A broken value falls back to its default and is told of in a notice; it never stops a command. Each setting is described
once, here: the file is checked by the description, and the app draws its settings screen from it.
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
    """What a setting is. Numbers lie between `low` and `high`; a text is one of `choices`, where there are any."""

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
    """`last_models` maps what a model is for ("language", "translation") to the name used last.

    A `seed` of -1 draws a new one for each answer. `keymap` maps the id of an action to its keys.
    """

    theme: str = _setting("textual-dark", LOOK, "Theme", "Light, dark, the terminal's own colours, or transparent")
    ascii: bool = _setting(
        False, LOOK, "Plain characters", "Lines and bars in ASCII, for terminals without a full font"
    )
    animation: bool = _setting(False, LOOK, "Animation", "Smooth scrolling and the like")
    panel: str = _setting("auto", LOOK, "Inspector", "Beside the text: auto folds it under 100 columns", choices=PANEL)
    notation: str = _setting(
        "pytorch", LOOK, "Notation", "Symbols and gates as PyTorch or as textbooks have them", choices=NOTATIONS
    )

    ghost: bool = _setting(True, WRITING, "Grey text", "Show what would come next, after the cursor")
    words: bool = _setting(True, WRITING, "Three words", "Show the words that one could mean")
    replies: bool = _setting(True, WRITING, "Suggested replies", "Offer three whole answers before anything is typed")
    surprisal: bool = _setting(False, WRITING, "Surprisal", "Colour what is typed by how little the model expected it")
    savings: bool = _setting(True, WRITING, "Keys saved", "Count the keys that were pressed beside those without help")

    temperature: float = _setting(0.8, ANSWERS, "Temperature", "How random: 0 is greedy", low=0, high=100.0, step=0.05)
    top_k: int = _setting(0, ANSWERS, "Top-k", "Only the k most probable tokens; 0 is off", low=0, high=1 << 20, step=1)
    top_p: float = _setting(
        1.0, ANSWERS, "Top-p", "Only the fewest tokens that make up p; 1 is off", low=1e-6, high=1.0, step=0.05
    )
    min_p: float = _setting(
        0.0, ANSWERS, "Min-p", "Only tokens p times as probable as the best; 0 is off", low=0, high=1.0, step=0.01
    )
    repeat_penalty: float = _setting(
        1.0, ANSWERS, "Repeat penalty", "Against saying it again; 1 is off", low=0.01, high=100.0, step=0.05
    )
    seed: int = _setting(
        -1, ANSWERS, "Seed", "The same seed, the same answer; -1 draws one", low=-1, high=2**32 - 1, step=1
    )

    private: bool = _setting(False, PRIVACY, "Private mode", "Learn nothing from what is typed, keep nothing of it")
    keep_transcripts: bool = _setting(False, PRIVACY, "Keep transcripts", "Find the chat again the next time")

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
    values: Mapping[str, Any] = PRESETS[preset]
    return replace(settings, **values)


def preset_of(settings: Settings) -> str | None:
    """The preset that the sampling settings are, or None where they are one's own."""
    now = {name: getattr(settings, name) for name in SAMPLING}
    return next((preset for preset, values in PRESETS.items() if values == now), None)


def load_settings(path: Path | None = None) -> tuple[Settings, list[str]]:
    """The settings and a notice for each value that could not be used."""
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
            notices.append(f"{path.name}: {name} has a value that does not fit; its default is used")
    return Settings(**values), notices


def fits(name: str, value: Any, default: Any) -> bool:
    """Whether `value` may be the setting `name`, whose default is `default`."""
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
    """Write the file whole or not at all, readable by its owner alone. Raises OSError where that fails."""
    import tomli_w

    path = path or paths.settings_file()
    paths.make_private(path.parent)
    values = {item.name: getattr(settings, item.name) for item in fields(settings)}
    atomic_file.write(path, tomli_w.dumps(values).encode())
