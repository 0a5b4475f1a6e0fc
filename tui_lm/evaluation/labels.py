"""How good a classifier or a tagger is on unseen texts, beside simpler ones. All shares are in per cent."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tui_lm.classification import figures
from tui_lm.classification.classifier import TextClassifier
from tui_lm.labelled_texts import LabelledText
from tui_lm.runtime.crf import Chain
from tui_lm.tagged_sentences import TaggedSentence
from tui_lm.tagging.entities import are_bio, by_type, found, token_accuracy
from tui_lm.tagging.mixture import Validation
from tui_lm.tagging.tagger import SentenceTagger

TOGETHER = 64  # texts that are read together
Progress = Callable[[str, int, int], object]


def classification(
    classifier: TextClassifier, texts: Sequence[LabelledText], progress: Progress = lambda *_: None
) -> dict[str, Any]:
    """The report on labelled texts; figures are None without any.

    `baselines` are the label that is most frequent in training, and the linear model alone; `network` is the network
    alone. A text whose label the model does not know counts as wrong.
    """
    labels = classifier.labels
    numbers = {label: number for number, label in enumerate(labels)}
    right = np.array([numbers.get(text.label, -1) for text in texts], dtype=int)
    if not len(right):
        return {"texts": 0, "accuracy": None, "macro_f1": None, "confusion": None, "calibration_error": None}
    network, linear = _logits(classifier, [text.text for text in texts], progress)
    mixture = classifier.mixture
    p = mixture.probabilities(network, linear)
    majority = np.zeros_like(p)
    majority[:, int(np.argmax(mixture.shares))] = 1
    given = p.argmax(axis=1)
    return {
        "texts": len(right),
        **_shares(labels, right, p),
        "confusion": {"labels": list(labels), "counts": figures.confusion(right, given, len(labels))},
        "calibration_error": _per_cent(figures.calibration_error(right, p)),
        "unknown_labels": int((right < 0).sum()),
        "baselines": {
            "majority": _shares(labels, right, majority),
            "linear": _shares(labels, right, mixture.of_linear(linear)),
        },
        "network": _shares(labels, right, mixture.of_network(network)),
        "weight_of_network": mixture.network,
    }


def _logits(
    classifier: TextClassifier, texts: Sequence[str], progress: Progress
) -> tuple[NDArray[np.floating], NDArray[np.floating]]:
    """The logits [N, L] of both parts."""
    network, linear = [], []
    for at in range(0, len(texts), TOGETHER):
        one, other = classifier.parts(texts[at : at + TOGETHER])
        network.append(one)
        linear.append(other)
        progress("classifying", min(at + TOGETHER, len(texts)), len(texts))
    return np.concatenate(network), np.concatenate(linear)


def _shares(labels: Sequence[str], right: NDArray[np.integer], p: NDArray[np.floating]) -> dict[str, Any]:
    """Accuracy, macro-F1, and the F1 of each label; None for one that neither occurs nor is given."""
    given = p.argmax(axis=1)
    by_label = {label: figures.f1_of(right, given, number) for number, label in enumerate(labels)}
    return {
        "accuracy": _per_cent(figures.accuracy(right, given)),
        "macro_f1": _per_cent(figures.macro_f1(right, given, p.shape[1])),
        "f1": {label: None if value is None else _per_cent(value) for label, value in by_label.items()},
    }


def tagging(
    tagger: SentenceTagger, sentences: Sequence[TaggedSentence], progress: Progress = lambda *_: None
) -> dict[str, Any]:
    """The report on tagged sentences; figures are None without any.

    `f1` counts entities as seqeval does, None where no tag marks entities. `baselines` are the most frequent tag, and
    the linear model alone; `network` is the network alone.
    """
    wanted = [sentence.tags for sentence in sentences]
    if not wanted:
        return {"sentences": 0, "words": 0, "accuracy": None, "f1": None}
    scored = []
    for at in range(0, len(sentences), TOGETHER):
        scored += tagger.parts([sentence.tokens for sentence in sentences[at : at + TOGETHER]])
        progress("tagging", min(at + TOGETHER, len(sentences)), len(sentences))
    linear = tagger.linear
    chain = Chain(linear.first, linear.last, linear.transitions)
    parts = Validation(tagger.labels, wanted, scored, tagger.network.chain, chain)
    given = parts.given(tagger.mixture)
    most = [[tagger.labels[0]] * len(tags) for tags in wanted]  # labels are in the order of their frequency in training
    report: dict[str, Any] = {
        "sentences": len(wanted),
        "words": sum(map(len, wanted)),
        **_of_tags(tagger.labels, wanted, given),
    }
    if are_bio(tagger.labels):
        total = found(wanted, given)
        report |= {"precision": _per_cent(total.precision), "recall": _per_cent(total.recall)}
        report["types"] = {
            kind: {"f1": _per_cent(each.f1), "entities": each.wanted} for kind, each in by_type(wanted, given).items()
        }
    alone = {name: parts.given(tagger.mixture.alone(name)) for name in ("linear", "network")}
    return report | {
        "baselines": {
            "majority": _of_tags(tagger.labels, wanted, most),
            "linear": _of_tags(tagger.labels, wanted, alone["linear"]),
        },
        "network": _of_tags(tagger.labels, wanted, alone["network"]),
        "weight_of_network": tagger.mixture.network,
    }


def _of_tags(
    labels: Sequence[str], wanted: Sequence[Sequence[str]], given: Sequence[Sequence[str]]
) -> dict[str, float | None]:
    f1 = _per_cent(found(wanted, given).f1) if are_bio(labels) else None
    return {"accuracy": _per_cent(token_accuracy(wanted, given)), "f1": f1}


def _per_cent(share: float) -> float:
    return round(100 * share, 2)


def warning(report: Mapping[str, Any], figure: str) -> str | None:
    """What to say where the linear model alone is at least as good as the mixture with a network."""
    ours, linear = report[figure], report["baselines"]["linear"][figure]
    if ours is None or linear is None or linear <= ours:
        return None
    return f"the linear model alone is better here ({linear:.1f} against {ours:.1f}): this task may not need a network"
