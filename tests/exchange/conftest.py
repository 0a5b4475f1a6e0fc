"""What is said to models beside others: every kind of text that a tokenizer may trip over."""

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
