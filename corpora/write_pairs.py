"""Write `english-hindi.tsv`: English sentences with Hindi translations, one pair per line.

python corpora/write_pairs.py            write the file
python corpora/write_pairs.py --check    compare the file with a new one
python corpora/write_pairs.py --counts   say how many pairs each pattern gives
"""

from __future__ import annotations

import argparse
import random
import sys
import unicodedata
from pathlib import Path

from material.hindi import daily, joined, nominal, verbal
from material.hindi.lexicon import read_phrases

TARGET = Path(__file__).parent / "english-hindi.tsv"
SEED = 1417
PER_PATTERN = 110


def finished(en: str, hi: str) -> tuple[str, str]:
    """The pair with capital letter and end marks, in Unicode normal form C."""
    en = en[0].upper() + en[1:]
    if not en.endswith(("?", "!", ".")):
        en, hi = en + ".", hi + "।"
    return en, unicodedata.normalize("NFC", hi)


def pairs_by_pattern(seed: int = SEED) -> dict[str, list[tuple[str, str]]]:
    """At most `PER_PATTERN` pairs of each pattern. No English sentence has two translations."""
    rng = random.Random(seed)
    chosen: dict[str, list[tuple[str, str]]] = {}
    taken: set[str] = set()
    patterns = (
        {"phrases": iter(read_phrases())}
        | verbal.patterns()
        | joined.patterns()
        | nominal.patterns()
        | daily.patterns()
    )
    for name, pairs in patterns.items():
        candidates = list(pairs)
        limit = len(candidates) if name == "phrases" else PER_PATTERN
        if name != "phrases":
            candidates = rng.sample(candidates, min(len(candidates), 3 * limit))
        kept = chosen.setdefault(name, [])
        for raw in candidates:
            en, hi = finished(*raw)
            if en not in taken and len(kept) < limit:
                taken.add(en)
                kept.append((en, hi))
    return chosen


def table(by_pattern: dict[str, list[tuple[str, str]]], seed: int = SEED) -> str:
    """The file: all pairs, shuffled with a fixed seed."""
    pairs = [pair for kept in by_pattern.values() for pair in kept]
    random.Random(seed + 1).shuffle(pairs)
    return "".join(f"{en}\t{hi}\n" for en, hi in pairs)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--check", action="store_true", help="compare, do not write")
    parser.add_argument("--counts", action="store_true", help="count, do not write")
    options = parser.parse_args()
    if options.counts:
        for name, pairs in pairs_by_pattern().items():
            print(f"{len(pairs):5} {name}")
        return 0
    text = table(pairs_by_pattern())
    if options.check:
        same = TARGET.exists() and TARGET.read_bytes() == text.encode()
        print(f"{TARGET.name} is {'up to date' if same else 'out of date'}")
        return 0 if same else 1
    TARGET.write_bytes(text.encode())
    return 0


if __name__ == "__main__":
    sys.exit(main())
