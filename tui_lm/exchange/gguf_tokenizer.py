"""The tokenizer of a GGUF file as one of ours: byte-level merges, or SentencePiece's with byte fallback."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from tui_lm.errors import TuiLmError
from tui_lm.exchange.pretrained import NEW
from tui_lm.safe_text import visible_line
from tui_lm.tokenizers import Specials, Tokenizer
from tui_lm.tokenizers.bpe import BpeTokenizer
from tui_lm.tokenizers.specials import BEGIN, END, FIXED, OTHER, UNKNOWN

NORMAL, UNKNOWN_TYPE, CONTROL, USER_DEFINED, UNUSED, BYTE = range(1, 7)  # llama.cpp's token types
Steps = tuple[Mapping[str, Any], ...]


def _by_pattern(pattern: str) -> Steps:
    """A split by a regular expression, then bytes."""
    return (
        {"type": "Split", "pattern": {"Regex": pattern}, "behavior": "Isolated", "invert": False},
        {"type": "ByteLevel", "add_prefix_space": False, "trim_offsets": False, "use_regex": False},
    )


def _words_and_digits(most_digits: str) -> str:
    """The pattern of LLaMA 3 and Qwen2, which differ in how many digits may be one piece."""
    return (
        r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|" + most_digits + r"| ?[^\s\p{L}\p{N}]+[\r\n]*"
        r"|\s*[\r\n]+|\s+(?!\S)|\s+"
    )


DIGITS = {"type": "Digits", "individual_digits": True}
GPT2_SPLIT = {"type": "ByteLevel", "add_prefix_space": False, "trim_offsets": True, "use_regex": True}
LLAMA3 = _by_pattern(_words_and_digits(r"\p{N}{1,3}"))
QWEN2 = _by_pattern(_words_and_digits(r"\p{N}"))
# How each of llama.cpp's pre-tokenizers splits a text before its bytes are merged.
SPLITS: Mapping[str, Steps] = {
    "gpt-2": (GPT2_SPLIT,),
    "smollm": (DIGITS, GPT2_SPLIT),
    "llama-bpe": LLAMA3,
    "llama3": LLAMA3,
    "llama-v3": LLAMA3,
    "qwen2": QWEN2,
    "deepseek-r1-qwen": QWEN2,
}
WHOLE_WORDS = ("llama-bpe", "llama3", "llama-v3")  # a piece that is a token is not merged from its bytes


def read_tokenizer(facts: Mapping[str, Any]) -> tuple[Tokenizer, list[int]]:
    """The tokenizer in a file's header, and for each of our token ids the id in the file, or NEW."""
    kind = facts["tokenizer.ggml.model"]
    if kind == "gpt2":
        values = _byte_level(facts)
    elif kind == "llama":
        values = _with_byte_fallback(facts)
    else:
        raise TuiLmError(
            f"a tokenizer of the kind {visible_line(str(kind)[:40])} cannot be run",
            "import a model whose tokenizer is GPT-2's or LLaMA's kind",
        )
    tokenizer = BpeTokenizer(Specials(), json.dumps(values))
    end = int(facts.get("tokenizer.ggml.eos_token_id", NEW))
    begin = int(facts.get("tokenizer.ggml.bos_token_id", end))
    unknown = int(facts.get("tokenizer.ggml.unknown_token_id", NEW))
    fixed = {UNKNOWN: unknown, BEGIN: begin, END: end, OTHER: NEW}
    return tokenizer, [*(fixed[i] for i in range(len(FIXED))), *tokenizer.theirs]


def split_name(steps: Sequence[Mapping[str, Any]]) -> str | None:
    """llama.cpp's name of a tokenizer.json's pre-tokenizers, or None if it has none for them."""
    wanted = [_meaning(step) for step in steps]
    return next((name for name, known in SPLITS.items() if [_meaning(step) for step in known] == wanted), None)


def _meaning(step: Mapping[str, Any]) -> tuple[Any, ...]:
    """What a pre-tokenizer does; other fields only move offsets."""
    pattern = step.get("pattern") or {}
    return (step["type"], pattern.get("Regex"), step.get("individual_digits"), step.get("use_regex"))


def added_token(id: int, text: str, special: bool) -> dict[str, Any]:
    """An entry of tokenizer.json's "added_tokens": a token that is found in the text before it is cut."""
    whole = dict.fromkeys(("single_word", "lstrip", "rstrip", "normalized"), False)
    return {"id": id, "content": text, **whole, "special": special}


def _added(facts: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Control tokens are special; user-defined tokens are never split."""
    tokens, types = facts["tokenizer.ggml.tokens"], facts["tokenizer.ggml.token_type"]
    return [
        added_token(i, text, kind != USER_DEFINED)
        for i, (text, kind) in enumerate(zip(tokens, types, strict=True))
        if kind in (CONTROL, UNKNOWN_TYPE, USER_DEFINED, UNUSED)
    ]


def _byte_level(facts: Mapping[str, Any]) -> dict[str, Any]:
    """A tokenizer.json of byte-level merges (Radford et al. 2019)."""
    name = str(facts.get("tokenizer.ggml.pre", "gpt-2"))
    if name not in SPLITS:
        raise TuiLmError(
            f"this version does not know the tokenizer's splitting rules {visible_line(name[:40])}",
            f"models whose rules are {', '.join(SPLITS)} can be imported",
        )
    return {
        "version": "1.0",
        "truncation": None,
        "padding": None,
        "post_processor": None,
        "normalizer": None,
        "added_tokens": _added(facts),
        "pre_tokenizer": {"type": "Sequence", "pretokenizers": list(SPLITS[name])},
        "decoder": {"type": "ByteLevel", "add_prefix_space": True, "trim_offsets": True, "use_regex": True},
        "model": {
            "type": "BPE",
            "vocab": {text: i for i, text in enumerate(facts["tokenizer.ggml.tokens"])},
            "merges": list(facts["tokenizer.ggml.merges"]),
            "ignore_merges": name in WHOLE_WORDS,
        },
    }


def _with_byte_fallback(facts: Mapping[str, Any]) -> dict[str, Any]:
    """A tokenizer.json of SentencePiece's merges (LLaMA 1 and 2): the score of a piece is the order of its merge."""
    tokens, scores = facts["tokenizer.ggml.tokens"], facts["tokenizer.ggml.scores"]
    types = facts["tokenizer.ggml.token_type"]
    ids = {text: i for i, text in enumerate(tokens) if types[i] == NORMAL}
    spaced = bool(facts.get("tokenizer.ggml.add_space_prefix", True))
    merges: list[tuple[float, int, str]] = []
    for text, i in ids.items():
        for cut in range(1, len(text)):
            if text[:cut] in ids and text[cut:] in ids:
                merges.append((-float(scores[i]), min(ids[text[:cut]], ids[text[cut:]]), f"{text[:cut]} {text[cut:]}"))
    merges.sort(key=lambda merge: merge[:2])
    space = "\N{LOWER ONE EIGHTH BLOCK}"
    steps: list[dict[str, Any]] = [{"type": "Replace", "pattern": {"String": " "}, "content": space}]
    if spaced:
        steps.insert(0, {"type": "Prepend", "prepend": space})
    return {
        "version": "1.0",
        "truncation": None,
        "padding": None,
        "post_processor": None,
        "normalizer": {"type": "Sequence", "normalizers": steps},
        "added_tokens": _added(facts),
        "pre_tokenizer": None,
        "decoder": {
            "type": "Sequence",
            "decoders": [
                {"type": "Replace", "pattern": {"String": space}, "content": " "},
                {"type": "ByteFallback"},
                {"type": "Fuse"},
            ],
        },
        "model": {
            "type": "BPE",
            "unk_token": tokens[int(facts.get("tokenizer.ggml.unknown_token_id", 0))],
            "fuse_unk": True,
            "byte_fallback": True,
            "vocab": {text: i for i, text in enumerate(tokens)},
            "merges": [merge for _, _, merge in merges],
        },
    }
