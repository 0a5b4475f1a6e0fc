"""An epoch has the same batches from memory and from a file, prepared in large blocks and in small ones."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

import numpy as np
import pytest
import torch

from tests.trainers.conftest import TOKENIZER, UTTERANCES
from trainers import data
from trainers.data import Batch, TextStream, stream_batches, window_batches
from trainers.ids import Ids
from trainers.task_settings import StreamSettings, WindowSettings
from tui_lm.tokenizers.specials import OTHER
from tui_lm.utterances import Utterance

CHAT = TextStream.of(UTTERANCES, TOKENIZER, "chat")
PROSE = TextStream.of([Utterance(None, "lorem ipsum dolor " * 90)], TOKENIZER, "prose")
Read = Callable[[TextStream], list[Batch]]


def as_streams(stream: TextStream) -> list[Batch]:
    return list(stream_batches(stream, StreamSettings(4, 16, 0.3, 0.5), np.random.default_rng(7)))


def as_windows(stream: TextStream) -> list[Batch]:
    return list(window_batches(stream, WindowSettings(4, 30, 0.3, 0.5), np.random.default_rng(7)))


def parts(batches: list[Batch]) -> Iterator[torch.Tensor]:
    for batch in batches:
        yield from (batch.inputs, batch.targets, batch.fresh)


def assert_equal(some: list[Batch], others: list[Batch]) -> None:
    assert some
    assert len(some) == len(others)
    assert all(torch.equal(one, other) for one, other in zip(parts(some), parts(others), strict=True))


@pytest.mark.parametrize("read", [as_streams, as_windows])
@pytest.mark.parametrize("stream", [CHAT, PROSE], ids=["chat", "prose"])
def test_batches_from_a_file_equal_those_from_memory(stream: TextStream, read: Read) -> None:
    mapped = Ids.of(([token] for token in stream.ids.array.tolist()), TOKENIZER.vocab_size, most=10)
    assert mapped._mapped is not None
    assert stream.ids._mapped is None
    assert_equal(read(stream), read(replace(stream, ids=mapped)))
    assert replace(stream, ids=mapped).predicted() == stream.predicted()


@pytest.mark.parametrize("read", [as_streams, as_windows])
def test_an_epoch_does_not_depend_on_the_block_size(read: Read, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = read(CHAT)
    monkeypatch.setattr(data, "BLOCK", 100)
    assert_equal(whole, read(CHAT))


def test_omitting_authors_changes_nothing_else() -> None:
    ids = CHAT.at(np.arange(len(CHAT)))
    names = (ids >= OTHER) & (ids < len(TOKENIZER.specials))
    kept = np.delete(ids, np.flatnonzero(names)[np.random.default_rng(3).random(names.sum()) < 0.5])
    for offset in (0, 1, len(kept) - 1):
        stream = CHAT.without_authors(0.5, np.random.default_rng(3)).rotated(offset)
        assert np.array_equal(stream.at(np.arange(len(stream))), np.roll(kept, -offset))


@pytest.mark.parametrize(("vocab_size", "kind"), [(300, np.uint16), (65_536, np.uint16), (65_537, np.uint32)])
def test_ids_take_two_bytes_up_to_65536_tokens(vocab_size: int, kind: type) -> None:
    ids = Ids.of([[vocab_size - 1]], vocab_size)
    assert ids.array.dtype == kind
    assert ids.at(slice(None)).tolist() == [vocab_size - 1]


@pytest.mark.parametrize("tokenizer", ["char", "word", "subword"])
def test_pieces_of_a_text_have_the_ids_of_the_whole(tokenizer: str) -> None:
    from tui_lm import tokenizers

    text = "the quick brown fox jumps over the lazy dog, and so on and on.\n" * 20
    fitted = tokenizers.train(tokenizer, [text] * 4, tokenizers.Specials(), 600)
    cut = text.rindex(" ", 0, 500)
    whole = TextStream.of([Utterance(None, text)], fitted, "prose")
    pieces = TextStream.of([Utterance(None, text[:cut]), Utterance(None, text[cut:])], fitted, "prose")
    assert np.array_equal(whole.ids.array, pieces.ids.array)


@pytest.mark.skipif(not torch.cuda.is_available(), reason="no CUDA device")
@pytest.mark.parametrize(
    ("cut", "settings"),
    [(stream_batches, StreamSettings(4, 16, 0.3, 0.5)), (window_batches, WindowSettings(4, 16, 0.3, 0.5))],
)
def test_batches_lie_on_the_device(cut: Callable[..., Iterator[Batch]], settings: object) -> None:
    batches = [list(cut(PROSE, settings, np.random.default_rng(7), device)) for device in ("cpu", "cuda")]
    assert all(part.is_cuda for part in parts(batches[1]))
    assert_equal(batches[0], [Batch(*(part.cpu() for part in parts([batch]))) for batch in batches[1]])
