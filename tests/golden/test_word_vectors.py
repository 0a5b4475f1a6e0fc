"""Word vectors are learned as the papers say: each step against a literal transcription, on a toy text.

Mikolov et al. 2013 (skip-gram, CBOW, negative sampling), Bojanowski et al. 2017 (n-grams), Pennington et al. 2014
(GloVe), Levy, Goldberg & Dagan 2015 (PPMI and its decomposition).
"""

from __future__ import annotations

import math
from collections import defaultdict

import numpy as np
import pytest
import torch

from trainers.vectors import ppmi
from trainers.vectors.cooccurrence import cooccurrences, harmonic, linear
from trainers.vectors.glove import GloveTables, glove
from trainers.vectors.negative_sampling import BLOCK, NOTHING, Batch, Drawn, Tables, cbow, skipgram
from trainers.vectors.settings import GloveSettings, NegativeSamplingSettings
from trainers.vectors.text import WordStream
from trainers.vectors.windows import Windows
from tui_lm.tokenizers.vocabulary import VocabularyTokenizer
from tui_lm.utterances import Utterance
from tui_lm.vectors.subwords import bucket, parts, subwords

TEXTS = ["the cat sat on the mat", "the dog sat on the cat", "a dog and a cat sat", "on the mat a dog sat on a cat"] * 3
TOKENIZER = VocabularyTokenizer.counted(TEXTS, fewest=1)
STREAM = WordStream.of([Utterance(None, text) for text in TEXTS], TOKENIZER)
WORDS, DIM, RATE, NEGATIVES = len(TOKENIZER.words), 5, 0.1, 3


def sigmoid(x: float) -> float:
    return 1 / (1 + math.exp(-x))


def tables(buckets: int = 0) -> Tables:
    grams = subwords(TOKENIZER.words, 3, 4, buckets) if buckets else None
    made = Tables.new(WORDS, buckets, DIM, 0, grams)
    made.inputs.mul_(20)
    made.outputs = torch.randn(WORDS, DIM, generator=torch.Generator().manual_seed(1))
    return made


def batch(objective: str = "skipgram") -> Drawn:
    settings = NegativeSamplingSettings(objective=objective, window=2, subsampling=0, batch_words=64)
    return Windows(STREAM, settings, seed=3).drawn(0)


def contexts(batch: Drawn, i: int) -> list[int]:
    """The positions in the window of word i, of the same message."""
    reach, n = int(batch.reach[i]), len(batch.words)
    near = [j for j in range(max(0, i - reach), min(n, i + reach + 1)) if j != i]
    return [j for j in near if batch.words[j] != NOTHING and batch.texts[j] == batch.texts[i]]


def drawn(batch: Drawn, i: int) -> list[int]:
    return [int(word) for word in batch.noise[i // BLOCK]]


def input_rows(made: Tables, word: int) -> list[int]:
    if made.grams is None:
        return [word]
    return [
        word,
        *(WORDS + int(row) for row in made.grams.rows[made.grams.offsets[word] : made.grams.offsets[word + 1]]),
    ]


@pytest.mark.parametrize("buckets", [0, 30])
def test_a_step_of_skip_gram_follows_the_gradient_of_every_pair(buckets: int) -> None:
    made, step = tables(buckets), batch()
    inputs, outputs = made.inputs.double().numpy(), made.outputs.double().numpy()
    up_inputs, up_outputs, loss, pairs = np.zeros_like(inputs), np.zeros_like(outputs), 0.0, 0
    for i, word in enumerate(step.words.tolist()):
        if word == NOTHING:
            continue
        rows = input_rows(made, word)
        v = inputs[rows].mean(axis=0)
        for j in contexts(step, i):
            context, pairs = int(step.words[j]), pairs + 1
            g = 1 - sigmoid(v @ outputs[context])
            gradient = g * outputs[context]
            up_outputs[context] += g * v
            loss -= math.log(sigmoid(v @ outputs[context]))
            noise = drawn(step, i)
            for negative in noise:
                if negative == context:
                    continue
                weight = NEGATIVES / len(noise)
                g = -sigmoid(v @ outputs[negative]) * weight
                gradient = gradient + g * outputs[negative]
                up_outputs[negative] += g * v
                loss -= weight * math.log(sigmoid(-v @ outputs[negative]))
            for row in rows:
                up_inputs[row] += gradient
    mean = skipgram(made, Batch.of(step, 2), NEGATIVES, RATE, measure=True)
    np.testing.assert_allclose(made.inputs.numpy(), inputs + RATE * up_inputs, atol=2e-5)
    np.testing.assert_allclose(made.outputs.numpy(), outputs + RATE * up_outputs, atol=2e-5)
    assert mean == pytest.approx(loss / pairs, rel=1e-5)


def test_a_step_of_cbow_follows_the_gradient_of_every_word() -> None:
    made, step = tables(), batch("cbow")
    inputs, outputs = made.inputs.double().numpy(), made.outputs.double().numpy()
    up_inputs, up_outputs, loss, predicted = np.zeros_like(inputs), np.zeros_like(outputs), 0.0, 0
    for i, word in enumerate(step.words.tolist()):
        near = contexts(step, i) if word != NOTHING else []
        if not near:
            continue
        predicted += 1
        h = np.mean([inputs[step.words[j]] for j in near], axis=0)
        g = 1 - sigmoid(h @ outputs[word])
        gradient = g * outputs[word]
        up_outputs[word] += g * h
        loss -= math.log(sigmoid(h @ outputs[word]))
        noise = drawn(step, i)
        for negative in noise:
            if negative == word:
                continue
            weight = NEGATIVES / len(noise)
            g = -sigmoid(h @ outputs[negative]) * weight
            gradient = gradient + g * outputs[negative]
            up_outputs[negative] += g * h
            loss -= weight * math.log(sigmoid(-h @ outputs[negative]))
        for j in near:
            up_inputs[step.words[j]] += gradient
    mean = cbow(made, Batch.of(step, 2), NEGATIVES, RATE, measure=True)
    np.testing.assert_allclose(made.inputs.numpy(), inputs + RATE * up_inputs, atol=2e-5)
    np.testing.assert_allclose(made.outputs.numpy(), outputs + RATE * up_outputs, atol=2e-5)
    assert mean == pytest.approx(loss / predicted, rel=1e-5)


def test_an_epoch_reads_every_word_once_and_windows_have_every_size() -> None:
    windows = Windows(STREAM, NegativeSamplingSettings(window=3, subsampling=0, batch_words=16), seed=1)
    batches = [windows.drawn(step) for step in range(windows.steps_in_epoch)]
    seen = np.concatenate([each.words.numpy() for each in batches])
    assert sorted(seen[seen != NOTHING]) == sorted(STREAM.words)
    assert {int(reach) for each in batches for reach in each.reach} == {1, 2, 3}
    assert torch.equal(windows.drawn(2).words, batches[2].words)  # any batch can be repeated, for --resume


def test_negatives_are_drawn_by_frequency_to_the_power_of_three_quarters() -> None:
    wanted = STREAM.counts**0.75 / (STREAM.counts**0.75).sum()
    np.testing.assert_allclose(np.diff(STREAM.noise(0.75), prepend=0), wanted)


def test_frequent_words_are_left_out_as_word2vec_does() -> None:
    share = STREAM.counts / len(STREAM)
    wanted = [min(1, math.sqrt(0.05 / f) + 0.05 / f) for f in share]
    np.testing.assert_allclose(STREAM.kept_share(0.05), wanted)


def fnv(text: str) -> int:
    """fastText's hash, as its Dictionary::hash: bytes are signed."""
    value = 2166136261
    for byte in text.encode():
        signed = byte - 256 if byte > 127 else byte
        value = ((value ^ (signed % (1 << 32))) * 16777619) % (1 << 32)
    return value


@pytest.mark.parametrize("word", ["where", "a", "", "नमस्ते", "😂", "don't", "größer"])
@pytest.mark.parametrize(("shortest", "longest"), [(3, 6), (1, 3), (5, 5)])
def test_the_n_grams_of_a_word_are_those_of_fasttext(word: str, shortest: int, longest: int) -> None:
    marked = f"<{word}>"
    wanted = [
        marked[i : i + n]
        for i in range(len(marked))
        for n in range(shortest, longest + 1)
        if i + n <= len(marked) and not (n == 1 and marked[i] in "<>" and i in (0, len(marked) - 1))
    ]
    assert parts(word, shortest, longest) == wanted
    found = subwords(["x", word, "yz"], shortest, longest, 1000)
    rows = found.rows[found.offsets[1] : found.offsets[2]]
    assert sorted(rows) == sorted(fnv(part) % 1000 for part in wanted)


def test_the_hash_has_the_values_of_fasttexts_program() -> None:
    assert [bucket(part, 2_000_000) for part in ("<wh", "नमस्ते>"[:3])] == [
        fnv("<wh") % 2_000_000,
        fnv("नमस") % 2_000_000,
    ]
    assert fnv("") == 2166136261
    assert fnv("a") == 0xE40C292C  # the published test value of 32-bit FNV-1a


def test_co_occurrences_count_pairs_of_one_message_in_both_orders() -> None:
    wanted: dict[tuple[int, int], float] = defaultdict(float)
    for text in TEXTS:
        ids = [TOKENIZER.words.index(word) for word in text.split()]
        for i, word in enumerate(ids):
            for j in range(max(0, i - 3), min(len(ids), i + 4)):
                if j != i:
                    wanted[word, ids[j]] += 1 / abs(i - j)
    found = cooccurrences(STREAM, 3, harmonic)
    assert list(zip(found.rows, found.columns, strict=True)) == sorted(wanted)
    np.testing.assert_allclose(found.values, [wanted[pair] for pair in sorted(wanted)])


def test_a_step_of_glove_follows_the_gradient_of_a_count_with_adagrad() -> None:
    counts = cooccurrences(STREAM, 3, harmonic)
    made = GloveTables.new(WORDS, DIM, 0)
    w, c = made.words.double().numpy().copy(), made.contexts.double().numpy().copy()
    w2, c2 = np.ones_like(w), np.ones_like(c)
    settings = GloveSettings(x_max=5, batch_counts=1)
    for i, j, x in zip(*counts, strict=True):
        error = w[i, :-1] @ c[j, :-1] + w[i, -1] + c[j, -1] - math.log(x)
        weighted = min(1, x / 5) ** 0.75 * error
        of_word, of_context = weighted * np.append(c[j, :-1], 1), weighted * np.append(w[i, :-1], 1)
        w2[i] += of_word**2
        c2[j] += of_context**2
        w[i] -= 0.05 * of_word / np.sqrt(w2[i])
        c[j] -= 0.05 * of_context / np.sqrt(c2[j])
        loss = glove(made, torch.tensor([i]), torch.tensor([j]), torch.tensor([x]).float(), settings, 0.05)
        assert loss == pytest.approx(weighted * error / 2, rel=1e-3, abs=1e-6)
    np.testing.assert_allclose(made.vectors().numpy(), (w + c)[:, :-1], atol=1e-4)


def dense_ppmi(exponent: float, shift: float) -> np.ndarray:
    found = cooccurrences(STREAM, 2, linear(2))
    counts = np.zeros((WORDS, WORDS))
    counts[found.rows, found.columns] = found.values
    of_context = counts.sum(axis=0) ** exponent
    wanted = np.zeros_like(counts)
    for i in range(WORDS):
        for j in range(WORDS):
            if counts[i, j] > 0:
                joint, word = counts[i, j] / counts.sum(), counts[i].sum() / counts.sum()
                wanted[i, j] = max(0, math.log(joint / (word * of_context[j] / of_context.sum())) - math.log(shift))
    return wanted


@pytest.mark.parametrize(("exponent", "shift"), [(1.0, 1.0), (0.75, 1.0), (0.75, 2.0)])
def test_ppmi_is_the_positive_part_of_the_mutual_information(exponent: float, shift: float) -> None:
    found = ppmi.ppmi(cooccurrences(STREAM, 2, linear(2)), WORDS, exponent, shift)
    dense = np.zeros((WORDS, WORDS))
    dense[found.rows, found.columns] = found.values
    np.testing.assert_allclose(dense, dense_ppmi(exponent, shift), atol=1e-12)


def test_power_iterations_find_the_largest_singular_values() -> None:
    dense = np.random.default_rng(0).poisson(0.3, (60, 60)).astype(np.float32)
    matrix = torch.from_numpy(dense).to_sparse_coo()
    turned = ppmi.transposed(matrix)
    basis = ppmi.first_basis(matrix, 30, seed=0)
    for _ in range(8):
        basis = ppmi.better_basis(matrix, turned, basis)
    left, values = ppmi.decomposed(turned, basis, 10)
    wanted_left, wanted, _ = np.linalg.svd(dense)
    np.testing.assert_allclose(values.numpy(), wanted[:10], rtol=1e-3)
    np.testing.assert_allclose(np.abs((left.numpy() * wanted_left[:, :10]).sum(axis=0))[:4], 1, atol=1e-2)
