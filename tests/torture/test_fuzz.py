"""Random input for the settings and for `complete --stdio`. Chats and model folders have fuzz tests of their own.

`make torture` tries more examples; TUI_LM_EXAMPLES=1000 takes an hour.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest
import tomli_w
from hypothesis import given
from hypothesis import strategies as st

from tests.conftest import fuzz
from tui_lm.checkpoint import SavedModel
from tui_lm.completion import Completer
from tui_lm.completion.stdio import MOST_CANDIDATES, Server
from tui_lm.completion.training_counts import build
from tui_lm.engine import Engine
from tui_lm.settings import ABOUT, Settings, fits, load_settings, save_settings
from tui_lm.utterances import Utterance

MANY = fuzz(30)

NAMES = st.sampled_from([*asdict(Settings()), "colour", ""])
VALUES: st.SearchStrategy[Any] = st.recursive(
    st.one_of(
        st.booleans(),
        st.integers(-(2**63), 2**63 - 1),
        st.floats(),
        st.text(st.characters(exclude_categories=["Cs"]), max_size=20),
        st.datetimes(),
        st.sampled_from(["", "auto", "nord", "../../etc/passwd", "\x1b[2J", "ctrl+c", "9" * 400]),
    ),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3), st.dictionaries(st.text(st.characters(codec="utf-8"), max_size=8), inner)
    ),
    max_leaves=6,
)


@MANY
@given(values=st.dictionaries(NAMES, VALUES, max_size=8))
def test_settings_of_any_value_are_used_or_reported(values: dict[str, Any], tmp_path: Path) -> None:
    """A value that fits is used, any other is reported; the settings can be saved and read again."""
    path = tmp_path / "settings.toml"
    path.write_bytes(tomli_w.dumps(values).encode())
    found, notices = load_settings(path)
    reported = {notice.removeprefix("settings.toml: ").partition(" ")[0] for notice in notices}
    defaults = asdict(Settings())
    for name, value in asdict(found).items():
        if name in values and name not in reported:
            assert fits(name, value, defaults[name])
            if name in ABOUT and ABOUT[name].low < ABOUT[name].high:
                assert math.isfinite(value) and ABOUT[name].low <= value <= ABOUT[name].high
        else:
            assert value == defaults[name]
    save_settings(found, path)
    assert load_settings(path) == (found, [])


@MANY
@given(data=st.binary(max_size=300))
def test_a_settings_file_of_any_bytes_gives_the_defaults_or_valid_settings(data: bytes, tmp_path: Path) -> None:
    path = tmp_path / "settings.toml"
    path.write_bytes(data)
    found, notices = load_settings(path)
    assert found == Settings() or not notices


@MANY
@given(field=st.sampled_from(sorted(asdict(Settings()))), text=st.text(st.characters(codec="utf-8"), max_size=40))
def test_a_broken_line_in_the_settings_raises_nothing(field: str, text: str, tmp_path: Path) -> None:
    path = tmp_path / "settings.toml"
    save_settings(Settings(), path)
    lines = path.read_text("utf-8").splitlines()
    path.write_text("\n".join(f"{field} = {text}" if line.startswith(field) else line for line in lines), "utf-8")
    load_settings(path)


JSON: st.SearchStrategy[Any] = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=60)),
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(st.text(max_size=8), inner, max_size=4)),
    max_leaves=8,
)
TURNS = st.lists(st.lists(st.one_of(st.none(), st.text(max_size=20), JSON), max_size=3), max_size=6)
FIELDS = {
    "id": st.one_of(st.integers(), st.text(max_size=5), JSON),
    "text": st.one_of(st.text(max_size=80), JSON),
    "n": st.one_of(st.integers(-2, MOST_CANDIDATES + 2), JSON),
    "author": st.one_of(st.none(), st.sampled_from(["Ann", "Bob", "[other]"]), JSON),
    "history": st.one_of(TURNS, JSON),
    "sent": st.one_of(st.text(max_size=80), JSON),
    "reset": st.one_of(st.just(True), JSON),
}


@st.composite
def lines(draw: st.DrawFn) -> bytes:
    kind = draw(st.integers(0, 4))
    if kind == 0:
        return draw(st.binary(max_size=200)).replace(b"\n", b"")
    if kind == 1:
        return json.dumps(draw(JSON)).encode()
    names = draw(st.sets(st.sampled_from(sorted(FIELDS)), min_size=1))
    line = json.dumps({name: draw(FIELDS[name]) for name in sorted(names)}).encode()
    if kind == 2:
        at = draw(st.integers(0, len(line) - 1))
        return line[:at] + draw(st.binary(max_size=4)).replace(b"\n", b"") + line[at + 1 :]
    return line


@pytest.fixture(params=["char", "subword"])
def server(request: pytest.FixtureRequest, make_model: Callable[..., SavedModel]) -> Server:
    counted = build([Utterance("Ann", "see you at six")] * 9)
    return Server(Completer(Engine(make_model(tokenizer=request.param)), counted))


@MANY
@given(sent=st.lists(lines(), max_size=5))
def test_stdio_answers_every_line_with_valid_json(server: Server, sent: list[bytes]) -> None:
    """One answer a line, of a known form, in strict JSON, never an internal error; a good line still works."""
    out: list[str] = []
    server.serve([*sent, b'{"id": "good", "text": "see y"}'], out.append)
    assert len(out) == len(sent) + 1
    for answer in out:
        assert answer.endswith("\n") and "\n" not in answer[:-1]
        found = json.loads(answer, parse_constant=lambda name: pytest.fail(f"{name} is not JSON"))
        assert found.keys() in ({"id", "candidates", "ghost", "ms"}, {"id", "error"}, {"ok"})
        assert "failed inside" not in found.get("error", ""), found
        for candidate in found.get("candidates", ()):
            assert 0 <= candidate["probability"] <= 1.000001
    assert json.loads(out[-1])["id"] == "good" and "candidates" in json.loads(out[-1])
