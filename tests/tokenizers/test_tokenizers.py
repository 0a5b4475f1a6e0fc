"""Tokenizers: round trips for any text, files, spans."""

from __future__ import annotations

import json
from contextlib import suppress
from pathlib import Path

import pytest
import sentencepiece
from hypothesis import given
from hypothesis import strategies as st

from tests.conftest import AUTHORS, TEXTS
from tui_lm import tokenizers
from tui_lm.errors import TuiLmError
from tui_lm.tokenizers import Specials, Tokenizer, pieces
from tui_lm.tokenizers.specials import OTHER, UNKNOWN
from tui_lm.tokenizers.stream import message_ids

FITTED = {kind: tokenizers.train(kind, TEXTS, Specials(AUTHORS), 700) for kind in tokenizers.KINDS}
EVERY_STRING = st.text(st.characters(codec=None), max_size=60)  # lone surrogates and NUL too


@pytest.fixture(params=tokenizers.KINDS)
def tokenizer(request: pytest.FixtureRequest) -> Tokenizer:
    return FITTED[request.param]


@given(EVERY_STRING)
@pytest.mark.parametrize("kind", ["char", "subword"])
def test_decoding_gives_back_every_string(kind: str, text: str) -> None:
    tokenizer = FITTED[kind]
    ids = tokenizer.encode(text)
    assert tokenizer.decode(ids) == text
    assert all(len(tokenizer.specials) <= token < tokenizer.vocab_size for token in ids)


@given(EVERY_STRING)
def test_words_have_an_id_or_are_unknown(text: str) -> None:
    tokenizer = FITTED["word"]
    ids = tokenizer.encode(text)
    assert all(token == UNKNOWN or len(tokenizer.specials) <= token < tokenizer.vocab_size for token in ids)
    tokenizer.decode(ids)


@pytest.mark.parametrize("text", TEXTS[:6])
def test_words_seen_in_training_survive_a_round_trip(text: str) -> None:
    assert FITTED["word"].decode(FITTED["word"].encode(text)) == text


@pytest.mark.parametrize("text", ["<s>", "</s> [other] [Ann]", "<unk> <author:0> <0x41>"])
def test_text_that_looks_like_a_special_token_is_ordinary_text(tokenizer: Tokenizer, text: str) -> None:
    if tokenizer.lossless:
        assert tokenizer.decode(tokenizer.encode(text)) == text
    assert all(token == UNKNOWN or token >= len(tokenizer.specials) for token in tokenizer.encode(text))


def test_a_message_is_spelled_with_its_author_and_its_end(tokenizer: Tokenizer) -> None:
    ids = message_ids(tokenizer, "ok", "Bob")
    assert [tokenizer.specials.label(token) for token in (ids[0], ids[1], ids[-1])] == ["<s>", "[Bob]", "</s>"]
    assert message_ids(tokenizer, "ok", "a stranger")[1] == OTHER
    assert message_ids(tokenizer, "ok", None)[1:-1] == tokenizer.encode("ok")


def test_a_saved_tokenizer_loads_unchanged(tokenizer: Tokenizer, tmp_path: Path) -> None:
    tokenizer.to_files(tmp_path)
    loaded = tokenizers.load(tokenizer.name, tmp_path).target
    assert loaded.specials == tokenizer.specials
    assert list(loaded.surfaces) == list(tokenizer.surfaces)
    for text in [*TEXTS[:6], "unseen ☃ text"]:
        assert loaded.encode(text) == tokenizer.encode(text)


def test_damaged_tokenizer_files_raise_an_error(tokenizer: Tokenizer, tmp_path: Path) -> None:
    tokenizer.to_files(tmp_path)
    for path in tmp_path.iterdir():
        whole = path.read_bytes()
        path.write_bytes(whole[: len(whole) // 2])
        with pytest.raises(TuiLmError):
            tokenizers.load(tokenizer.name, tmp_path)
        path.write_bytes(whole)


def test_rare_training_characters_are_spelled_in_bytes() -> None:
    """Else the byte tokens would have random weights and an unseen character a price that means nothing."""
    fitted = tokenizers.train("char", ["aaaa", "é"], Specials())
    assert fitted.encode("a") != [len(fitted.specials) + ord("a")]
    assert fitted.encode("é") == [len(fitted.specials) + value for value in "é".encode()]


def test_only_frequent_authors_get_a_token() -> None:
    specials = Specials.of_authors(["Ann"] * 30 + ["Bob"] * 50 + ["Eve"] * 3 + [None])
    assert specials.authors == ("Bob", "Ann")
    assert specials.author_id("Eve") == OTHER


@pytest.mark.parametrize("kind", tokenizers.KINDS)
def test_an_extended_tokenizer_keeps_its_old_tokens_after_the_new_authors(kind: str, tmp_path: Path) -> None:
    """The embeddings of a base can be copied in the order of its tokens."""
    old = FITTED[kind]
    new = old.extended(Specials(("Zoë", "Ann", "Bob")), ["жжж ok жжж жжж"])
    shift = len(new.specials) - len(old.specials)
    assert new.surfaces[len(new.specials) : old.vocab_size + shift] == old.surfaces[len(old.specials) :]
    assert new.encode("see you") == [token + shift for token in old.encode("see you")]
    assert new.decode(new.encode("ok жжж")) == "ok жжж"
    new.to_files(tmp_path)
    loaded = tokenizers.load(kind, tmp_path).target
    assert loaded.specials == new.specials
    assert loaded.surfaces == new.surfaces


def test_pieces_of_a_subword_model_match_sentencepiece() -> None:
    model = FITTED["subword"].model
    processor = sentencepiece.SentencePieceProcessor()
    processor.LoadFromSerializedProto(model)
    read = pieces.read_pieces(model)
    assert [piece.text for piece in read] == [processor.IdToPiece(i) for i in range(processor.GetPieceSize())]
    assert [piece.score for piece in read] == [processor.GetScore(i) for i in range(len(read))]
    assert pieces.is_bpe(model)
    spaced = sentencepiece.SentencePieceProcessor()
    spaced.LoadFromSerializedProto(pieces.with_first_space(pieces.with_pieces(model, read), True))
    assert spaced.EncodeAsIds("see you") == processor.EncodeAsIds(" see you")


@given(st.binary(max_size=40))
def test_bytes_that_are_no_subword_model_raise_an_error(data: bytes) -> None:
    with suppress(ValueError):
        pieces.read_pieces(data)


@given(EVERY_STRING)
@pytest.mark.parametrize("kind", tokenizers.KINDS)
def test_token_spans_cover_the_text(kind: str, text: str) -> None:
    tokenizer = FITTED[kind]
    spans = tokenizer.spans(text)
    assert len(spans) == len(tokenizer.encode(text))
    covered = 0
    for start, end in spans:
        assert start <= covered and start <= end <= len(text)  # the bytes of a character share it
        covered = max(covered, end)
    assert covered == len(text)


def test_the_span_of_a_token_holds_its_text() -> None:
    text = "see ☃ tomorrow"
    words = FITTED["word"]
    assert [text[start:end] for start, end in words.spans(text)] == ["see", " ☃", " tomorrow"]
    for start, end in FITTED["char"].spans(text)[4:7]:  # three bytes
        assert text[start:end] == "☃"


def test_a_trimmed_vocabulary_cuts_the_training_text_as_before() -> None:
    pytest.importorskip("tokenizers", reason="needs the extra `base`")
    from tests.exchange.test_gguf_base import byte_level
    from tui_lm.tokenizers.bpe import BpeTokenizer

    whole = BpeTokenizer(
        Specials(), json.dumps(byte_level([*TEXTS, "and a great many other words that no message has"] * 3))
    )
    trimmed = whole.trimmed(Specials(("Ann",)), TEXTS, most_frequent=0)
    assert trimmed.vocab_size < whole.vocab_size
    for text in TEXTS:
        one, other = ([t.surfaces[token] for token in t.encode(text)] for t in (whole, trimmed))
        assert one == other
    for text in ("another text, 1984 ✓", "\x00\ud800", "नमस्ते"):
        assert trimmed.decode(trimmed.encode(text)) == text
