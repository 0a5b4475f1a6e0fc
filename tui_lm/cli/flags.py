"""The options of settings: hints and warnings of lower floors name a setting, the command line adds its option."""

from __future__ import annotations

FLAGS = {"base": "from"}  # settings whose option has another name


def flag(about: str) -> str:
    """The option of a setting, as the end of a hint: " (--date-order)" for "date_order", nothing for ""."""
    return f" (--{FLAGS.get(about, about).replace('_', '-')})" if about else ""


def warning_line(warning: str) -> str:
    """A warning about a source, with the option that resolves it."""
    from tui_lm.chats.dates import GUESSED
    from tui_lm.safe_text import visible_line

    return f"warning: {visible_line(warning)}{flag('date_order') if warning == GUESSED else ''}"
