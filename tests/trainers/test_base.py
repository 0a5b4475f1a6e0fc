"""A pretrained base is fine-tuned on a chat: its vocabulary trimmed, served in eight bits, its licence kept.

The tests need the extra `base`. The base is a tiny one, which counts as pretrained here.
"""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest

from tests.conftest import TEXTS
from tests.exchange.test_gguf_base import byte_level, write_gguf
from trainers import job
from trainers.order import imported_base
from trainers.plan import Budget, Measured, Wishes
from trainers.presets import TUNING
from trainers.run import run
from tui_lm import checkpoint
from tui_lm.completion.completer import Completer
from tui_lm.corpus import Corpus, Utterance
from tui_lm.engine import Engine
from tui_lm.exchange import bases
from tui_lm.runtime.llama import LlamaRuntime
from tui_lm.runtime.quantized_llama import QuantizedLlamaRuntime
from tui_lm.split import Fractions
from tui_lm.tokenizers.specials import BEGIN
from tui_lm.tokenizers.stream import WritingContext

pytest.importorskip("onnx", reason="needs the extra `base`")
pytest.importorskip("onnxruntime", reason="needs the extra `base`")

UTTERANCES = [Utterance(("Zoë", "Bob")[i % 2], TEXTS[i % 6]) for i in range(240)]
FOREIGN = "perhaps philosophers whisper wonderful hypotheses; philosophers whisper wonderfully"  # in no message
PARTS = {"train": UTTERANCES[:200], "val": UTTERANCES[200:220], "test": UTTERANCES[220:]}
CORPUS = Corpus("chat", Fractions(), "this chat", utterances=PARTS)


@pytest.fixture(autouse=True)
def tiny_bases_count(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("trainers.plan.PRETRAINED", 10_000)


@pytest.fixture
def base(tmp_path: Path) -> Path:
    """The folder of an imported base, with a licence."""
    write_gguf(tmp_path / "theirs.gguf", byte_level([*TEXTS, FOREIGN] * 3))
    (tmp_path / "LICENSE").write_text("Do as you like.")
    imported = bases.open_base(str(tmp_path / "theirs.gguf"), "base")
    checkpoint.save(tmp_path / "base", imported.model, attach=imported.write_legal)
    return tmp_path / "base"


def tune(base: Path, folder: Path, *, steps: int = 6) -> job.TrainingJob:
    wishes = Wishes(budget=Budget(steps=steps), device="cpu", settings={"evaluations": 2, "sequence_length": 32})
    return job.new(CORPUS, folder, "Bob", wishes, checkpoint.load(base), base_folder=base)


def test_it_is_served_in_eight_bits_with_its_licence_and_suggests(base: Path, tmp_path: Path) -> None:
    work = tune(base, tmp_path / "tuned")
    list(run(work))
    tuned = checkpoint.load(tmp_path / "tuned")
    engine = Engine(tuned)
    assert isinstance(engine.runtime, QuantizedLlamaRuntime)
    tokens = [BEGIN, tuned.tokenizer.specials.author_id("Bob"), *tuned.tokenizer.encode("see you")]
    exact = LlamaRuntime(tuned.card.architecture, tuned.weights).prefill(tokens)[0]  # type: ignore[arg-type]
    assert np.sqrt(np.mean((engine.runtime.prefill(tokens)[0] - exact) ** 2)) < 0.15 * exact.std()
    for name in checkpoint.LEGAL:
        assert (tmp_path / "tuned" / name).read_bytes() == (base / name).read_bytes()
    completer = Completer.open(tmp_path / "tuned")
    assert completer.complete(WritingContext("see you ", "Bob")).candidates


def test_its_vocabulary_is_trimmed_to_the_chat(base: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tui_lm.tokenizers.bpe.FIRST_MERGES", 0)
    whole, work = checkpoint.load(base), tune(base, tmp_path / "tuned")
    trimmed = work.tokenizers.target
    assert trimmed.vocab_size < whole.tokenizer.vocab_size
    assert work.weights is not None
    table, ours = whole.weights["model.embed_tokens.weight"], work.weights["model.embed_tokens.weight"]
    for text in TEXTS:
        before, after = whole.tokenizer.encode(text), trimmed.encode(text)
        np.testing.assert_array_equal(table[before], ours[after])  # cut as before, and every token keeps its row


def test_the_plan_is_that_of_bases(base: Path, tmp_path: Path) -> None:
    from trainers.language_modelling import plan_tuning

    architecture = tune(base, tmp_path / "tuned").config.architecture
    config = plan_tuning(architecture, Wishes(), Measured(1000, 300_000, "bpe", 15_000))
    assert (config.optimizer, config.learning_rate, config.task.step_tokens) == ("adamw", 3e-4, 1024)
    assert config.steps == TUNING.epochs * 300_000 // 1024
    assert config.warmup * config.steps == pytest.approx(TUNING.warmup_steps)
    assert not any(vars_of(config.dropout))
    long = plan_tuning(architecture, Wishes(), Measured(1000, 100_000_000, "bpe", 15_000))
    assert long.steps == TUNING.most_tokens // 1024  # a run without a budget ends within an hour
    short = plan_tuning(architecture, Wishes(budget=Budget(minutes=1)), Measured(1000, 300_000, "bpe", 15_000))
    assert short.seconds == 60


def vars_of(rates: object) -> list[float]:
    return [getattr(rates, name) for name in rates.__dataclass_fields__]  # type: ignore[attr-defined]


def test_a_run_that_was_cut_off_keeps_the_licence(base: Path, tmp_path: Path) -> None:
    asked = iter([False, False, False, True])
    list(run(tune(base, tmp_path / "tuned"), stop=lambda: next(asked, True)))
    assert checkpoint.is_unfinished(tmp_path / "tuned")
    assert isinstance(Engine(checkpoint.load(tmp_path / "tuned")).runtime, QuantizedLlamaRuntime)
    shutil.rmtree(base)
    list(run(job.resumed(CORPUS, tmp_path / "tuned")))
    assert (tmp_path / "tuned/LICENSE").read_text() == "Do as you like."
    assert not checkpoint.is_unfinished(tmp_path / "tuned")


def test_the_plan_foretells_minutes_and_memory(base: Path, tmp_path: Path) -> None:
    from trainers.reasons import reasons

    lines = reasons(tune(base, tmp_path / "tuned", steps=590).config, 19_000, 302_178, ())
    assert any("minutes on two cores" in line for line in lines)
    assert any("GB in training" in line for line in lines)


def test_an_imported_base_is_used_only_by_name(base: Path, home: Path) -> None:
    assert imported_base() is None
    checkpoint.save(home / "models/mine", checkpoint.load(base))
    assert imported_base() == "mine"
    assert job.new(CORPUS, home / "models/new", "Bob", Wishes(budget=Budget(steps=1))).weights is None
