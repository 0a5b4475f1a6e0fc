"""BLEU (Papineni et al. 2002) and chrF (Popović 2015) by sacreBLEU (Post 2018), with its signatures."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Any

from tui_lm.sentence_pairs import Pair

UNSPACED = re.compile("[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff]")
"""Scripts without spaces between words: Thai, Lao, Burmese, Khmer, kana, Han."""


def references(pairs: Iterable[Pair]) -> dict[str, list[str]]:
    """Each source with all its translations, in order of appearance."""
    found: dict[str, dict[str, None]] = {}
    for pair in pairs:
        found.setdefault(pair.source, {})[pair.target] = None
    return {source: list(targets) for source, targets in found.items()}


def score(answers: Sequence[str], targets: Sequence[Sequence[str]], *, lower_case: bool = False) -> dict[str, Any]:
    """The object that `evaluate --json` prints; `targets` holds the references of each answer.

    Corpus BLEU over 13a tokens, or over characters for scripts without spaces; the signature names the tokenizer and
    whether case counted. Scores of no sentences are None.
    """
    if not answers:
        return {"bleu": None, "chrf": None, "signature": None, "chrf_signature": None, "sentences": 0}
    from sacrebleu.metrics.bleu import BLEU
    from sacrebleu.metrics.chrf import CHRF

    most = max(map(len, targets))
    streams: Any = [[own[i] if i < len(own) else None for own in targets] for i in range(most)]
    bleu = BLEU(lowercase=lower_case, tokenize="char" if _is_unspaced(targets) else "13a")
    chrf = CHRF(lowercase=lower_case)
    return {
        "bleu": round(bleu.corpus_score(answers, streams).score, 2),
        "chrf": round(chrf.corpus_score(answers, streams).score, 2),
        "signature": str(bleu.get_signature()),
        "chrf_signature": str(chrf.get_signature()),
        "sentences": len(answers),
    }


def _is_unspaced(targets: Sequence[Sequence[str]]) -> bool:
    """Whether most letters are of scripts without spaces."""
    text = "".join(own[0] for own in targets)
    return 2 * len(UNSPACED.findall(text)) > sum(map(str.isalpha, text))
