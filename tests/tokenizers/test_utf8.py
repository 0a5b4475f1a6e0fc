"""Generated text is valid UTF-8 although characters may be spelled in byte tokens."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui_lm.checkpoint import SavedModel
from tui_lm.engine import Engine
from tui_lm.sampling import Sampler
from tui_lm.tokenizers.stream import WritingContext
from tui_lm.tokenizers.utf8 import Utf8, incomplete


@given(st.text(alphabet=st.characters(exclude_categories=["Cs"])), st.integers(0, 3))
def test_the_incomplete_character_at_the_end_is_found(text: str, cut: int) -> None:
    data = text.encode()
    left = data[: max(0, len(data) - cut)]
    rest = incomplete(left)
    assert rest is not None
    left[: len(left) - len(rest)].decode()
    assert incomplete(left + b"\xff") is None


def test_every_incomplete_character_can_be_completed() -> None:
    utf8 = Utf8([bytes([value]) for value in range(256)])
    waiting = [bytes([value]) for value in range(256) if incomplete(bytes([value]))]
    while waiting:
        pending = waiting.pop()
        following = utf8.continuing(pending)
        assert following
        waiting += [pending + bytes([value]) for value in following if incomplete(pending + bytes([value]))]


def test_only_tokens_that_keep_a_character_valid_may_follow() -> None:
    surfaces = [b"", b"a", b"\xf0", b"\x9f", b"\x91\x8d", b"\xe2\x82", b"\xff", b"\x8d b"]
    utf8 = Utf8(surfaces)
    assert utf8.never_first == [3, 4, 6, 7]
    assert utf8.continuing(b"\xf0") == [3, 4]
    assert utf8.continuing(b"\xf0\x9f") == [3, 4]
    assert utf8.continuing(b"\xf0\x9f\x91") == [3, 7]


@pytest.mark.parametrize("tokenizer", ["char", "subword"])
def test_generated_text_holds_no_replacement_character(make_model: Callable[..., SavedModel], tokenizer: str) -> None:
    engine = Engine(make_model(tokenizer=tokenizer))
    hot = Sampler(temperature=3.0)
    for seed in range(20):
        answer = engine.generate(WritingContext("see 👍"), sampler=hot, max_new_tokens=40, seed=seed)
        assert "\N{REPLACEMENT CHARACTER}" not in answer.text
