"""Redaction: what is private in a text is found and replaced before a model learns from it."""

from tui_lm.redaction.placeholder import Kind, begins_placeholder, holds_placeholder
from tui_lm.redaction.redactor import VERSION, Redactor, Span

__all__ = ["VERSION", "Kind", "Redactor", "Span", "begins_placeholder", "holds_placeholder"]
