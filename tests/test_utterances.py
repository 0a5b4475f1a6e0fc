"""Utterances in a file read like those in a list, and no process leaves any of them behind."""

from __future__ import annotations

import os
import signal
import stat
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui_lm import paths, utterances
from tui_lm.utterances import Spool, Utterance, authors_of, kept, latest, sampled

SAID = [
    Utterance(("Ann", "Bob", None)[i % 3], f"message {i} né 👍\n" * (i % 7), None if i % 5 == 0 else 60.0 * i)
    for i in range(100)
]


@given(
    st.lists(
        st.builds(
            Utterance,
            st.sampled_from([None, "Ann", "Bob"]),
            st.text(st.characters(exclude_categories=())),  # lone surrogates too
            st.none() | st.floats(allow_nan=False),
        )
    ),
    st.slices(20),
)
def test_a_file_reads_like_a_list(said: list[Utterance], part: slice) -> None:
    spool = Spool.of(said)
    assert list(spool) == said
    assert list(spool[part]) == said[part]
    assert [spool[i] for i in range(-len(said), len(said))] == said * 2
    assert list(authors_of(spool[part])) == list(authors_of(said[part]))
    with pytest.raises(IndexError):
        spool[len(said)]


def test_utterances_longer_than_a_block_are_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(utterances, "BLOCK", 50)
    assert list(Spool.of(SAID)) == SAID


def test_a_file_is_used_only_above_the_memory_limit() -> None:
    assert isinstance(kept(iter(SAID)), list)
    spooled = kept(iter(SAID), most=500)
    assert isinstance(spooled, Spool)
    assert list(spooled) == SAID


@pytest.mark.parametrize("hold", [list, Spool.of])
def test_a_sample_is_spread_evenly(hold: Callable[[list[Utterance]], Sequence[Utterance]]) -> None:
    said = hold(SAID)
    assert list(sampled(said, 10**6)) == SAID
    few = list(sampled(said, 300))
    assert 0 < sum(len(u.text) for u in few) < 900
    assert {SAID.index(u) // 20 for u in few} == set(range(5))


@pytest.mark.parametrize("hold", [list, Spool.of])
def test_the_latest_utterances_have_about_the_given_size(
    hold: Callable[[list[Utterance]], Sequence[Utterance]],
) -> None:
    said = hold(SAID)
    few = list(latest(said, 300))
    assert few == SAID[-len(few) :]
    assert 200 < sum(len(u.text) for u in few) < 420
    assert list(latest(said, 10**6)) == SAID
    assert list(latest(hold(SAID[:1]), 1)) == SAID[:1]
    assert list(latest(hold([]), 5)) == []


def test_a_killed_process_leaves_no_file(tmp_path: Path) -> None:
    code = (
        "from tui_lm.utterances import Spool, Utterance\n"
        "spool = Spool.of([Utterance(None, 'private words')] * 1000)\n"
        "print(spool[0].text, flush=True)\n"
        "input()\n"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", code],
        env={**os.environ, "TUI_LM_HOME": str(tmp_path)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    assert process.stdin is not None
    with process.stdin, process.stdout:
        assert process.stdout.readline() == "private words\n"
        os.kill(process.pid, signal.SIGKILL if sys.platform != "win32" else signal.SIGTERM)
        process.wait()
    scratch = tmp_path / "scratch"
    assert list(scratch.iterdir()) == []
    assert stat.S_IMODE(scratch.stat().st_mode) == 0o700


def test_leftovers_of_a_power_failure_are_deleted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TUI_LM_HOME", str(tmp_path))
    left = paths.make_private(paths.scratch_dir()) / "left"
    left.write_text("private words", "utf-8")
    assert list(Spool.of(SAID)) == SAID
    assert not left.exists()
