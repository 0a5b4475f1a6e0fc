"""Instagram messages, in the layout of Messenger."""

from __future__ import annotations

from tui_lm.chats.messenger import is_export, is_instagram, read

__all__ = ["read", "recognises"]


def recognises(head: str, name: str) -> bool:
    return is_export(head) and is_instagram(head, name)
