"""Prompts for comparing models across programs: every kind of text that a tokenizer could get wrong."""

from __future__ import annotations

PROMPTS = [
    "",
    "see you",
    "see you tomorrow at six",
    "what's for dinner",
    "Pasta, I think... or soup?",
    " two spaces  inside ",
    "\n",
    "two\nlines\n\nhere",
    "tab\there",
    "ok 👍",
    "👍👍🏽👨‍👩‍👧",
    "नमस्ते दोस्त",
    "café, naïve, Zoë",
    "日本語 と 中文",
    "жжж",
    "1234567890",
    "e.g. https://example.org/a?b=c",
    "ALL CAPS!!!",
    "\u00a0\u200b\u2009",
    "<b>&amp;</b> \\n {{x}}",
]
