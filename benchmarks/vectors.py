"""How fast are word vectors learned, and do they have the neighbours that gensim's have?

    python benchmarks/vectors.py CHAT [--epochs 5] [--only CBOW] [--workers 2]

Skip-gram, CBOW and fastText are trained on the same words with the settings of both programs' defaults (window 5, 5
negatives, 100 numbers), in turn: gensim with one seed, this program, gensim with another seed. The overlap is the share
of the 10 nearest neighbours, among the 2,000 most frequent words, that two sets of vectors share. That of
gensim with itself is the most that can be expected: it differs by the seed alone. GloVe and PPMI-SVD are not in gensim;
their overlap with gensim's skip-gram is printed. Words per second count every pass over the text, but not counting
words or co-occurrences before it. gensim has to be installed.
"""

from __future__ import annotations

import argparse
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from trainers.config import TrainingConfig
from trainers.plan import Budget, Wishes
from trainers.vectors.kind import WordVectorLearning
from trainers.vectors.learners import Learner
from tui_lm.corpus import Corpus, read_corpus
from tui_lm.split import Fractions
from tui_lm.tokenizers.vocabulary import VocabularyTokenizer, words_of
from tui_lm.vectors.words import Words

COMPARED, NEIGHBOURS = 2000, 10
KINDS = {"skip-gram": ("word2vec", "skipgram"), "CBOW": ("word2vec", "cbow"), "fastText": ("fasttext", "skipgram")}


def ours(corpus: Corpus, family: str, objective: str, epochs: int) -> tuple[Words, float]:
    """The vectors, and words a second."""
    task = WordVectorLearning()
    settings = {} if family in ("glove", "ppmi") else {"objective": objective}
    budget = Budget() if family in ("glove", "ppmi") else Budget(epochs=epochs)
    prepared = task.prepare(corpus, Wishes(family, budget=budget, seed=1, settings=settings), None)
    config: TrainingConfig = replace(prepared.config)
    learner: Learner = task.create(config, corpus, prepared.tokenizers)
    steps = config.steps or 0
    started = time.perf_counter()
    with torch.no_grad():
        for step in range(steps):
            learner.step(step, learner.rate(step / steps), measure=False)
        vectors = learner.vectors()
    seconds = time.perf_counter() - started
    return Words(learner.tokenizer.words, vectors), len(learner.stream) * steps / learner.steps_in_epoch / seconds


def gensims(
    sentences: list[list[str]], family: str, objective: str, epochs: int, seed: int, threads: int
) -> tuple[Words, float]:
    from gensim.models import FastText, Word2Vec

    options = {
        "vector_size": 100,
        "window": 5,
        "negative": 5,
        "min_count": 5,
        "sg": int(objective == "skipgram"),
        "alpha": 0.025 if (family, objective) == ("word2vec", "skipgram") else 0.05,
        "seed": seed,
        "workers": threads,
        "epochs": epochs,
    }
    model = FastText(bucket=50_000, **options) if family == "fasttext" else Word2Vec(**options)
    model.build_vocab(sentences)
    started = time.perf_counter()
    model.train(sentences, total_examples=model.corpus_count, epochs=epochs)
    seconds = time.perf_counter() - started
    known = sum(model.wv.get_vecattr(word, "count") for word in model.wv.index_to_key)
    return Words(model.wv.index_to_key, model.wv.vectors), known * epochs / seconds


def overlap(first: Words, second: Words) -> float:
    common = [word for word in first.names if word in second.ids][:COMPARED]

    def neighbours(words: Words) -> NDArray[np.intp]:
        rows = words.matrix[[words.ids[word] for word in common]]
        units = rows / np.maximum(1e-12, np.linalg.norm(rows, axis=1, keepdims=True))
        cosines = units @ units.T
        np.fill_diagonal(cosines, -2)
        return np.argsort(-cosines, axis=1)[:, :NEIGHBOURS]

    pairs = zip(neighbours(first).tolist(), neighbours(second).tolist(), strict=True)
    return float(np.mean([len({*a} & {*b}) / NEIGHBOURS for a, b in pairs]))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("chat", type=Path)
    parser.add_argument("--epochs", type=int, default=5)
    parser.add_argument("--workers", type=int, default=2, help="threads of gensim; this program has one")
    parser.add_argument("--only", action="append", choices=[*KINDS, "glove", "ppmi"])
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    corpus = read_corpus([arguments.chat], Fractions())
    tokenizer = VocabularyTokenizer.counted(utterance.text for utterance in corpus.utterances["train"])
    sentences = [words_of(utterance.text) for utterance in corpus.utterances["train"]]
    sentences = [[word for word in words if word in tokenizer.ids] for words in sentences]
    print(f"{sum(map(len, sentences)):,} words, {len(tokenizer.words):,} different, {arguments.epochs} passes")
    skipgram: Words | None = None
    for name, (family, objective) in KINDS.items():
        if arguments.only and name not in arguments.only:
            continue
        first, pace = gensims(sentences, family, objective, arguments.epochs, 1, arguments.workers)
        mine, own_pace = ours(corpus, family, objective, arguments.epochs)
        second, again = gensims(sentences, family, objective, arguments.epochs, 2, arguments.workers)
        skipgram = skipgram or first
        print(
            f"{name:<10} ours {own_pace:9,.0f} words/s, gensim {pace:9,.0f} and {again:9,.0f}: "
            f"{2 * own_pace / (pace + again):.2f} of its pace; overlap with gensim {overlap(mine, first):.3f}, "
            f"of gensim with itself {overlap(first, second):.3f}",
            flush=True,
        )
    for family in ("glove", "ppmi"):
        if skipgram is not None and (not arguments.only or family in arguments.only):
            started = time.perf_counter()
            mine, _ = ours(corpus, family, "", 0)
            seconds = time.perf_counter() - started
            print(
                f"{family:<10} {seconds:.1f} s in all; overlap with gensim's skip-gram {overlap(mine, skipgram):.3f}",
                flush=True,
            )


if __name__ == "__main__":
    main()
