"""A source (chat export, prose, sentence pairs) to what a model learns from, cut into train, val and test.

Chats and prose are cut in time order over what is kept; sentence pairs by a seeded hash of the source sentence, equal
sources together, since files of pairs are often sorted by length. Nothing may be fitted on val or test.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields, replace
from itertools import chain, pairwise
from pathlib import Path
from typing import Any, Literal

from tui_lm import chats
from tui_lm.canaries import canaries, places
from tui_lm.chats.document import Document, Meter, file_document
from tui_lm.chats.merge import moment
from tui_lm.errors import DAMAGE, TuiLmError
from tui_lm.redaction.redactor import Redactor
from tui_lm.sentence_pairs import Layout, Pair, looks_parallel, read_pairs
from tui_lm.utterances import Spool, authors_of, kept
from tui_lm.utterances import Utterance as Utterance  # where those who read a corpus look for it

Kind = Literal["chat", "prose", "pairs"]
Part = Literal["train", "val", "test"]
PARTS: tuple[Part, ...] = ("train", "val", "test")
FEWEST = 10  # messages or pairs under which there is nothing to train on
FEWEST_CHARACTERS = 200
IN_ONE_PIECE = 8_000_000  # characters of a text, up to which each of its parts is one utterance
LONGEST_WORD = 1 << 20  # characters without a space, which a script may not have, after which a text is cut anyway


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

    def without(self, *parts: Part) -> Fractions:
        """These shares where `parts` come from elsewhere: what they had is trained on."""
        val, test = (0 if part in parts else getattr(self, part) for part in ("val", "test"))
        return Fractions(100 - val - test, val, test)

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
class Reading:
    """How a source is read. A model keeps it, so that its test part is cut from the same messages again.

    `aliases` from names in the export to names here; `only` and `exclude` are authors; with a `layout` the source is
    read as sentence pairs, whatever it looks like; `seed` is of their cut, and of canaries.

    The rest says what becomes of the text, sentence pairs excepted: with `redact`, the version of what is found,
    private things give way to placeholders; with `redact_names` so do the names of authors, and with `alias_authors`
    authors get other names; `canaries` are put into the training part.
    """

    chat_format: str | None = None
    date_order: str | None = None
    aliases: Mapping[str, str] = field(default_factory=dict)
    exclude: tuple[str, ...] = ()
    only: tuple[str, ...] = ()
    layout: Layout | None = None
    seed: int = 0
    redact: int = 0
    redact_names: bool = False
    alias_authors: bool = False
    canaries: int = 0

    @property
    def as_written(self) -> Reading:
        """The same messages by the same authors, with their text as it is."""
        return replace(self, redact=0, redact_names=False, canaries=0)

    def to_json(self) -> dict[str, Any]:
        """What differs from a plain reading."""
        plain = Reading()
        values = {each.name: getattr(self, each.name) for each in fields(self)}
        told = {name: value for name, value in values.items() if value != getattr(plain, name)}
        return told | ({"layout": asdict(self.layout)} if self.layout else {})

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> Reading:
        """What `to_json` gave. Raises TuiLmError where it is something else."""
        try:
            layout = values.get("layout")
            lists = {name: tuple(map(str, values[name])) for name in ("exclude", "only") if name in values}
            return cls(**{**values, **lists, "layout": None if layout is None else Layout(**layout)})
        except DAMAGE as error:
            raise TuiLmError(
                "how the model's source was read is damaged in its card, or of a newer tui-lm",
                "update tui-lm, or train the model again",
            ) from error


PLAIN = Reading()


@dataclass(frozen=True, slots=True)
class Corpus:
    """`utterances` of a chat or a text, or `pairs`, by part; the one that does not apply is empty."""

    kind: Kind
    fractions: Fractions
    fingerprint: str
    utterances: Mapping[Part, Sequence[Utterance]] = field(default_factory=lambda: dict.fromkeys(PARTS, ()))
    pairs: Mapping[Part, Sequence[Pair]] = field(default_factory=lambda: dict.fromkeys(PARTS, ()))
    warnings: tuple[str, ...] = ()
    redacted: Mapping[str, int] = field(default_factory=dict)  # how often what was, by kind
    renamed: Mapping[str, str] = field(default_factory=dict)  # what authors of the export are called here

    @property
    def authors(self) -> list[str]:
        """Everyone who wrote in the training part, those who wrote most first."""
        counts = Counter(author for author in authors_of(self.utterances["train"]) if author is not None)
        return [name for name, _ in counts.most_common()]


def kind_of(source: Path) -> Kind:
    """What a source is, told from its content. Raises TuiLmError for a missing, empty or binary file."""
    chats.require_text(source)
    if chats.detect(source) is not None:
        return "chat"
    return "pairs" if looks_parallel(source) else "prose"


def read_corpus(
    sources: Sequence[Path],
    fractions: Fractions | None = None,
    reading: Reading = PLAIN,
    *,
    progress: Callable[[int, int], None] | None = None,
) -> Corpus:
    """Read `sources`, all of one kind, and cut them. Raises TuiLmError where one cannot be read."""
    fractions = fractions or Fractions()
    forced: Kind | None = "chat" if reading.chat_format else "pairs" if reading.layout else None
    kinds = {forced or kind_of(source) for source in sources}
    if len(kinds) != 1:
        raise TuiLmError(
            f"the sources are of several kinds: {', '.join(sorted(kinds))}",
            "give sources of one kind at a time",
        )
    mark = fingerprint(sources)
    if "chat" in kinds:
        chat = chats.open_chat(
            sources,
            format=reading.chat_format,
            date_order=reading.date_order,
            aliases=reading.aliases,
            exclude=reading.exclude,
            only=reading.only,
            progress=progress,
        )
        redactor = _redactor(reading, chat)
        messages = kept(
            Utterance(redactor.author(row.author), redactor.text(row.text), moment(row)) for row in chat.messages()
        )
        parts = _cut(messages, fractions)
        if reading.canaries:
            parts["train"] = _with_canaries(parts["train"], reading, redactor)
        return Corpus(
            "chat",
            fractions,
            mark,
            parts,
            warnings=tuple(chat.warnings),
            redacted=redactor.found,
            renamed=redactor.renamed,
        )
    if "pairs" in kinds:
        pairs: dict[Part, list[Pair]] = {part: [] for part in PARTS}
        for pair in read_pairs(sources, reading.layout or Layout()):
            pairs[fractions.part_of(pair.source, reading.seed)].append(pair)
        return Corpus("pairs", fractions, mark, pairs=dict(pairs))
    redactor = _redactor(reading)
    parts = _prose(sources, fractions, redactor)
    if reading.canaries:
        lines = [line for utterance in parts["train"] for line in utterance.text.splitlines(keepends=True)]
        parts["train"] = _with_canaries([Utterance(None, line) for line in lines], reading, redactor, "\n")
    return Corpus("prose", fractions, mark, parts, redacted=redactor.found)


def with_parts(corpus: Corpus, valid: Corpus | None, test: Corpus | None) -> Corpus:
    """`corpus` with all of another file as its validation part, its test part or both.

    A part that comes from elsewhere is not cut from the corpus: read it with `Fractions.without` those parts. Raises
    TuiLmError where the files are of several kinds.
    """
    others: dict[Part, Corpus | None] = {"val": valid, "test": test}
    utterances, pairs = dict(corpus.utterances), dict(corpus.pairs)
    for part, other in others.items():
        if other is None:
            continue
        if other.kind != corpus.kind:
            raise TuiLmError(
                f"a model of {corpus.kind} cannot be judged on {other.kind}",
                "give files of one kind to --valid and --test",
            )
        utterances[part] = kept(utterance for own in PARTS for utterance in other.utterances[own])
        pairs[part] = [pair for own in PARTS for pair in other.pairs[own]]
    return replace(corpus, utterances=utterances, pairs=pairs)


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


def _redactor(reading: Reading, chat: chats.Chat | None = None) -> Redactor:
    """What redacts as the reading says; for the names of authors a chat is read once more."""
    named = chat is not None and reading.redact_names
    authors = {row.author for row in chat if row.author is not None} if chat is not None and named else ()
    return Redactor(private=reading.redact > 0, authors=authors, alias=reading.alias_authors)


def _with_canaries(
    train: Sequence[Utterance], reading: Reading, redactor: Redactor, end: str = ""
) -> Sequence[Utterance]:
    """The training part with canaries at places drawn by chance, each by whoever writes before or after it."""
    made = canaries(reading.canaries, reading.seed)
    inserted = places(made, len(train), reading.seed)

    def mixed() -> Iterator[Utterance]:
        author = None
        for place, utterance in enumerate(chain(train, [None])):
            author = author if utterance is None else utterance.author
            for text in inserted.get(place, ()):
                yield Utterance(author, redactor.text(text) + end)
            if utterance is not None:
                yield utterance

    return kept(mixed())


def _prose(sources: Sequence[Path], fractions: Fractions, redactor: Redactor) -> dict[Part, Sequence[Utterance]]:
    """Each part of a text as one utterance, or a long one as many: in pieces that end where words do.

    It is cut as it is written and redacted then, so that the cut is always the same.
    """
    length = sum(map(len, _text(sources)))
    cuts = dict(zip(PARTS, pairwise([0, *fractions.cuts(length), length]), strict=True))
    if length <= IN_ONE_PIECE:
        text = "".join(_text(sources))
        pieces = {part: text[begin:end] for part, (begin, end) in cuts.items()}
        return {part: [Utterance(None, redactor.text(piece))] if piece else [] for part, piece in pieces.items()}
    return {
        part: Spool.of(Utterance(None, redactor.text(piece.text)) for piece in _pieces(_text(sources), begin, end))
        for part, (begin, end) in cuts.items()
    }


def _text(sources: Sequence[Path]) -> Iterator[str]:
    """The text of the sources in blocks, a line's end between two of them."""
    for number, source in enumerate(sources):
        if number:
            yield "\n"
        yield from _document(source).blocks()


def _pieces(blocks: Iterable[str], begin: int, end: int) -> Iterator[Utterance]:
    """The characters from `begin` to `end`, cut before spaces, so that a tokenizer finds its words whole."""
    place, held = 0, ""
    for block in blocks:
        here = block[max(0, begin - place) : max(0, end - place)]
        place += len(block)
        before, space, after = (held + here).rpartition(" ")
        if space and before:
            yield Utterance(None, before)
        held = space + after
        if len(held) > LONGEST_WORD:
            yield Utterance(None, held)
            held = ""
    if held:
        yield Utterance(None, held)


def _document(source: Path) -> Document:
    return file_document(source, source.name, {}, Meter())
