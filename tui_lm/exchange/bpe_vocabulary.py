"""The vocabulary of a pretrained base, fine-tuned or trimmed, in the forms that other programs read.

Ids are ours: `<unk>`, `<s>`, `</s>`, `[other]`, a token an author, then what is left of the base's own tokens.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from tui_lm.errors import TuiLmError
from tui_lm.exchange.gguf_tokenizer import added_token, split_name
from tui_lm.tokenizers.bpe import BpeTokenizer
from tui_lm.tokenizers.pieces import Piece, PieceKind
from tui_lm.tokenizers.specials import BEGIN, FIXED
from tui_lm.tokenizers.subword import author_piece


@dataclass(frozen=True, slots=True)
class BpeVocabulary:
    """`pieces` by id, spelled as the base spells them; `split` is llama.cpp's name of its pre-tokenizers.

    `split` is None for SentencePiece's merges, where a piece's score is the order of its merge.
    """

    pieces: list[Piece]
    merges: list[str]
    split: str | None
    spaced: bool  # whether a text begins with a space


def bpe_vocabulary(tokenizer: BpeTokenizer) -> BpeVocabulary:
    """Raises TuiLmError for splitting rules that llama.cpp has no name for."""
    values = json.loads(tokenizer.model)
    merges = [merge if isinstance(merge, str) else " ".join(merge) for merge in values["model"]["merges"]]
    texts, plain = _texts(tokenizer, values), _plain(values)
    if not _byte_level(values):
        order: dict[str, int] = {}
        for i, merge in enumerate(merges):
            order.setdefault(merge.replace(" ", "", 1), i)
        pieces = [
            Piece(text, -float(order.get(text, len(order))), PieceKind.BYTE if _is_byte(text) else kind)
            for text, kind in _kinds(tokenizer, texts, plain)
        ]
        steps = (values.get("normalizer") or {}).get("normalizers", ())
        return BpeVocabulary(pieces, merges, None, any(step["type"] == "Prepend" for step in steps))
    before = values["pre_tokenizer"]
    split = split_name(before["pretokenizers"] if before["type"] == "Sequence" else [before])
    if split is None:
        raise TuiLmError(
            "llama.cpp has no name for the way in which this model's tokenizer splits a text",
            "export it with --to hf",
        )
    return BpeVocabulary(
        [Piece(text, 0.0, kind) for text, kind in _kinds(tokenizer, texts, plain)], merges, split, False
    )


def bpe_json(tokenizer: BpeTokenizer) -> dict[str, Any]:
    """tokenizer.json with our ids; every text begins with `<s>`."""
    values: dict[str, Any] = json.loads(tokenizer.model)
    texts, plain = _texts(tokenizer, values), _plain(values)
    specials = texts[: len(tokenizer.specials)]
    added = [(i, text, True) for i, text in enumerate(specials)]
    added += [(i, text, False) for i, text in enumerate(texts) if i >= len(specials) and text in plain]
    values["added_tokens"] = [added_token(*token) for token in added]
    begin = specials[BEGIN]
    first = {"SpecialToken": {"id": begin, "type_id": 0}}
    values["post_processor"] = {
        "type": "TemplateProcessing",
        "single": [first, {"Sequence": {"id": "A", "type_id": 0}}],
        "pair": [first, {"Sequence": {"id": "A", "type_id": 0}}, {"Sequence": {"id": "B", "type_id": 1}}],
        "special_tokens": {begin: {"id": begin, "ids": [BEGIN], "tokens": [begin]}},
    }
    values["model"]["vocab"] = {text: i for i, text in enumerate(texts)}
    if values["model"].get("unk_token") not in (None, *texts):
        values["model"]["unk_token"] = specials[0]
    return values


def special_texts(tokenizer: BpeTokenizer) -> list[str]:
    """The texts of our special tokens, by id. One that is an ordinary token of the base is put in brackets."""
    values = json.loads(tokenizer.model)
    return _texts(tokenizer, values)[: len(tokenizer.specials)]


def _texts(tokenizer: BpeTokenizer, values: dict[str, Any]) -> list[str]:
    """The text of every token by our id, each once."""
    named = {token: text for text, token in values["model"]["vocab"].items()}
    named |= {token["id"]: token["content"] for token in values["added_tokens"]}
    own = [named[token] for token in tokenizer.theirs]
    taken, ours = set(own), [*FIXED, *(author_piece(i).text for i in range(len(tokenizer.specials.authors)))]
    for i in range(len(ours)):
        while ours[i] in taken:
            ours[i] = f"<{ours[i]}>"
    return [*ours, *own]


def _kinds(tokenizer: BpeTokenizer, texts: list[str], plain: set[str]) -> list[tuple[str, PieceKind]]:
    specials = len(tokenizer.specials)
    kinds = [PieceKind.UNKNOWN, *[PieceKind.CONTROL] * (specials - 1)]
    kinds += [PieceKind.USER_DEFINED if text in plain else PieceKind.NORMAL for text in texts[specials:]]
    return list(zip(texts, kinds, strict=True))


def _plain(values: dict[str, Any]) -> set[str]:
    """Added tokens that are ordinary text and never split."""
    return {token["content"] for token in values["added_tokens"] if not token.get("special")}


def _byte_level(values: dict[str, Any]) -> bool:
    return "ByteLevel" in json.dumps([values["pre_tokenizer"], values["decoder"]])


def _is_byte(text: str) -> bool:
    return len(text) == 6 and text.startswith("<0x") and text.endswith(">")
