"""Messenger's end-to-end encrypted chats: a layout of its own, with correct UTF-8."""

from __future__ import annotations

from tui_lm.chats.messenger import read

__all__ = ["read", "recognises"]


def recognises(head: str, name: str) -> bool:
    return all(f'"{key}"' in head for key in ("participants", "threadName", "senderName"))
