"""The figures of `tui-lm audit`: what the network and the n-grams together have memorised."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from tui_lm.canaries import canaries
from tui_lm.completion import Completer
from tui_lm.completion.ngrams import Ngrams
from tui_lm.engine import Engine
from tui_lm.evaluation.exposure import Exposure, exposure
from tui_lm.evaluation.extraction import Given, Secret, given_away, secrets_of
from tui_lm.utterances import Utterance

MOST_STRINGS = 200  # per kind
MOST_EXPOSURE = 20.0  # bits: found within a million tries

Progress = Callable[[str, int, int], None]


def audit(
    engine: Engine,
    ngrams: Ngrams,
    learned: Sequence[Utterance],
    unseen: Sequence[Utterance],
    *,
    most: int = MOST_STRINGS,
    progress: Progress = lambda task, done, total: None,
) -> tuple[dict[str, Any], Given]:
    """The object that `audit --json` prints, and the extracted strings, which are not part of it.

    `learned` is the training text, `unseen` other text of the same source.
    """
    completer = Completer(engine, ngrams, private=True)
    reading = engine.card.reading
    made = canaries(int(reading.get("canaries", 0)), int(reading.get("seed", 0)))
    exposures = []
    for done, canary in enumerate(made, start=1):
        exposures.append(exposure(engine, canary))
        progress("canaries", done, len(made))
    secrets = secrets_of(learned, most)
    others = _never_learned(secrets_of(unseen, most), learned)
    given = given_away(engine, completer, secrets, lambda done: progress("training text", done, len(secrets)))
    guessed = given_away(engine, completer, others, lambda done: progress("unseen text", done, len(others)))
    report = {
        "redacted": bool(reading.get("redact")),
        "exposure": [_exposed(each) for each in exposures],
        "extraction": _extraction(secrets, given, others, guessed),
        "stored": _stored(ngrams, secrets),
    }
    return report, given


def _never_learned(secrets: Sequence[Secret], learned: Sequence[Utterance]) -> list[Secret]:
    """The strings with a word that does not occur in the training text."""
    wanted = {word for secret in secrets for word in secret.text.split()}
    known = {word for utterance in learned for word in utterance.text.split() if word in wanted}
    return [secret for secret in secrets if not set(secret.text.split()) <= known]


def over(report: dict[str, Any], most_exposure: float = MOST_EXPOSURE, most_extracted: int = 0) -> list[str]:
    """The reasons why the model has memorised too much; none if it has not."""
    reasons = []
    exposed = [each for each in report["exposure"] if each["bits"] > most_exposure]
    if exposed:
        reasons.append(f"{len(exposed)} of {len(report['exposure'])} canaries have more than {most_exposure:g} bits")
    extracted = sum(kind["extracted"] for kind in report["extraction"].values())
    if extracted > most_extracted:
        strings = sum(kind["strings"] for kind in report["extraction"].values())
        reasons.append(f"{extracted} of {strings} private strings are completed")
    return reasons


def _exposed(each: Exposure) -> dict[str, Any]:
    return {
        "form": each.canary.form,
        "repeats": each.canary.repeats,
        "bits": round(each.bits, 2),
        "most": round(each.most, 2),
        "beaten_by": each.beaten_by,
    }


def _extraction(
    secrets: Sequence[Secret], given: Given, others: Sequence[Secret], guessed: Given
) -> dict[str, dict[str, int]]:
    kinds = sorted({secret.kind for secret in [*secrets, *others]})
    return {
        kind: {
            "strings": sum(secret.kind == kind for secret in secrets),
            "extracted": sum(secret.kind == kind for secret, _ in given.secrets),
            "unseen": sum(secret.kind == kind for secret in others),
            "guessed": sum(secret.kind == kind for secret, _ in guessed.secrets),
        }
        for kind in kinds
    }


def _stored(ngrams: Ngrams, secrets: Sequence[Secret]) -> int:
    """The number of strings whose words are stored in the n-gram file."""
    spelled = ngrams.vocabulary.text.tobytes() + b"\0".join(ngrams.vocabulary.learned)
    parts = [[part for part in _words(secret.text) if len(part) >= 4] for secret in secrets]
    return int(np.sum([bool(words) and all(word.encode() in spelled for word in words) for words in parts]))


def _words(text: str) -> list[str]:
    from tui_lm.completion.vocabulary import tokens

    return [token.strip() for token in tokens(text)]
