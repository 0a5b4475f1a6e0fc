"""`tui-lm audit`: exposure for known likelihoods, extraction from n-grams that memorised everything."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from math import log2
from pathlib import Path

import numpy as np
import pytest

from tests.cli.conftest import Run
from tests.cli.conftest import tui_lm as tui_lm  # the fixture
from tui_lm import checkpoint
from tui_lm.canaries import canaries
from tui_lm.checkpoint import SavedModel
from tui_lm.completion import Completer, ngram_files
from tui_lm.completion.training_counts import build
from tui_lm.engine import Engine
from tui_lm.evaluation import exposure as exposures
from tui_lm.evaluation.exposure import exposure, surprise
from tui_lm.evaluation.extraction import given_away, secrets_of
from tui_lm.evaluation.memorisation import audit, over
from tui_lm.tokenizers.stream import WritingContext
from tui_lm.utterances import Utterance

CANARY = canaries(2, 0)[0]
TEXTS = [
    "my mail is zoe.k@example.com",
    "call the plumber on 07700 900123",
    "see you at six",
    "wifi is kitten-2941-blue",
]
LEARNED = [Utterance(("Ann", "Bob")[i % 2], text) for i, text in enumerate(TEXTS * 12)]


@pytest.fixture
def engine(make_model: Callable[..., SavedModel]) -> Engine:
    return Engine(make_model())


def test_a_batch_of_texts_costs_what_each_costs_alone(engine: Engine) -> None:
    texts = ["see you", "see you at six", "see", "नमस्ते"]
    together = surprise(engine, texts)
    alone = np.array([surprise(engine, [text, "Ω"])[0] for text in texts])
    np.testing.assert_allclose(together, alone, rtol=1e-4)


@pytest.mark.parametrize("tokenizer", ["char", "subword", "word"])
def test_an_unseen_canary_has_low_exposure(tokenizer: str, make_model: Callable[..., SavedModel]) -> None:
    engine = Engine(make_model(tokenizer=tokenizer))
    bits = [exposure(engine, canary, samples=50).bits for canary in canaries(4, 1)]
    assert 0 <= np.mean(bits) < 6


@dataclass
class Gauss:
    """Costs drawn from a normal distribution, but for the canary's, which is known."""

    own: float

    def __call__(self, engine: Engine, texts: list[str]) -> np.ndarray:
        return np.array([self.own, *np.random.default_rng(0).normal(0, 1, len(texts) - 1)])


@pytest.mark.parametrize(
    ("own", "expected"), [(0.0, 1.0), (-1.0, 2.66), (-3.0, 9.53), (-5.0, 21.7), (-30.0, log2(CANARY.candidates))]
)
def test_exposure_matches_the_share_of_likelier_secrets(
    own: float, expected: float, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(exposures, "surprise", Gauss(own))
    found = exposure(engine, CANARY, samples=20_000)
    assert found.bits == pytest.approx(expected, rel=0.12, abs=0.15)
    assert found.most == pytest.approx(log2(10**9))


def test_private_strings_of_a_source_are_found() -> None:
    found = {(secret.kind, secret.text) for secret in secrets_of(LEARNED, 99)}
    assert found == {("email", "zoe.k@example.com"), ("phone", "07700 900123")}, "what stands often is no rare string"
    rare = [*LEARNED[:4], Utterance("Ann", "order 1234567 came 2x"), Utterance("Ann", "extraordinarily")]
    assert {(s.kind, s.text) for s in secrets_of(rare, 99)} - found == {
        ("long", "kitten-2941-blue"),
        ("number", "1234567"),
    }
    assert len(secrets_of(rare, 1)) == 4


def test_memorised_ngrams_are_extracted(engine: Engine) -> None:
    completer = Completer(engine, build(LEARNED), private=True)
    given = given_away(engine, completer, secrets_of(LEARNED, 99))
    assert {secret.text for secret, _ in given.secrets} >= {"07700 900123"}
    fresh = given_away(engine, Completer(engine, build([Utterance("Ann", "see you")] * 9)), secrets_of(LEARNED, 99))
    assert not fresh.secrets


def test_the_audit_report_and_its_reasons(engine: Engine) -> None:
    unseen = [Utterance("Ann", "mine is 07700 900555"), Utterance("Bob", "call the plumber on 07700 900123")]
    report, given = audit(engine, build(LEARNED), LEARNED, unseen)
    phone = report["extraction"]["phone"]
    assert phone == {"strings": 1, "extracted": 1, "unseen": 1, "guessed": 0}, "what was learned is not unseen"
    assert report["stored"] == 2
    assert over(report) and not over(report, most_extracted=9)
    assert not any(secret.text in json.dumps(report) for secret, _ in given.secrets)


def trained(tui_lm: Run, tmp_path: Path, *options: str) -> tuple[Path, str]:
    path = tmp_path / "chat.txt"
    rows = [
        f"{i % 28 + 1:02d}/03/2024, {i // 28 + 8:02d}:00 - {u.author}: {u.text}\n" for i, u in enumerate(LEARNED * 4)
    ]
    path.write_text("".join(rows), "utf-8")
    name = f"m{len(checkpoint.names())}"
    code, _, err = tui_lm("train", path, "--steps", "4", "--size", "tiny", "--name", name, *options)
    assert code == 0, err
    return path, name


def test_redacted_strings_are_not_extracted(tui_lm: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tui_lm.evaluation.memorisation.exposure", partial(exposure, samples=30))
    results = {}
    for option in ("--redact", "--no-redact"):
        path, name = trained(tui_lm, tmp_path, option, "--canaries", "2")
        code, out, err = tui_lm("audit", name, path, "--json", "--most-exposure", "40")
        found = json.loads(out)
        results[option] = (code, sum(kind["extracted"] for kind in found["extraction"].values()), found["stored"])
        assert len(found["exposure"]) == 2 and err == ""
    assert results["--redact"] == (0, 0, 0)
    assert results["--no-redact"][0] == 1
    assert results["--no-redact"][1] >= 1 and results["--no-redact"][2] == 2


def test_the_audit_command_prints_figures_and_a_verdict(tui_lm: Run, tmp_path: Path) -> None:
    path, name = trained(tui_lm, tmp_path, "--no-redact")
    code, out, _ = tui_lm("audit", name, path)
    assert code == 1
    assert "verdict: this model reveals private text" in out
    assert "07700 900123" not in out
    assert "07700 900123" in tui_lm("audit", name, path, "--show")[1]


def test_auditing_another_file_prints_a_warning(tui_lm: Run, tmp_path: Path, chat_file: Path) -> None:
    _, name = trained(tui_lm, tmp_path)
    code, _, err = tui_lm("audit", name, chat_file)
    assert code == 0 and "not trained on this file" in err


def test_words_learned_while_typing_are_audited(tui_lm: Run, tmp_path: Path) -> None:
    path, name = trained(tui_lm, tmp_path)
    folder = checkpoint.find(name)
    completer = Completer(Engine.open(folder), ngram_files.load(folder), folder=folder)
    completer._redact = False
    for _ in range(30):
        completer.learn(WritingContext("call the plumber on 07700 900123", "Ann"))
    completer.save()
    assert tui_lm("audit", name, path)[0] == 1
