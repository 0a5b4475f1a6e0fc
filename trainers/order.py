"""A training run as the user ordered it, and the job that it becomes. No torch.

The command line parses an `Order`; everything that is decided about it (is a run resumed, what is redacted, what do the
second files hold) is decided here.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path

from trainers import job
from trainers.job import TrainingJob
from trainers.plan import Wishes, is_pretrained
from trainers.presets import SIZES
from trainers.run_files import source_files
from trainers.tasks import TASKS, families
from tui_lm import checkpoint, fingerprints, paths, tokenizers
from tui_lm.architecture import VECTOR_FAMILIES
from tui_lm.chats import require_text
from tui_lm.checkpoint import SavedModel
from tui_lm.corpus import Corpus, fingerprint, read_corpus, require_enough, with_parts
from tui_lm.errors import TuiLmError
from tui_lm.fingerprints import Fingerprints
from tui_lm.redaction import VERSION
from tui_lm.safe_text import visible_line
from tui_lm.source_options import SourceOptions
from tui_lm.split import Fractions

USAGE = 2
SOURCES = ("sources", "valid", "test")  # uses of files that an unfinished run keeps, beside its base
KIND_OF_TASK = {"classify": "labelled", "tag": "tagged"}
TASKS_WITHOUT_ME = ("author", "emoji", "vectors")  # of a chat, in which it does not matter who the user is
ChooseMe = Callable[[Corpus], str | None]


@dataclass(frozen=True, slots=True)
class Order:
    """`redact` is None for the default: chats and prose are redacted, sentence pairs are not.

    `valid` and `test` are files that replace a part of the sources. `base` is the model to begin from, or a file of
    word vectors; `embeddings` are the vectors of a model or file for the embedding of a new network. `languages` are
    the source's and the target's, for the card of a translator.
    """

    sources: tuple[Path, ...]
    wishes: Wishes = field(default_factory=Wishes)
    options: SourceOptions = field(default_factory=SourceOptions)
    fractions: Fractions = field(default_factory=Fractions)
    redact: bool | None = None
    valid: tuple[Path, ...] = ()
    test: tuple[Path, ...] = ()
    name: str | None = None
    me: str | None = None
    base: str | None = None
    languages: tuple[str, str] | None = None
    resume: bool = False
    overwrite: bool = False
    embeddings: str | None = None

    def check(self, *, writes: bool = True) -> None:
        """Raises TuiLmError for an order that cannot be met, as far as that is known before the sources are read.

        Without `writes` the model's name may be taken.
        """
        wishes = self.wishes
        _require_choice("arch", "network", wishes.family, ("auto", *families()))
        _require_choice("size", "size", wishes.size, SIZES)
        _require_choice("tokenizer", "tokenizer", wishes.tokenizer, ("auto", *tokenizers.KINDS))
        _require_choice("task", "task", wishes.task, ("auto", *TASKS))
        if self.base is not None and {wishes.family, wishes.tokenizer, wishes.size} != {"auto"}:
            raise TuiLmError(
                "fine-tuning keeps the network and tokenizer of the base model",
                "leave out the network, the tokenizer and the size",
                USAGE,
                about="base",
            )
        if self.base is not None and self.embeddings is not None:
            raise TuiLmError(
                "a model that is trained on has an embedding already",
                "leave out one of them",
                USAGE,
                about="embeddings",
            )
        if wishes.lora and self.base is None and not self.resume:
            raise TuiLmError("LoRA adapts a base, and none is named", "name a base to go on from", USAGE, about="base")
        if wishes.teacher is not None:
            checkpoint.find(wishes.teacher)
            if self.base is not None:
                raise TuiLmError(
                    "a run begins from a base or learns from a teacher", "leave out one of them", USAGE, about="teacher"
                )
        if self.name is not None:
            checkpoint.require_name(self.name)
            if writes and self.name in checkpoint.names() and not (self.overwrite or self.resume):
                raise TuiLmError(
                    f"there is already a model called {self.name}", "choose another name, or replace it", about="name"
                )

    def read(self) -> OrderedText | None:
        """Read the sources, with the options of the unfinished run if it is resumed. None if that run has finished.

        Raises TuiLmError for sources that cannot be trained on.
        """
        order, folder = self, None
        if self.resume:
            order = self._with_files_of_the_run()
            for source in order.sources:
                require_text(source)
            folder = job.unfinished(fingerprint(order.sources), order.name)
            if folder is None:
                return None
            card = checkpoint.describe(folder)
            order = replace(
                order, options=SourceOptions.from_json(card.reading), fractions=Fractions(*card.split), redact=None
            )
        else:
            order = replace(self, options=self._options())
        return OrderedText(order, order._corpus(order._seen(folder)), folder)

    def _options(self) -> SourceOptions:
        """The options with which the sources are read. A task that learns from one rare kind decides the kind."""
        options = replace(self.options, redact=0 if self.redact is False else VERSION)
        kind = KIND_OF_TASK.get(self.wishes.task)
        if kind is None or options.chat_format is not None or options.message_columns:
            return options
        return replace(options, chat_format=kind)

    def _with_files_of_the_run(self) -> Order:
        """An order that names a model and no sources has those that its run was started with."""
        if self.sources or self.name is None:
            return self
        folder = checkpoint.find(self.name)
        files = source_files(folder) if checkpoint.is_unfinished(folder) else {}
        missing = [path for use in SOURCES for path in files.get(use, ()) if not path.exists()]
        if checkpoint.is_unfinished(folder) and (missing or not files.get("sources")):
            raise TuiLmError(
                f"the source of {visible_line(self.name)} is no longer where it was",
                "name the file that the run was started with",
                USAGE,
            )
        return replace(self, sources=files.get("sources", ()), valid=files.get("valid", ()), test=files.get("test", ()))

    def _seen(self, resumed: Path | None) -> Fingerprints | None:
        """The messages that the run to resume, or the base, has seen; None if that is unknown."""
        folder = resumed or (None if self.base is None or _is_file(self.base) else checkpoint.find(self.base))
        return None if folder is None else fingerprints.load(folder)

    def _corpus(self, seen: Fingerprints | None) -> Corpus:
        """The sources, with the validation and test parts that come from files of their own."""
        fractions = self.fractions
        if self.valid:
            fractions = fractions.without("val")
        if self.test:
            fractions = fractions.without("test")
        corpus = with_parts(
            read_corpus(self.sources, fractions, self.options, seen=seen),
            read_corpus(self.valid, None, self._options_of(self.valid)) if self.valid else None,
            read_corpus(self.test, None, self._options_of(self.test)) if self.test else None,
        )
        require_enough(corpus)
        return corpus

    def _options_of(self, files: tuple[Path, ...]) -> SourceOptions:
        """The options of second files. One file holds its pairs in columns, even if the sources are two files."""
        options = replace(self.options, canaries=0)
        if options.alias_authors:
            raise TuiLmError(
                "the authors of a second file cannot be given aliases",
                "leave out the aliases, or the files for validation and test",
                USAGE,
                about="alias_authors",
            )
        if options.layout is None or not options.layout.aligned or len(files) > 1:
            return options
        return replace(options, layout=replace(options.layout, aligned=False))

    def author(self, corpus: Corpus) -> str | None:
        """`me` as the corpus calls that author. Raises TuiLmError for anybody else."""
        if self.me is None:
            return None
        me = corpus.renamed.get(self.me, self.me)
        if me not in corpus.authors:
            raise TuiLmError(
                "no author of this chat has that name",
                "`tui-lm read SOURCE` lists the authors; write the name as it is there",
                about="me",
            )
        return me


@dataclass(frozen=True, slots=True)
class OrderedText:
    """The corpus of an order, and the folder of the unfinished run that it resumes."""

    order: Order
    corpus: Corpus
    folder: Path | None

    @property
    def overlap_unknown(self) -> bool:
        """Whether the base may have been trained on messages of this corpus without having kept fingerprints."""
        if self.order.base is None or _is_file(self.order.base) or self.corpus.kind != "chat":
            return False
        folder = checkpoint.find(self.order.base)
        card = checkpoint.describe(folder)
        if card.purpose == "vectors":  # they are not evaluated on held-out messages
            return False
        return card.kind == "chat" and "imported" not in card.training and fingerprints.load(folder) is None

    def job(self, choose_me: ChooseMe | None = None) -> TrainingJob:
        """The job. `choose_me` asks who the user is, if the order does not say."""
        order, corpus = self.order, self.corpus
        options = order.options
        if corpus.kind in ("pairs", "labelled", "tagged"):
            options = _unchanged(options, order.redact)
        uses = {"sources": order.sources, "valid": order.valid, "test": order.test}
        files = {use: [str(path.resolve()) for path in paths] for use, paths in uses.items()}
        if self.folder is not None:
            files["base"] = [str(path) for path in source_files(self.folder).get("base", ())]
            return replace(job.resumed(corpus, self.folder), files=files)
        folder = paths.models_dir() / (order.name or checkpoint.free_name(slug(order.sources[0])))
        base, base_folder = (None, None) if order.base is None else _opened(order.base)
        wishes = order.wishes
        if order.embeddings is not None:
            from tui_lm.vectors.words import Words

            wishes = replace(wishes, embeddings=Words.of(_opened(order.embeddings)[0]))
        me = order.me
        if corpus.kind == "chat" and choose_me is not None and self._has_me(base):
            me = order.author(corpus) or self._me_of(base) or choose_me(corpus)
        new = job.new(
            corpus,
            folder,
            me,
            wishes,
            base,
            options=options,
            languages=order.languages,
            base_folder=base_folder,
        )
        return replace(new, files={**files, "base": [] if base_folder is None else [str(base_folder.resolve())]})

    def _me_of(self, base: SavedModel | None) -> str | None:
        """The author that the user is in the base, if they write in this chat too."""
        return base.card.me if base is not None and base.card.me in self.corpus.authors else None

    def _has_me(self, base: SavedModel | None) -> bool:
        """Whether it matters for the model who the user is. For word vectors it does not."""
        if base is not None and base.card.purpose == "vectors":
            return False
        wishes = self.order.wishes
        return wishes.task not in TASKS_WITHOUT_ME and wishes.family not in VECTOR_FAMILIES


def _opened(model: str) -> tuple[SavedModel, Path | None]:
    """The model of this name or folder, or the vectors in a file, which have no folder."""
    if _is_file(model):
        from tui_lm.exchange import vector_files

        path = Path(model).expanduser()
        return vector_files.read(path, path.stem), None
    folder = checkpoint.find(model)
    return checkpoint.load(folder), folder


def _is_file(model: str) -> bool:
    return Path(model).expanduser().is_file()


def _unchanged(options: SourceOptions, redact: bool | None) -> SourceOptions:
    """The options of data sets, which are never changed: a translator has to copy numbers and addresses."""
    if redact or options.redact_names or options.alias_authors or options.canaries:
        raise TuiLmError(
            "sentence pairs, labelled texts and tagged sentences are not redacted",
            "leave out redaction, aliases of authors, and canaries",
            USAGE,
            about="redact",
        )
    return replace(options, redact=0)


def _require_choice(about: str, name: str, value: str, choices: tuple[str, ...]) -> None:
    if value not in choices:
        raise TuiLmError(
            f"there is no {name} called {value}", f"choose one of {', '.join(choices)}", USAGE, about=about
        )


def imported_base() -> str | None:
    """The name of a pretrained model that the user has imported, for a hint; the first of several."""
    for name in checkpoint.names():
        try:
            card = checkpoint.describe(checkpoint.find(name))
        except TuiLmError:
            continue  # do not suggest a damaged model
        if "imported" in card.training and is_pretrained(card.architecture):
            return name
    return None


def slug(source: Path) -> str:
    """A model's name from a file's: "WhatsApp Chat with Zoë.txt" -> "zoë"."""
    stem = re.sub(r"^(whatsapp[ _-]*)?chat[ _-]*(with|mit|con|avec|-)?", "", source.stem.casefold())
    return re.sub(r"[^\w.]+", "-", stem).strip("-._")[:40] or "chat"
