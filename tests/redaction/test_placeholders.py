"""Every tokenizer encodes placeholders as text, and without the barred tokens a model cannot write one."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui_lm import tokenizers
from tui_lm.redaction.placeholder import FIRST, PLACEHOLDERS, PrivateKind, begins_placeholder, holds_placeholder
from tui_lm.tokenizers import Specials
from tui_lm.tokenizers.specials import UNKNOWN

ALL = "".join(PLACEHOLDERS.values())
TEXTS = [f"call me on {mark}, or {mark}" for mark in PLACEHOLDERS.values()] * 5 + ["see you at six", "नमस्ते"] * 20


@pytest.mark.parametrize("kind", tokenizers.KINDS)
@pytest.mark.parametrize("texts", [TEXTS, ["see you at six, said the cat", "it was here"] * 40], ids=["seen", "unseen"])
def test_a_placeholder_cannot_be_written_without_a_barred_token(kind: str, texts: list[str]) -> None:
    tokenizer = tokenizers.train(kind, texts, Specials(("Ann",)), 600)
    barred = {token for token, surface in enumerate(tokenizer.surfaces) if begins_placeholder(surface)}
    for mark in PLACEHOLDERS.values():
        spelled = tokenizer.encode(f"at {mark}!")
        assert (barred | {UNKNOWN}) & set(spelled)
    plain = tokenizer.encode("at six, said नमस्ते 👍")
    assert not barred & set(plain)


@given(st.lists(st.sampled_from([bytes([b]) for b in range(256)] + [b"a", "é".encode(), b"\xe9\xa7"]), max_size=12))
def test_byte_tokens_that_are_not_barred_never_form_a_placeholder(surfaces: list[bytes]) -> None:
    kept = b"".join(surface for surface in surfaces if not begins_placeholder(surface))
    assert not holds_placeholder(kept.decode("utf-8", "replace"))


def test_other_private_characters_are_not_placeholders() -> None:
    for character in (chr(FIRST - 1), chr(FIRST + 16), "\ue415", "\uf8ff", "駰"):
        assert not holds_placeholder(character)
        assert not begins_placeholder(character.encode())


def test_every_kind_has_its_own_placeholder() -> None:
    assert len(set(ALL)) == len(PrivateKind) <= 16
    assert holds_placeholder(f"a{ALL[-1]}b") and not holds_placeholder("") and not holds_placeholder("ascii é")
