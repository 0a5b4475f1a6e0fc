"""The report of `tui-lm evaluate`, its command, and the `tui-lm complete` command."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from tui_lm import checkpoint
from tui_lm.checkpoint import SavedModel
from tui_lm.cli.complete import complete
from tui_lm.cli.evaluate import evaluate
from tui_lm.completion import Completer
from tui_lm.corpus import Utterance, fingerprint, read_corpus
from tui_lm.engine import Engine
from tui_lm.errors import TuiLmError
from tui_lm.evaluation import evaluate as report

SAVINGS = {"3", "1", "limit", "ci95", "next_word_top1", "next_word_top3"}
cli = typer.Typer()
cli.command()(complete)
cli.command()(evaluate)


def run(*arguments: object, stdin: bytes | None = None) -> str:
    result = CliRunner().invoke(cli, list(map(str, arguments)), input=stdin, catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result.stdout


def test_a_split_without_messages_gives_nulls(make_model: Callable[..., SavedModel]) -> None:
    engine = Engine(make_model())
    empty = report(engine, Completer(engine), [])
    assert empty == {
        "bits_per_char": None,
        "perplexity": None,
        "characters": 0,
        "keystroke_savings": dict.fromkeys(sorted(SAVINGS)),
        "glancing": {"3": None, "1": None, "ci95": None},
        "ghost": {"acceptance": None, "wrong_shows": None},
        "searches_finished": None,
        "latency_ms": {"p50": None, "p95": None},
    }


@pytest.mark.parametrize("tokenizer", ["char", "word", "subword"])
def test_the_report_of_a_chat_holds_all_figures(make_model: Callable[..., SavedModel], tokenizer: str) -> None:
    engine = Engine(make_model(tokenizer=tokenizer))
    found = report(engine, Completer(engine), [Utterance("Ann", "see you"), Utterance("Bob", "(ok) 👍")])
    assert (found["bits_per_char"] is None) == (tokenizer == "word")
    assert found["perplexity"] > 1
    assert set(found["keystroke_savings"]) == SAVINGS
    assert 0 < found["latency_ms"]["p50"] <= found["latency_ms"]["p95"]
    json.dumps(found, allow_nan=False)


def test_figures_that_were_not_asked_for_are_null(make_model: Callable[..., SavedModel]) -> None:
    engine = Engine(make_model())
    texts = [Utterance("Ann", "see you"), Utterance("Bob", "see you there")]
    glance = report(engine, Completer(engine), texts, metrics=["glance"])
    assert glance["bits_per_char"] is glance["perplexity"] is glance["keystroke_savings"]["3"] is None
    assert glance["latency_ms"] == {"p50": None, "p95": None}
    assert glance["glancing"]["3"] is not None and glance["ghost"]["wrong_shows"] is not None
    latency = report(engine, Completer(engine), texts, metrics=["latency"])
    assert latency["latency_ms"]["p50"] > 0 and latency["keystroke_savings"]["3"] is None
    assert latency["glancing"]["3"] is latency["ghost"]["acceptance"] is None


def test_limit_types_only_the_last_messages(make_model: Callable[..., SavedModel]) -> None:
    engine = Engine(make_model())
    texts = [Utterance("Ann", "see you"), Utterance("Bob", "see you there")]
    last = report(engine, Completer(engine), texts, metrics=["keystrokes"], most=1)
    assert last["keystroke_savings"]["limit"] == pytest.approx(100 * 10 / 13, abs=0.01)


def test_an_unknown_metric_is_a_usage_error(saved: Path, chat_file: Path) -> None:
    result = CliRunner().invoke(cli, ["evaluate", str(saved), str(chat_file), "--metrics", "bits,speed"])
    assert result.exit_code != 0 and isinstance(result.exception, TuiLmError) and result.exception.exit_code == 2


def test_evaluate_uses_the_test_split_of_the_training_file(
    make_model: Callable[..., SavedModel], home: Path, chat_file: Path, tmp_path: Path
) -> None:
    from dataclasses import replace

    model = make_model()
    card = replace(model.card, sources=(fingerprint([chat_file]),), split=(96, 2, 2))
    folder = home / "models" / "own"
    checkpoint.save(folder, replace(model, card=card))
    other = tmp_path / "other.txt"
    lines = chat_file.read_text("utf-8").splitlines()
    other.write_text("\n".join(lines[:12]) + "\n", "utf-8")
    own = json.loads(run("evaluate", folder, chat_file, "--json"))
    part = json.loads(run("evaluate", folder, chat_file, "--json", "--split", "val", "--window", "8"))
    whole = json.loads(run("evaluate", folder, other, "--json"))
    assert own["characters"] < 12 * 30 and part["characters"] < 12 * 30
    parts = read_corpus([other]).utterances.values()
    assert whole["characters"] == sum(len(message.text) for part in parts for message in part)
    assert "bits per character" in run("evaluate", folder, chat_file)


def test_complete_prints_candidates_and_json(saved: Path) -> None:
    found = json.loads(run("complete", "see y", "-m", saved, "-n", "2", "--json"))
    assert set(found) == {"candidates", "ghost"}
    assert len(run("complete", "see y", "-m", "small").splitlines()) >= len(found["candidates"])


def test_complete_over_a_pipe_ends_with_its_input(saved: Path) -> None:
    program = (
        "import sys; sys.modules['torch'] = None\n"
        "import typer\nfrom tui_lm.cli.complete import complete\ntyper.run(complete)"
    )
    ended = subprocess.run(
        [sys.executable, "-c", program, "--stdio", "-m", str(saved)],
        input=b'{"id": 1, "text": "se"}\nbad\n{"sent": "see you"}\n',
        capture_output=True,
        check=True,
    )
    first, bad, ok = map(json.loads, ended.stdout.splitlines())
    assert first["id"] == 1 and "error" in bad and ok == {"ok": True}
    (learned,) = saved.glob("learned.*")
    assert learned.stat().st_mode & 0o777 == 0o600


def test_private_completion_saves_nothing(saved: Path) -> None:
    run("complete", "--stdio", "--private", "-m", saved, stdin=b'{"sent": "see you"}\n')
    assert not list(saved.glob("learned.*"))


def test_evaluate_saves_no_learned_words(saved: Path, chat_file: Path) -> None:
    before = {path: path.read_bytes() for path in saved.iterdir()}
    run("evaluate", saved, chat_file, "--split", "test", "--json")
    assert {path: path.read_bytes() for path in saved.iterdir()} == before


def test_a_budget_bounds_the_search_and_says_how_many_ended(make_model: Callable[..., SavedModel]) -> None:
    engine = Engine(make_model())
    messages = [Utterance("Ann", text) for text in ("see you", "what is for dinner")]
    none = report(engine, Completer(engine), messages, metrics=["keystrokes"], budget=0.0)
    all_of_them = report(engine, Completer(engine), messages, metrics=["keystrokes"])
    assert none["searches_finished"] < all_of_them["searches_finished"] == 100.0
