"""The model card written beside an exported model. It holds no text and no names of the source."""

from __future__ import annotations

from tui_lm import architecture as arch
from tui_lm.architecture import Llama
from tui_lm.checkpoint import Card

LEARNED_FROM = {"chat": "a private chat", "prose": "a private text", "pairs": "sentence pairs"}
USES = {
    "transformers": """```python
from transformers import AutoModelForCausalLM, AutoTokenizer
model, tokenizer = AutoModelForCausalLM.from_pretrained("."), AutoTokenizer.from_pretrained(".")
```""",
    "llama.cpp": "`llama-cli -m FILE.gguf`, or any program that reads GGUF.",
}


def model_card(card: Card, program: str) -> str:
    """The card as Markdown, with the YAML header that model hubs read. `program` is a key of USES."""
    shape = card.architecture
    assert isinstance(shape, Llama)
    rows = {
        "learned from": LEARNED_FROM.get(card.kind, card.kind),
        "messages": card.metrics.get("messages") if card.kind == "chat" else None,
        "network": f"{shape.label}, {shape.num_heads} query heads, {shape.num_kv_heads} key-value heads",
        "parameters": f"{arch.count_parameters(shape):,}",
        "tokenizer": f"{card.tokenizer}, {shape.vocab_size} tokens",
        "validation loss, nats per token": _rounded(card.metrics.get("validation_loss")),
        "validation, bits per character": _rounded(card.metrics.get("validation_bits_per_char")),
    }
    table = "\n".join(f"| {name} | {value} |" for name, value in rows.items() if value is not None)
    return f"""---
library_name: {program}
pipeline_tag: text-generation
tags: [tui-lm, llama]
---

# A mini-LLaMA trained by tui-lm

**This model may contain private text.** It was trained on {LEARNED_FROM.get(card.kind, card.kind)}. A model can repeat
what it was trained on, names and numbers included, to anyone who has it. Do not publish it unless everyone whose
words it learned agrees. `tui-lm audit` measures what it has memorised.

| | |
|---|---|
{table}

A message is `<s> [author] text </s>`. Authors have the tokens `<author:0>`, `<author:1>` and so on, most frequent
first; all others share `[other]`. The context length is {shape.context_length} tokens: tui-lm attends to the last
{shape.context_length}; other programs may fail or get worse beyond that.

{USES[program]}
"""


def _rounded(value: object) -> str | None:
    return f"{value:.3f}" if isinstance(value, float) else None
