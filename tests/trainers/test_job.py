"""A job from its corpus to a model folder: the fitted tokenizer, the word counts, and samples of a huge text."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from tests.trainers.conftest import CORPUS
from trainers import job, ngram_counts, preparation
from trainers.plan import Budget, Wishes
from trainers.run import run
from tui_lm import checkpoint
from tui_lm.completion import ngram_files
from tui_lm.completion.training_counts import build
from tui_lm.utterances import Spool, Utterance

WISHES = Wishes(size="tiny", budget=Budget(steps=6))


def test_a_spooled_corpus_gives_the_same_model(tmp_path: Path) -> None:
    spooled = replace(CORPUS, utterances={part: Spool.of(u) for part, u in CORPUS.utterances.items()})
    for name, corpus in (("list", CORPUS), ("spool", spooled)):
        list(run(job.new(corpus, tmp_path / name, None, WISHES)))
    one, other = (tmp_path / name for name in ("list", "spool"))
    for file in ("model.safetensors", "tokenizer.json", "ngrams.safetensors", "config.json"):
        assert (one / file).read_bytes() == (other / file).read_bytes()


def test_a_huge_text_is_sampled_for_the_tokenizer_and_the_counts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(preparation, "SAMPLE", 2000)
    monkeypatch.setattr(ngram_counts, "COUNTED", 2000)
    said = [Utterance("Ann", f"word {'new' if i > 500 else 'old'}{i % 7}") for i in range(800)]
    corpus = replace(CORPUS, utterances={**CORPUS.utterances, "train": said})
    work = job.new(corpus, tmp_path / "run", None, WISHES)
    exact = sum(len(work.tokenizers.target.encode(u.text)) + 3 for u in said)
    messages, tokens = work.amount()
    assert messages == 800
    assert tokens == pytest.approx(exact, rel=0.05)
    list(run(work))
    vocabulary = ngram_files.load(tmp_path / "run").vocabulary
    assert vocabulary.find(" new3") is not None
    assert vocabulary.find(" old3") is None


def test_word_counts_survive_all_saves_and_a_resumed_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("trainers.best.SAVE_EVERY", 0.0)
    folder = tmp_path / "run"
    list(run(job.new(CORPUS, folder, None, WISHES), stop=iter([False] * 3 + [True] * 9).__next__))
    assert checkpoint.is_unfinished(folder)
    monkeypatch.setattr(ngram_counts, "build", None)  # counting again would fail
    list(run(job.resumed(CORPUS, folder)))
    assert not checkpoint.is_unfinished(folder)
    ngram_files.save(build(CORPUS.utterances["train"]), tmp_path)
    assert (folder / ngram_files.NGRAMS).read_bytes() == (tmp_path / ngram_files.NGRAMS).read_bytes()
    assert (folder / ngram_files.NGRAMS).stat().st_nlink == 1
