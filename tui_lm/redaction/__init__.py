"""Redaction: what is private in a text is found and replaced before a model learns from it.

What serves needs to know placeholders alone; the patterns of `redactor` take a tenth of a second to compile.
"""

from tui_lm.redaction.placeholder import Kind, begins_placeholder, holds_placeholder

__all__ = ["VERSION", "Kind", "begins_placeholder", "holds_placeholder"]

VERSION = 1  # of what is found; a model says which one it was trained with
