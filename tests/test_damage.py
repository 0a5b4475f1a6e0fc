"""A damaged or malicious model folder is refused with a TuiLmError, or loads as it was saved."""

from __future__ import annotations

import contextlib
import io
import json
import struct
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.conftest import fuzz
from tui_lm import checkpoint, tokenizers
from tui_lm.charts import Axes, braille
from tui_lm.checkpoint import SavedModel
from tui_lm.cli import models
from tui_lm.cli.curve import read_events
from tui_lm.completion import Completer, ngram_files
from tui_lm.completion.training_counts import build
from tui_lm.engine import Engine
from tui_lm.errors import TuiLmError
from tui_lm.events import Evaluated, StepDone, to_json
from tui_lm.tokenizers.stream import WritingContext
from tui_lm.tui.jobs.training_process import TrainingProgress
from tui_lm.utterances import Utterance

MANY = fuzz(12)
JSON: st.SearchStrategy[Any] = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**70), 2**70),
    st.floats(),
    st.text(max_size=8),
    st.sampled_from(["\x1b[2J", "../../evil", 10**400]),
    st.lists(st.integers(), max_size=3),
    st.dictionaries(st.text(max_size=4), st.none(), max_size=2),
)
MESSAGES = [
    Utterance(("Ann", "Bob")[i % 2], text) for i, text in enumerate(["see you at six", "ok, see you there"] * 20)
]


@pytest.fixture(params=["char", "subword"])
def folder(request: pytest.FixtureRequest, make_model: Callable[..., SavedModel], home: Path) -> Path:
    model = make_model(tokenizer=request.param)
    saved = home / "models" / "small"
    counted = build(MESSAGES)
    checkpoint.save(saved, model, attach=lambda new: ngram_files.save(counted, new))
    completer = Completer.open(saved)
    completer.learn(WritingContext("see the aubergine", "Cleo"))
    completer.save()
    return saved


def use(folder: Path) -> SavedModel | None:
    """Use a model as a person does. Returns None if it is refused."""
    try:
        model = checkpoint.load(checkpoint.find(str(folder)))
        engine = Engine(model, folder)
        completer = Completer.open(folder, engine)
        for text in ("see y", "the ", ""):
            completer.complete(WritingContext(text, "Ann"))
        completer.learn(WritingContext("see you there", "Ann"))
        completer.complete(WritingContext("see ", "Cleo"))
        engine.generate(WritingContext("see"), max_new_tokens=5, seed=0)
    except TuiLmError as error:
        assert error.message and error.hint
        assert "aubergine" not in error.message + error.hint
        return None
    return model


def look(folder: Path) -> None:
    """List and show the model, or have it refused. No escape sequence may reach the terminal."""
    said = io.StringIO()
    with contextlib.redirect_stdout(said):
        models.list_models()
        with contextlib.suppress(TuiLmError):
            models.show(folder.name)
    assert "\x1b" not in said.getvalue()
    progress = TrainingProgress()
    for event in read_events(folder / checkpoint.EVENTS):
        progress.see(event)
    for points in filter(None, (progress.losses, progress.bits)):
        braille(points, Axes.around(points), 20, 5)


def test_a_saved_model_loads(folder: Path) -> None:
    assert use(folder) is not None
    checkpoint.require_intact(folder, checkpoint.describe(folder))


@MANY
@given(data=st.data())
def test_flipped_bits_are_detected_or_harmless(folder: Path, data: st.DataObject) -> None:
    whole = checkpoint.load(folder)
    files = [path for path in sorted(folder.iterdir()) if path.name not in ("events.jsonl", "config.json")]
    path = data.draw(st.sampled_from(files))
    before = path.read_bytes()
    offset = data.draw(st.integers(0, len(before) - 1))
    flipped = bytearray(before)
    flipped[offset] ^= 1 << data.draw(st.integers(0, 7))
    path.write_bytes(flipped)
    try:
        model = use(folder)
        if not path.name.startswith(("ngrams", "learned")):
            assert model is None
        if not path.name.startswith("learned"):
            with pytest.raises(TuiLmError, match="damaged"):
                checkpoint.require_intact(folder, checkpoint.describe(folder))
        if model is not None:
            assert model.tokenizer.surfaces == whole.tokenizer.surfaces
            for name, weight in whole.weights.items():
                np.testing.assert_array_equal(model.weights[name], weight)
    finally:
        path.write_bytes(before)


@MANY
@given(data=st.data())
def test_damaged_files_are_detected_or_harmless(folder: Path, data: st.DataObject) -> None:
    """The card has no checksums, like those of older versions."""
    config = json.loads((folder / "config.json").read_text("utf-8"))
    kept = (folder / "config.json").read_bytes()
    (folder / "config.json").write_text(json.dumps(config | {"checksums": {}}), "utf-8")
    files = sorted(folder.iterdir())
    path = data.draw(st.sampled_from(files))
    before = path.read_bytes()
    start = data.draw(st.integers(0, len(before)))
    end = data.draw(st.integers(start, min(len(before), start + 64)))
    middle = data.draw(
        st.one_of(
            st.binary(max_size=16),
            st.just(before[start:end] * 2),
            st.sampled_from(
                [b"", b"[" * 5000, b'"', b"-1", b"1e999", b'"\\u001b[2J"', b'{"a": [1]}', b"null", b"\xff" * 64, before]
            ),
            st.sampled_from([other.read_bytes() for other in files]),
        )
    )
    path.write_bytes(before[:start] + middle + before[data.draw(st.sampled_from([start, end, len(before)])) :])
    try:
        use(folder)
        look(folder)
    finally:
        path.write_bytes(before)
        (folder / "config.json").write_bytes(kept)


def entries(value: Any) -> Iterator[tuple[Any, Any]]:
    """Each container in a JSON value with each of its keys."""
    if isinstance(value, dict | list):
        for key in value if isinstance(value, dict) else range(len(value)):
            yield value, key
            yield from entries(value[key])


@MANY
@given(data=st.data())
def test_any_json_value_in_the_card_or_the_events_is_refused_or_harmless(folder: Path, data: st.DataObject) -> None:
    path = folder / "config.json"
    before = path.read_text("utf-8")
    card = json.loads(before) | {"checksums": {}, "metrics": {"best_step": 9, "validation_loss": 1.5}}
    run = [StepDone(n, 9, 0.1, 2.0, 0.01, 1.0, 1e4, 1.0, 1.0) for n in range(9)]
    run += [Evaluated(n, 1.5, 2.0, True, 1.0) for n in (4, 9)]
    events = [json.loads(to_json(event)) for event in run]
    container, key = data.draw(st.sampled_from(list(entries([card, *events]))))
    container[key] = data.draw(JSON)
    try:
        path.write_text(json.dumps(card), "utf-8")
        (folder / "events.jsonl").write_text("\n".join(map(json.dumps, events)), "utf-8")
        use(folder)
        look(folder)
    finally:
        path.write_text(before, "utf-8")


def rewrite(path: Path, change: Callable[[dict[str, Any]], object]) -> None:
    """Change the header of a safetensors file."""
    data = path.read_bytes()
    (length,) = struct.unpack("<Q", data[:8])
    header = json.loads(data[8 : 8 + length])
    change(header)
    changed = json.dumps(header).encode()
    path.write_bytes(struct.pack("<Q", len(changed)) + changed + data[8 + length :])


def unsigned(folder: Path) -> None:
    """Remove the checksums, as someone who changes files on purpose would."""
    path = folder / "config.json"
    path.write_text(json.dumps(json.loads(path.read_text("utf-8")) | {"checksums": {}}), "utf-8")


@pytest.mark.parametrize("name", ["model.safetensors", "ngrams.safetensors", "learned.safetensors"])
@pytest.mark.parametrize(
    "change",
    [
        lambda header: next(iter(header.values())).update(shape=[1 << 60]),
        lambda header: next(iter(header.values())).update(shape=[-1]),
        lambda header: next(iter(header.values())).update(data_offsets=[0, 1 << 62]),
        lambda header: next(iter(header.values())).update(data_offsets=[-8, 8]),
        lambda header: next(iter(header.values())).update(dtype="F64"),
        lambda header: next(iter(header.values())).update(dtype="EVIL"),
        lambda header: [entry.update(data_offsets=[0, 8]) for entry in header.values()],
        lambda header: header.update({"../../evil": next(iter(header.values()))}),
        lambda header: header.clear(),
    ],
    ids=["huge", "negative", "beyond", "before", "wider", "unknown", "overlapping", "another", "none"],
)
def test_a_header_that_does_not_fit_the_file_is_refused(name: str, change: Callable[..., object], folder: Path) -> None:
    unsigned(folder)
    rewrite(folder / name, change)
    assert use(folder) is None


@pytest.mark.parametrize("length", [0, 1, 1 << 20, 1 << 40, (1 << 64) - 1])
@pytest.mark.parametrize("name", ["model.safetensors", "ngrams.safetensors", "learned.safetensors"])
def test_a_header_of_the_wrong_length_is_refused(name: str, length: int, folder: Path) -> None:
    unsigned(folder)
    path = folder / name
    path.write_bytes(struct.pack("<Q", length) + path.read_bytes()[8:])
    assert use(folder) is None


@pytest.mark.parametrize("name", ["config.json", "tokenizer.json"])
@pytest.mark.parametrize("text", ["[" * 100_000, '{"a":' * 100_000, "9" * 100_000, '"', "null", "[]", "{}"])
def test_invalid_json_is_refused(name: str, text: str, folder: Path) -> None:
    unsigned(folder)
    (folder / name).write_text(text)
    assert use(folder) is None


def test_a_number_out_of_range_is_refused(folder: Path) -> None:
    unsigned(folder)
    path = folder / "config.json"
    path.write_text(path.read_text("utf-8").replace("90", "1e999", 1), "utf-8")
    assert json.loads(path.read_text("utf-8"))["split"][0] == float("inf")
    assert use(folder) is None


@pytest.mark.parametrize("discount", [-1.0, 3.5, 1e300, float("inf"), float("nan")])
def test_an_invalid_discount_is_refused(discount: float, folder: Path) -> None:
    from safetensors.numpy import load_file, save_file

    unsigned(folder)
    arrays = load_file(folder / "ngrams.safetensors")
    arrays["discounts"][0, 0, 3] = discount
    save_file(arrays, folder / "ngrams.safetensors")
    assert use(folder) is None


@pytest.mark.parametrize("sums", [{"../../etc/passwd": "0"}, {"/etc/passwd": "0"}, [["a"]], "x", 3])
def test_checksums_of_files_outside_the_folder_are_refused(sums: object, folder: Path) -> None:
    path = folder / "config.json"
    path.write_text(json.dumps(json.loads(path.read_text("utf-8")) | {"checksums": sums}), "utf-8")
    with pytest.raises(TuiLmError, match="damaged"):
        checkpoint.describe(folder)


@pytest.mark.parametrize(
    "data", [b"", b"\0" * 64, b"\x0a\xff\xff\xff\xff\x0f", b"\x0a\x03\x0a\x01a" * 1000, b"PK\x03\x04"]
)
def test_an_invalid_sentencepiece_model_is_refused(
    data: bytes, make_model: Callable[..., SavedModel], tmp_path: Path
) -> None:
    model = make_model(tokenizer="subword")
    model.tokenizer.to_files(tmp_path)
    (tmp_path / "tokenizer.model").write_bytes(data)
    with pytest.raises(TuiLmError):
        if tokenizers.load("subword", tmp_path).target.vocab_size != model.tokenizer.vocab_size:
            raise TuiLmError("of another model", "")  # which loading a model refuses


def test_no_file_of_a_model_is_a_pickle(folder: Path) -> None:
    for path in folder.rglob("*"):
        assert not path.read_bytes().startswith((b"\x80\x02", b"\x80\x03", b"\x80\x04", b"\x80\x05", b"PK\x03\x04"))
