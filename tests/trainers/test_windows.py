"""A network without a state is trained and evaluated on windows of text."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from tests.conftest import AUTHORS, TEXTS
from tests.golden.test_llama import of_each_step
from trainers.best import arrays
from trainers.config import TrainingConfig
from trainers.data import IGNORED, TextStream, window_batches
from trainers.job import TrainingJob
from trainers.language_modelling import plan
from trainers.plan import Budget, Measured, Wishes, choose_size
from trainers.presets import LLAMA, LLAMA_SLOWDOWN
from trainers.run import run
from trainers.task_settings import WindowSettings
from trainers.validation import validate
from tui_lm import checkpoint, models, runtime, tokenizers
from tui_lm.architecture import Llama, count_parameters
from tui_lm.checkpoint import Card
from tui_lm.corpus import Corpus, Utterance
from tui_lm.engine import Engine
from tui_lm.events import Evaluated
from tui_lm.split import Fractions
from tui_lm.tokenizers import Specials, Tokenizers
from tui_lm.tokenizers.specials import BEGIN
from tui_lm.tokenizers.stream import WritingContext

UTTERANCES = [Utterance(AUTHORS[i % 2], TEXTS[i % 6]) for i in range(400)]
TOKENIZER = tokenizers.train("char", TEXTS, Specials(AUTHORS))
CHAT = TextStream.of(UTTERANCES, TOKENIZER, "chat")
PROSE = TextStream.of([Utterance(None, "".join(chr(97 + i % 26) for i in range(999)))], TOKENIZER, "prose")
PROSE_IDS = PROSE.at(np.arange(len(PROSE)))


def generator() -> np.random.Generator:
    return np.random.default_rng(0)


def test_windows_cover_the_text_once() -> None:
    seen = []
    for batch in window_batches(PROSE, WindowSettings(4, 32, 0.0, 0.0), generator()):
        assert batch.inputs.shape == (32, 4)
        told = batch.targets[:-1] != IGNORED
        assert torch.equal(batch.inputs[1:][told], batch.targets[:-1][told])
        seen.extend(map(tuple, batch.inputs.T.tolist()))
    assert len(seen) == len(PROSE) // 32 // 4 * 4
    starts = [TOKENIZER.decode(window)[0] for window in seen]
    assert starts != sorted(starts), "in random order"


def test_some_windows_of_prose_begin_with_the_begin_token() -> None:
    batches = list(window_batches(PROSE, WindowSettings(4, 32, 0.5, 0.0), generator()))
    begun = torch.cat([batch.inputs[0] == BEGIN for batch in batches]).float().mean()
    assert 0.2 < begun < 0.8


def test_a_text_shorter_than_a_batch_is_still_read() -> None:
    assert len(list(window_batches(PROSE.head(40), WindowSettings(8, 32, 0.0, 0.0), generator()))) == 1


@pytest.mark.parametrize("length", [7, 16, 500, 4000])
def test_overlapping_windows_count_each_token_once(length: int) -> None:
    _, targets = CHAT.overlapping(length)
    assert int((targets != IGNORED).sum()) == CHAT.predicted()
    inputs, targets = PROSE.overlapping(length)
    counted = targets[targets != IGNORED]
    assert sorted(counted.tolist()) == sorted(PROSE_IDS[1:].tolist())
    if length < len(PROSE):
        assert (targets[: length - length // 2, 1:] == IGNORED).all(), "each has seen half a window"
    assert inputs.shape == targets.shape


def test_the_validation_loss_equals_the_runtime_s() -> None:
    """A context that holds the whole text: then the engine's own reading costs the same."""
    architecture = Llama(TOKENIZER.vocab_size, 24, 32, 2, 2, 2, context_length=1200)
    torch.manual_seed(0)
    model = models.create(architecture)
    loss, _ = validate(model, PROSE, "cpu")
    logits = of_each_step(runtime.create(architecture, arrays(model, architecture)), PROSE_IDS[:-1].tolist())
    logits = logits - np.log(np.exp(logits).sum(-1, keepdims=True))
    assert loss == pytest.approx(-logits[np.arange(len(logits)), PROSE_IDS[1:]].mean(), abs=0.02)


def test_presets_grow_from_a_third_of_a_million_to_a_hundred() -> None:
    sizes = [count_parameters(preset.architecture(8000 if size == "huge" else 300)) for size, preset in LLAMA.items()]
    assert sizes == sorted(sizes)
    assert 0.25e6 < sizes[0] < 0.5e6
    assert 80e6 < sizes[-1] < 120e6


def test_a_mini_llama_needs_more_time_to_be_wide() -> None:
    hurried = Wishes(budget=Budget(minutes=3))
    assert choose_size(hurried, 10**6, slowdown=LLAMA_SLOWDOWN) == "small"
    assert choose_size(hurried, 10**6) == "base"
    assert choose_size(Wishes(), 10**6, slowdown=LLAMA_SLOWDOWN) == "base"


def test_a_llama_is_planned_in_windows_of_its_context() -> None:
    config = plan(Wishes("llama", size="small", budget=Budget(epochs=2)), Measured(5000, 100_000, "char", 300))
    assert isinstance(config.architecture, Llama)
    assert isinstance(config.task, WindowSettings)
    assert config.task.sequence_length == config.architecture.context_length
    assert config.steps == 2 * 100_000 // config.task.step_tokens


def test_a_llama_learns_and_is_served(tmp_path: Path) -> None:
    parts = {"train": UTTERANCES[:360], "val": UTTERANCES[360:380], "test": UTTERANCES[380:]}
    corpus = Corpus("chat", Fractions(), "fingerprint", utterances=parts)
    architecture = Llama(TOKENIZER.vocab_size, 32, 64, 2, 2, 2, context_length=32)
    config = TrainingConfig(
        architecture, WindowSettings(8, 32), steps=60, device="cpu", evaluations=3, learning_rate=0.005
    )
    card = Card("run", "chat", architecture, "char", authors=AUTHORS)
    seen = list(run(TrainingJob(corpus, Tokenizers.shared(TOKENIZER), config, card, tmp_path / "run")))
    evaluated = [event.loss for event in seen if isinstance(event, Evaluated)]
    assert evaluated[-1] < evaluated[0] < np.log(TOKENIZER.vocab_size)
    engine = Engine(checkpoint.load(tmp_path / "run"))
    answer = engine.generate(WritingContext("see", "Ann"), max_new_tokens=40, seed=1)
    assert 0 < answer.tokens <= 40
