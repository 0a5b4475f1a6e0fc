"""Redaction: private strings in a text are replaced by placeholders before a model learns from it.

Serving needs only the placeholders, so this module does not import `redactor`, whose patterns take 0.1 s to compile.
"""

from tui_lm.redaction.placeholder import PrivateKind, begins_placeholder, holds_placeholder

__all__ = ["VERSION", "PrivateKind", "begins_placeholder", "holds_placeholder"]

VERSION = 1  # of the rules; a model's card stores the version that it was trained with
