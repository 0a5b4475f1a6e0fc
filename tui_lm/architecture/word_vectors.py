"""Word vectors: a table with a row per word, and for fastText rows of n-grams from which unknown words are composed."""

from __future__ import annotations

from dataclasses import dataclass

from tui_lm.architecture.families import VECTOR_FAMILIES

LABELS = {"word2vec": "word2vec", "fasttext": "fastText", "glove": "GloVe", "ppmi": "PPMI-SVD"}
MOST_ROWS = 1 << 24  # words, or n-gram rows: checked before memory is taken
WIDEST = 1 << 14  # numbers of a vector
LONGEST_NGRAM = 32  # characters


@dataclass(frozen=True, slots=True)
class WordVectors:
    """Vectors of `dim` numbers for `vocab_size` tokens; `family` names how they were learned.

    With `buckets`, a word is the mean of its own row and of the rows of its n-grams of `shortest` to `longest`
    characters, each found by a hash (Bojanowski et al. 2017). `embedding.weight` holds the finished mean of every known
    word, `ngrams.weight` the rows of the n-grams.
    """

    family: str
    vocab_size: int
    dim: int
    buckets: int = 0
    shortest: int = 3
    longest: int = 6

    def __post_init__(self) -> None:
        limits = {
            "vocab_size": (1, MOST_ROWS),
            "dim": (1, WIDEST),
            "buckets": (0, MOST_ROWS),
            "shortest": (1, LONGEST_NGRAM),
            "longest": (1, LONGEST_NGRAM),
        }
        if self.family not in VECTOR_FAMILIES:
            raise ValueError(f"no such family: {self.family!r}")
        for name, (low, high) in limits.items():
            value = getattr(self, name)
            if type(value) is not int or not low <= value <= high:
                raise ValueError(f"{name} must be between {low} and {high}, not {value!r}")
        if self.shortest > self.longest:
            raise ValueError("the shortest n-gram is longer than the longest")

    def weights(self) -> dict[str, tuple[int, ...]]:
        """Name and shape of every table."""
        shapes: dict[str, tuple[int, ...]] = {"embedding.weight": (self.vocab_size, self.dim)}
        if self.buckets:
            shapes["ngrams.weight"] = (self.buckets, self.dim)
        return shapes

    @property
    def label(self) -> str:
        """For people: "fastText, 100 numbers a word"."""
        return f"{LABELS[self.family]}, {self.dim} numbers a word"
