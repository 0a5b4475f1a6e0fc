"""Training on sentence pairs: each pair once an epoch, batches within their limit, resumed runs bit for bit."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from tests.trainers.conftest import require_same_after_a_cut
from trainers import job
from trainers.data import IGNORED
from trainers.pairs import LONGEST, Sentences
from trainers.plan import Budget, Wishes
from trainers.run import run
from tui_lm import checkpoint, runtime, tokenizers
from tui_lm.corpus import Corpus, read_corpus
from tui_lm.events import Evaluated, Event, RunFinished
from tui_lm.sentence_pairs import Pair
from tui_lm.tokenizers import Tokenizers
from tui_lm.tokenizers.specials import BEGIN, END

NAMES = ["Ann", "Bob", "Carl", "Dora", "Eve", "Finn", "Gus", "Hanna"]
VERBS = {"sees": "sieht", "knows": "kennt", "calls": "ruft", "likes": "mag"}
THINGS = {"the dog": "den Hund", "the cat": "die Katze", "the house": "das Haus", "a friend": "einen Freund"}


@pytest.fixture(scope="module")
def pairs_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A language of 128 sentences that anything that can align words learns in seconds."""
    path = tmp_path_factory.mktemp("pairs") / "pairs.tsv"
    rows = [(f"{n} {v} {t}.", f"{n} {VERBS[v]} {THINGS[t]}.") for n in NAMES for v in VERBS for t in THINGS]
    path.write_text("".join(f"{source}\t{target}\n" for source, target in rows), encoding="utf-8")
    return path


@pytest.fixture
def pairs(pairs_file: Path) -> Corpus:
    return read_corpus([pairs_file])


def of_lengths(*lengths: tuple[int, int]) -> Sentences:
    sources = [np.arange(10, 10 + source) for source, _ in lengths]
    return Sentences(sources, [np.append(np.arange(10, 10 + target - 1), END) for _, target in lengths])


def test_an_epoch_holds_every_pair_once_in_batches_that_fit() -> None:
    chance = np.random.default_rng(0)
    sentences = of_lengths(*(tuple(map(int, row)) for row in chance.integers(2, 30, (300, 2))))  # type: ignore[arg-type]
    batches = list(sentences.batches(200, chance))
    assert sum(batch.inputs.shape[1] for batch in batches) == 300
    assert all(batch.inputs.numel() <= 200 and batch.source.numel() <= 200 for batch in batches)
    read = sorted(tuple(batch.source[:n, i].tolist()) for batch in batches for i, n in enumerate(batch.lengths))
    assert read == sorted(tuple(ids.tolist()) for ids in sentences.sources)


def test_a_pair_longer_than_a_batch_has_a_batch_to_itself() -> None:
    assert [batch.inputs.shape for batch in of_lengths((50, 60), (3, 3)).batches(20, None)] == [(3, 1), (60, 1)]


def test_inputs_are_targets_one_step_later() -> None:
    (batch,) = of_lengths((3, 4), (3, 2)).batches(100, None)
    assert batch.inputs.T.tolist() == [[BEGIN, 10, END, END], [BEGIN, 10, 11, 12]]
    assert batch.targets.T.tolist() == [[10, END, IGNORED, IGNORED], [10, 11, 12, END]]


def test_little_of_a_batch_is_padding() -> None:
    chance = np.random.default_rng(0)
    lengths = [(int(n), int(n + chance.integers(-2, 3))) for n in chance.integers(5, 40, 3000)]
    batches = list(of_lengths(*lengths).batches(2048, chance))
    real = sum(source + target for source, target in lengths)
    assert sum(batch.source.numel() + batch.inputs.numel() for batch in batches) < 1.2 * real


def test_sentences_over_256_tokens_are_omitted() -> None:
    tokenizer = tokenizers.train("char", ["abc"], tokenizers.Specials())
    pairs = [Pair("a", "b"), Pair("a" * LONGEST, "b"), Pair("a", "b" * LONGEST)]
    assert len(Sentences.of(pairs, Tokenizers.shared(tokenizer))) == 1


def train(corpus: Corpus, folder: Path, steps: int, **settings: object) -> list[Event]:
    wishes = Wishes(size="tiny", budget=Budget(steps=steps), device="cpu", settings=settings)
    torch.set_num_threads(1)
    return list(run(job.new(corpus, folder, None, wishes)))


def test_a_small_language_is_learned(pairs: Corpus, home: Path) -> None:
    folder = home / "models" / "m"
    events = train(pairs, folder, 200, batch_tokens=384, dim=32, hidden_size=64, learning_rate=0.01)
    assert isinstance(events[-1], RunFinished)
    losses = [event.loss for event in events if isinstance(event, Evaluated)]
    assert losses[-1] < 0.5 < losses[0]
    model = checkpoint.load(folder)
    assert model.card.purpose == "translation"
    assert model.tokenizers.are_shared, "both languages are written in the same letters"
    served = runtime.create(model.card.architecture, model.weights)
    held_out = corpus_pairs(pairs)
    right = sum(greedy(model, served, pair.source) == pair.target for pair in held_out)
    assert right >= 0.7 * len(held_out)


def corpus_pairs(corpus: Corpus) -> list[Pair]:
    return [*corpus.pairs["val"], *corpus.pairs["test"]]


def greedy(model: checkpoint.SavedModel, served: runtime.Runtime, source: str) -> str:
    logits, state = served.prefill([*model.tokenizer.encode(source), END])
    tokens: list[int] = []
    while (best := int(logits[0].argmax())) != END and len(tokens) < 40:
        tokens.append(best)
        logits, state = served.step([best], state)
    return model.tokenizer.decode(tokens)


def test_languages_of_different_scripts_have_a_tokenizer_each(home: Path, tmp_path: Path) -> None:
    path = tmp_path / "pairs.tsv"
    path.write_text("".join(f"word {i} of many\tслово {i} из многих\n" for i in range(200)), encoding="utf-8")
    folder = home / "models" / "m"
    train(read_corpus([path]), folder, 2)
    model = checkpoint.load(folder)
    assert not model.tokenizers.are_shared
    assert model.tokenizers.source.decode(model.tokenizers.source.encode("word of")) == "word of"


@pytest.mark.usefixtures("one_thread")
@pytest.mark.parametrize("ema", [0, 5])
def test_an_interrupted_run_resumes_bit_for_bit(
    pairs: Corpus, home: Path, monkeypatch: pytest.MonkeyPatch, ema: int
) -> None:
    monkeypatch.setattr("trainers.best.SAVE_EVERY", 0.0)
    settings = {"batch_tokens": 128, "evaluations": 6, "ema": ema, "dim": 16, "hidden_size": 32}
    wishes = Wishes(size="tiny", budget=Budget(steps=36), device="cpu", settings=settings)
    require_same_after_a_cut(pairs, None, wishes, home / "models")
