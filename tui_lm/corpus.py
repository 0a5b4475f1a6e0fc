"""A corpus: the examples of a source, split into train, val and test.

Chats and prose are split in time order, after authors are excluded. Sentence pairs, labelled texts and tagged sentences
are split by a seeded hash of the source sentence or the text, so that equal ones stay together: such files are often
sorted. Nothing may be fitted on val or test.
"""

from __future__ import annotations

import hashlib
from array import array
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import chain
from pathlib import Path

from tui_lm import chats
from tui_lm.canaries import canaries, insertions
from tui_lm.chats.document import Document
from tui_lm.chats.merge import moment
from tui_lm.errors import TuiLmError
from tui_lm.fingerprints import Fingerprints, Marker
from tui_lm.labelled_texts import LabelledText, read_labelled
from tui_lm.prose import split_prose
from tui_lm.redaction.redactor import Redactor
from tui_lm.sentence_pairs import Layout, Pair, read_pairs
from tui_lm.source_kind import Kind, Source, recognise
from tui_lm.source_options import PLAIN, SourceOptions
from tui_lm.split import PARTS, Fractions, Part
from tui_lm.tagged_sentences import TaggedSentence, read_tagged
from tui_lm.utterances import Utterance as Utterance  # re-exported for the readers of a corpus
from tui_lm.utterances import authors_of, kept

FEWEST = 10  # messages or pairs that a training part must have
FEWEST_CHARACTERS = 200

NAMES: Mapping[Kind, str] = {
    "chat": "messages",
    "prose": "pieces",
    "pairs": "sentence pairs",
    "labelled": "labelled texts",
    "tagged": "tagged sentences",
}  # what an example is called

Progress = Callable[[int, int], None]  # bytes read, bytes in all
Example = Utterance | Pair | LabelledText | TaggedSentence


@dataclass(frozen=True, slots=True)
class Corpus:
    """`utterances` of a chat or prose, `pairs`, `labelled` texts or `tagged` sentences, by part. The rest is empty.

    `fingerprints` are those of a chat's messages, and of all that a model has seen before; `known` is the number of
    messages by part that it has seen.
    """

    kind: Kind
    fractions: Fractions
    fingerprint: str
    utterances: Mapping[Part, Sequence[Utterance]] = field(default_factory=lambda: dict.fromkeys(PARTS, ()))
    pairs: Mapping[Part, Sequence[Pair]] = field(default_factory=lambda: dict.fromkeys(PARTS, ()))
    labelled: Mapping[Part, Sequence[LabelledText]] = field(default_factory=lambda: dict.fromkeys(PARTS, ()))
    tagged: Mapping[Part, Sequence[TaggedSentence]] = field(default_factory=lambda: dict.fromkeys(PARTS, ()))
    warnings: tuple[str, ...] = ()
    redacted: Mapping[str, int] = field(default_factory=dict)  # number of replacements, by kind
    renamed: Mapping[str, str] = field(default_factory=dict)  # from an author's name in the export to the one here
    fingerprints: Fingerprints | None = None
    known: Mapping[Part, int] = field(default_factory=dict)

    def examples(self, part: Part) -> Sequence[Example]:
        """The examples of a part, of the corpus's kind."""
        by_kind: Mapping[str, Mapping[Part, Sequence[Example]]] = {
            "pairs": self.pairs,
            "labelled": self.labelled,
            "tagged": self.tagged,
        }
        return by_kind.get(self.kind, self.utterances)[part]

    @property
    def authors(self) -> list[str]:
        """The authors of the training part, most messages first."""
        counts = Counter(author for author in authors_of(self.utterances["train"]) if author is not None)
        return [name for name, _ in counts.most_common()]


def read_corpus(
    sources: Sequence[Path],
    fractions: Fractions | None = None,
    options: SourceOptions = PLAIN,
    *,
    seen: Fingerprints | None = None,
    progress: Progress | None = None,
) -> Corpus:
    """Read `sources`, which are all of one kind, and split them. Raises TuiLmError for a source that cannot be read.

    Messages of a chat that a model has `seen` stay in their parts, and only the new ones are split.
    """
    fractions = fractions or Fractions()
    found = [recognise(source, forced=options.kind, encoding=options.encoding) for source in sources]
    kinds = {source.kind for source in found}
    if len(kinds) != 1:
        raise TuiLmError(
            f"the sources are of several kinds: {', '.join(sorted(kinds))}",
            "give sources of one kind at a time",
        )
    match kinds.pop():
        case "chat":
            return _read_chat(sources, fractions, options, seen, progress)
        case "pairs":
            return _read_pairs(sources, found, fractions, options)
        case "prose":
            return _read_prose(sources, found, fractions, options)
        case "labelled":
            return _read_labelled(sources, found, fractions, options)
        case "tagged":
            return _read_tagged(sources, found, fractions, options)


def _read_chat(
    sources: Sequence[Path],
    fractions: Fractions,
    options: SourceOptions,
    seen: Fingerprints | None,
    progress: Progress | None,
) -> Corpus:
    mark = fingerprint(sources)
    chat = chats.open_chat(
        sources,
        format=options.format_of_chat,
        date_order=options.date_order,
        encoding=options.encoding,
        columns=options.message_columns,
        aliases=options.aliases,
        exclude=options.exclude,
        only=options.only,
        progress=progress,
    )
    redactor = _redactor(options, chat)
    seen = seen or Fingerprints()
    marker, marks = Marker(seen.key), array("Q")

    def utterances() -> Iterator[Utterance]:
        for row in chat.messages():
            sent_at = moment(row)
            marks.append(marker.mark(row.text, sent_at))
            yield Utterance(redactor.author(row.author), redactor.text(row.text), sent_at)

    messages = kept(utterances())
    divided = seen.divide(marks, fractions)
    marked = {part: [mark for mark, own in zip(marks, divided, strict=True) if own == part] for part in PARTS}
    known = {part: sum(seen.part_of(mark) is not None for mark in marked[part]) for part in PARTS} if len(seen) else {}
    parts: dict[Part, Sequence[Utterance]] = {
        part: kept(message for message, own in zip(messages, divided, strict=True) if own == part) for part in PARTS
    }
    if options.canaries:
        parts["train"] = _with_canaries(parts["train"], options, redactor)
    return Corpus(
        "chat",
        fractions,
        mark,
        parts,
        warnings=tuple(chat.warnings),
        redacted=redactor.found,
        renamed=redactor.renamed,
        fingerprints=seen.with_parts(marked),
        known=known if any(known.values()) else {},
    )


def _read_pairs(
    sources: Sequence[Path], found: Sequence[Source], fractions: Fractions, options: SourceOptions
) -> Corpus:
    mark, warnings = fingerprint(sources), [*_warnings(found)]
    pairs = read_pairs(_documents(found), options.layout or Layout(), warnings.append)
    parts = fractions.parted(pairs, lambda pair: pair.source, options.seed)
    return Corpus("pairs", fractions, mark, pairs=parts, warnings=tuple(warnings))


def _read_labelled(
    sources: Sequence[Path], found: Sequence[Source], fractions: Fractions, options: SourceOptions
) -> Corpus:
    texts = read_labelled(_documents(found), options.columns)
    parts = fractions.parted(texts, lambda example: example.text, options.seed)
    return Corpus("labelled", fractions, fingerprint(sources), labelled=parts, warnings=_warnings(found))


def _read_tagged(
    sources: Sequence[Path], found: Sequence[Source], fractions: Fractions, options: SourceOptions
) -> Corpus:
    sentences = read_tagged(_documents(found), options.columns)
    parts = fractions.parted(sentences, lambda sentence: " ".join(sentence.tokens), options.seed)
    return Corpus("tagged", fractions, fingerprint(sources), tagged=parts, warnings=_warnings(found))


def _documents(found: Sequence[Source]) -> list[Document]:
    return [document for source in found for document in source.documents]


def _warnings(found: Sequence[Source]) -> tuple[str, ...]:
    return tuple(warning for source in found for warning in source.warnings)


def _read_prose(
    sources: Sequence[Path], found: Sequence[Source], fractions: Fractions, options: SourceOptions
) -> Corpus:
    mark = fingerprint(sources)
    redactor = _redactor(options)
    parts = split_prose(_documents(found), fractions, redactor)
    if options.canaries:
        lines = [line for utterance in parts["train"] for line in utterance.text.splitlines(keepends=True)]
        parts["train"] = _with_canaries([Utterance(None, line) for line in lines], options, redactor, "\n")
    return Corpus("prose", fractions, mark, parts, warnings=_warnings(found), redacted=redactor.found)


def with_parts(corpus: Corpus, valid: Corpus | None, test: Corpus | None) -> Corpus:
    """`corpus` with other corpora, whole, as its validation and test parts.

    `corpus` must have been read with `Fractions.without` those parts. Raises TuiLmError for corpora of another kind.
    """
    others: dict[Part, Corpus | None] = {"val": valid, "test": test}
    utterances, pairs = dict(corpus.utterances), dict(corpus.pairs)
    labelled, tagged = dict(corpus.labelled), dict(corpus.tagged)
    for part, other in others.items():
        if other is None:
            continue
        if other.kind != corpus.kind:
            raise TuiLmError(
                f"a model of {corpus.kind} cannot be evaluated on {other.kind}",
                "give validation and test files of the same kind as the source",
            )
        utterances[part] = kept(utterance for own in PARTS for utterance in other.utterances[own])
        pairs[part] = [pair for own in PARTS for pair in other.pairs[own]]
        labelled[part] = [text for own in PARTS for text in other.labelled[own]]
        tagged[part] = [sentence for own in PARTS for sentence in other.tagged[own]]
    return replace(corpus, utterances=utterances, pairs=pairs, labelled=labelled, tagged=tagged)


def require_enough(corpus: Corpus) -> None:
    """Raises TuiLmError for a training part with too few examples or characters."""
    if corpus.kind == "prose":
        characters = sum(len(u.text) for u in corpus.utterances["train"])
        if characters < FEWEST_CHARACTERS:
            raise TuiLmError(
                f"this text has only {characters} characters to train on",
                f"at least {FEWEST_CHARACTERS} are needed, and a good model needs some hundred thousand",
            )
        return
    if (count := len(corpus.examples("train"))) < FEWEST:
        raise TuiLmError(
            f"there are only {count} {NAMES[corpus.kind]} to train on",
            f"at least {FEWEST} are needed, and a good model needs some thousands; `tui-lm read` shows what was found",
        )


def fingerprint(sources: Sequence[Path]) -> str:
    """SHA-256 of the sources' bytes. A model's card keeps it, to recognise the files that it was trained on."""
    whole = hashlib.sha256()
    for source in sources:
        files = sorted(path for path in source.rglob("*") if path.is_file()) if source.is_dir() else [source]
        for path in files:
            with path.open("rb") as file:
                whole.update(hashlib.file_digest(file, "sha256").digest())
    return whole.hexdigest()


def _redactor(options: SourceOptions, chat: chats.Chat | None = None) -> Redactor:
    """The redactor of these options. To redact authors' names it reads the chat once more."""
    named = chat is not None and options.redact_names
    authors = {row.author for row in chat if row.author is not None} if chat is not None and named else ()
    return Redactor(private=options.redact > 0, authors=authors, alias=options.alias_authors)


def _with_canaries(
    train: Sequence[Utterance], options: SourceOptions, redactor: Redactor, end: str = ""
) -> Sequence[Utterance]:
    """The training part with canaries at random positions, each by the author of a message beside it."""
    inserted = insertions(canaries(options.canaries, options.seed), len(train), options.seed)

    def mixed() -> Iterator[Utterance]:
        author = None
        for index, utterance in enumerate(chain(train, [None])):
            author = author if utterance is None else utterance.author
            for text in inserted.get(index, ()):
                yield Utterance(author, redactor.text(text) + end)
            if utterance is not None:
                yield utterance

    return kept(mixed())
