"""A source (chat export, prose, sentence pairs) to what a model learns from, cut into train, val and test.

Chats and prose are cut in time order over what is kept; sentence pairs by a seeded hash of the source sentence, equal
sources together, since files of pairs are often sorted by length. Nothing may be fitted on val or test.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Literal

from tui_lm import chats
from tui_lm.chats.document import Document, Meter, file_document
from tui_lm.errors import TuiLmError

Kind = Literal["chat", "prose", "pairs"]
Part = Literal["train", "val", "test"]
PARTS: tuple[Part, ...] = ("train", "val", "test")
LOOK = 200  # lines that tell sentence pairs from prose
FEWEST = 10  # messages or pairs under which there is nothing to train on
FEWEST_CHARACTERS = 200


@dataclass(frozen=True, slots=True)
class Utterance:
    """A message of a chat, or a whole part of a text (then `author` is None)."""

    author: str | None
    text: str


@dataclass(frozen=True, slots=True)
class Pair:
    """A sentence and its translation."""

    source: str
    target: str


@dataclass(frozen=True, slots=True)
class Fractions:
    """Shares of train, val and test in per cent; they sum to 100."""

    train: int = 90
    val: int = 5
    test: int = 5

    @classmethod
    def parse(cls, text: str) -> Fractions:
        """From "90,5,5"."""
        try:
            train, val, test = (int(part) for part in text.split(","))
        except ValueError:
            train = val = test = -1
        if min(train, val, test) < 0 or train == 0 or train + val + test != 100:
            raise TuiLmError(
                f"a split is three shares that sum to 100, not {text!r}",
                "for example --split 90,5,5",
                exit_code=2,
            )
        return cls(train, val, test)

    def cuts(self, length: int) -> tuple[int, int]:
        """Where val and where test begin among `length` things in time order."""
        return length * self.train // 100, length * (self.train + self.val) // 100

    def part_of(self, key: str, seed: int) -> Part:
        """The part of a sentence pair, by a hash of its source that is the same on every machine."""
        digest = hashlib.blake2b(key.encode("utf-8", "surrogatepass"), digest_size=8, salt=seed.to_bytes(8, "big"))
        share = int.from_bytes(digest.digest(), "big") % 10_000
        if share < self.train * 100:
            return "train"
        return "val" if share < (self.train + self.val) * 100 else "test"


@dataclass(frozen=True, slots=True)
class Corpus:
    """`utterances` of a chat or a text, or `pairs`, by part; the one that does not apply is empty."""

    kind: Kind
    fractions: Fractions
    fingerprint: str
    utterances: Mapping[Part, Sequence[Utterance]] = field(default_factory=lambda: dict.fromkeys(PARTS, ()))
    pairs: Mapping[Part, Sequence[Pair]] = field(default_factory=lambda: dict.fromkeys(PARTS, ()))
    warnings: tuple[str, ...] = ()

    @property
    def authors(self) -> list[str]:
        """Everyone who wrote in the training part, those who wrote most first."""
        counts = Counter(u.author for u in self.utterances["train"] if u.author is not None)
        return [name for name, _ in counts.most_common()]


def kind_of(source: Path) -> Kind:
    """What a source is, told from its content. Raises TuiLmError for a missing, empty or binary file."""
    chats.require_text(source)
    if chats.detect(source) is not None:
        return "chat"
    lines = [line for line in islice(_document(source).lines(), LOOK) if line.strip()]
    paired = sum(1 for line in lines if _pair(line) is not None)
    return "pairs" if lines and paired >= 0.9 * len(lines) else "prose"


def read_corpus(
    sources: Sequence[Path],
    fractions: Fractions | None = None,
    *,
    seed: int = 0,
    chat_format: str | None = None,
    date_order: str | None = None,
    aliases: Mapping[str, str] | None = None,
    exclude: Collection[str] = (),
    only: Collection[str] = (),
    progress: Callable[[int, int], None] | None = None,
) -> Corpus:
    """Read `sources`, all of one kind, and cut them. Raises TuiLmError where there is too little to train on."""
    fractions = fractions or Fractions()
    kinds = {"chat" if chat_format else kind_of(source) for source in sources}
    if len(kinds) != 1:
        raise TuiLmError(
            f"the sources are of several kinds: {', '.join(sorted(kinds))}",
            "give sources of one kind at a time",
        )
    mark = fingerprint(sources)
    if "chat" in kinds:
        chat = chats.open_chat(
            sources,
            format=chat_format,
            date_order=date_order,
            aliases=aliases or {},
            exclude=exclude,
            only=only,
            progress=progress,
        )
        messages = [Utterance(message.author, message.text) for message in chat.messages()]
        return Corpus("chat", fractions, mark, utterances=_cut(messages, fractions), warnings=tuple(chat.warnings))
    if "pairs" in kinds:
        return Corpus("pairs", fractions, mark, pairs=_read_pairs(sources, fractions, seed))
    text = "\n".join("".join(_document(source).blocks()) for source in sources)
    val, test = fractions.cuts(len(text))
    parts = {"train": text[:val], "val": text[val:test], "test": text[test:]}
    whole = {part: [Utterance(None, parts[part])] if parts[part] else [] for part in PARTS}
    return Corpus("prose", fractions, mark, utterances=whole)


def require_enough(corpus: Corpus) -> None:
    """Raises TuiLmError where a model could not be trained: too few messages, pairs or characters."""
    if corpus.kind == "prose":
        characters = sum(len(u.text) for u in corpus.utterances["train"])
        if characters < FEWEST_CHARACTERS:
            raise TuiLmError(
                f"this text has only {characters} characters to train on",
                f"at least {FEWEST_CHARACTERS} are needed, and some hundred thousand make a good model",
            )
        return
    things = corpus.utterances["train"] if corpus.kind == "chat" else corpus.pairs["train"]
    name = "messages" if corpus.kind == "chat" else "sentence pairs"
    if len(things) < FEWEST:
        raise TuiLmError(
            f"there are only {len(things)} {name} to train on",
            f"at least {FEWEST} are needed, and some thousands make a good model; `tui-lm read` shows what was seen",
        )


def fingerprint(sources: Sequence[Path]) -> str:
    """SHA-256 of the sources' bytes, by which a model knows the file that it was trained on."""
    whole = hashlib.sha256()
    for source in sources:
        files = sorted(path for path in source.rglob("*") if path.is_file()) if source.is_dir() else [source]
        for path in files:
            with path.open("rb") as file:
                whole.update(hashlib.file_digest(file, "sha256").digest())
    return whole.hexdigest()


def _cut(things: Sequence[Utterance], fractions: Fractions) -> dict[Part, Sequence[Utterance]]:
    val, test = fractions.cuts(len(things))
    return {"train": things[:val], "val": things[val:test], "test": things[test:]}


def _document(source: Path) -> Document:
    return file_document(source, source.name, {}, Meter())


def _pair(line: str) -> Pair | None:
    """The first two columns of a TSV line; None where it has fewer, or one of them is empty."""
    source, tab, rest = line.partition("\t")
    target = rest.partition("\t")[0]
    return Pair(source.strip(), target.strip()) if tab and source.strip() and target.strip() else None


def _read_pairs(sources: Sequence[Path], fractions: Fractions, seed: int) -> dict[Part, Sequence[Pair]]:
    parts: dict[Part, list[Pair]] = {"train": [], "val": [], "test": []}
    for source in sources:
        for line in _document(source).lines():
            if (pair := _pair(line)) is not None:
                parts[fractions.part_of(pair.source, seed)].append(pair)
    return dict(parts)
