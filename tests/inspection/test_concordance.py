"""The index holds the network's own values, finds the strongest hits, is private and can be deleted."""

from __future__ import annotations

import stat
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.conftest import TEXTS
from tui_lm.engine import Engine
from tui_lm.errors import TuiLmError
from tui_lm.inspection import concordance
from tui_lm.inspection.concordance import Concordance
from tui_lm.inspection.recording import record
from tui_lm.tokenizers.stream import WritingContext
from tui_lm.utterances import Utterance

CHAT = [Utterance("Ann" if i % 2 else "Bob", text) for i, text in enumerate(TEXTS)]


def built(*arguments: Any, **options: Any) -> Concordance:
    """The index, without a look at the progress."""
    building = concordance.building(*arguments, **options)
    while True:
        try:
            next(building)
        except StopIteration as end:
            return end.value


@pytest.fixture
def engine(saved: Path) -> Engine:
    return Engine.open(saved)


@pytest.fixture
def index(engine: Engine) -> Concordance:
    return built(engine, CHAT, layer=0, name="hidden_state", source="s")


def test_every_token_of_the_chat_has_its_values(engine: Engine, index: Concordance) -> None:
    history = [(u.author, u.text) for u in CHAT[:3]]
    recording = record(engine, WritingContext(CHAT[3].text, CHAT[3].author, history))
    rows = np.flatnonzero(index.messages == 3)
    assert index.positions[rows].tolist() == list(range(len(engine.tokenizer.encode(CHAT[3].text))))
    ours = index.values[rows] / concordance.STEPS * index.limit
    np.testing.assert_allclose(ours, recording.series(0, "hidden_state")[2:], atol=index.limit / concordance.STEPS)


def test_only_the_end_of_a_long_chat_is_indexed(engine: Engine) -> None:
    index = built(engine, CHAT, layer=0, name="forget", source="s", most=30)
    assert index.messages[-1] == len(CHAT) - 1
    assert 30 <= len(index.values) < 30 + max(len(engine.tokenizer.encode(u.text)) for u in CHAT)
    long = built(engine, [Utterance(None, "ab " * 50)], layer=0, name="forget", source="s", most=30)
    assert long.positions.tolist() == list(range(120, 150))


def test_hits_of_a_unit_are_its_largest_values_at_a_distance(engine: Engine, index: Concordance) -> None:
    hits = concordance.of_unit(index, 5, 6)
    sizes = np.abs(index.values[:, 5].astype(int))
    assert abs(hits[0][1]) == pytest.approx(sizes.max() / concordance.STEPS * index.limit)
    rows = [row for row, _ in hits]
    for i, row in enumerate(rows):
        for other in rows[:i]:
            assert index.messages[row] != index.messages[other] or abs(row - other) > concordance.APART


def test_a_pattern_finds_itself_first(engine: Engine, index: Concordance) -> None:
    row = 37
    values = index.values[row, [1, 4, 9]] / concordance.STEPS * index.limit
    (first, count), *_ = concordance.of_pattern(index, [1, 4, 9], values, 5)
    assert count == 3
    assert (index.values[first, [1, 4, 9]] == index.values[row, [1, 4, 9]]).all()


def test_a_hit_is_shown_with_the_text_around_it(engine: Engine, index: Concordance) -> None:
    recording = record(engine, WritingContext("see", "Ann"))
    row = int(np.flatnonzero((index.messages == 0) & (index.positions == 4))[0])
    frame = concordance.found(recording, index, [(row, 0.5)], CHAT, "Unit 5", "value")
    (table,) = frame.parts
    assert table.rows[0][1].strip() == "see" and table.rows[0][3] == "ou tomorrow at six"[: concordance.AROUND]
    assert table.rows[0][2] == "y"


def test_the_index_is_private_reused_and_deleted(engine: Engine, index: Concordance, saved: Path) -> None:
    concordance.save(index, saved)
    path = saved / concordance.FILE
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    for utterance in CHAT:
        assert utterance.text.encode() not in path.read_bytes()
    kept = concordance.load(saved, layer=0, name="hidden_state", source="s")
    assert kept is not None
    np.testing.assert_array_equal(kept.values, index.values)
    assert concordance.load(saved, layer=0, name="forget", source="s") is None
    assert concordance.load(saved, layer=0, name="hidden_state", source="another") is None
    path.write_bytes(path.read_bytes()[:100])
    assert concordance.load(saved, layer=0, name="hidden_state", source="s") is None, "a damaged one is built again"
    assert concordance.forget(saved) and not path.exists()
    assert not concordance.forget(saved)


def test_an_index_of_other_weights_is_not_used(engine: Engine, index: Concordance, saved: Path) -> None:
    concordance.save(index, saved)
    weights = saved / "model.safetensors"
    weights.write_bytes(weights.read_bytes() + b" ")
    assert concordance.load(saved, layer=0, name="hidden_state", source="s") is None


def test_a_chat_without_text_is_refused(engine: Engine) -> None:
    with pytest.raises(TuiLmError):
        built(engine, [], layer=0, name="forget", source="s")
