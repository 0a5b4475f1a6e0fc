"""The card beside an exported model: what it is, and what is to be known before it is given away. No text, no names."""

from __future__ import annotations

from tui_lm import architecture as arch
from tui_lm.architecture import Llama
from tui_lm.checkpoint import Card

LEARNED_FROM = {"chat": "a private chat", "prose": "a text of its user", "pairs": "sentence pairs"}
USES = {
    "transformers": """```python
from transformers import AutoModelForCausalLM, AutoTokenizer
model, tokenizer = AutoModelForCausalLM.from_pretrained("."), AutoTokenizer.from_pretrained(".")
```""",
    "llama.cpp": "`llama-cli -m FILE.gguf`, or any program that reads GGUF.",
}


def model_card(card: Card, program: str) -> str:
    """Markdown for people, with the header that model hubs read."""
    shape = card.architecture
    assert isinstance(shape, Llama)
    rows = {
        "learned from": LEARNED_FROM.get(card.kind, card.kind),
        "messages": card.metrics.get("messages") if card.kind == "chat" else None,
        "network": f"{shape.label}, {shape.num_heads} heads, {shape.num_kv_heads} of keys and values",
        "parameters": f"{arch.count_parameters(shape):,}",
        "tokenizer": f"{card.tokenizer}, {shape.vocab_size} tokens",
        "validation, nats a token": _rounded(card.metrics.get("validation_loss")),
        "validation, bits a character": _rounded(card.metrics.get("validation_bits_per_char")),
    }
    table = "\n".join(f"| {name} | {value} |" for name, value in rows.items() if value is not None)
    return f"""---
library_name: {program}
pipeline_tag: text-generation
tags: [tui-lm, llama]
---

# A mini-LLaMA trained by tui-lm

**This model may contain private text.** It was trained on {LEARNED_FROM.get(card.kind, card.kind)}. A model can repeat
what it has read, names and numbers included, to anyone who has it. Do not publish it unless everyone whose words it
learned agrees. `tui-lm audit` measures what it has memorised.

| | |
|---|---|
{table}

A message is `<s> [author] text </s>`; authors have tokens `<author:0>`, `<author:1>` and so on, most frequent first,
and all others share `[other]`. It was trained on {shape.context_length} tokens at a time: tui-lm attends to the last
{shape.context_length}, other programs may fail or grow worse beyond them.

{USES[program]}
"""


def _rounded(value: object) -> str | None:
    return f"{value:.3f}" if isinstance(value, float) else None
