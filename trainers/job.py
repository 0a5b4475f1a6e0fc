"""A run from beginning to end: what it learns from, with which tokenizer and settings, into which folder. No torch."""

from __future__ import annotations

import gc
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from trainers.config import TrainingConfig
from trainers.launch import is_first
from trainers.overrides import override
from trainers.plan import Budget, answering, fine_tuning, plan, translating, vocabulary
from trainers.transfer import beginning
from tui_lm import checkpoint, tokenizers
from tui_lm.cells import CELLS
from tui_lm.checkpoint import Card, SavedModel
from tui_lm.completion import ngram_files
from tui_lm.completion.ngrams import Ngrams, build
from tui_lm.corpus import Corpus
from tui_lm.errors import DAMAGE, TuiLmError
from tui_lm.events import Event
from tui_lm.safe_text import visible_line
from tui_lm.source_options import PLAIN, SourceOptions
from tui_lm.split import PARTS
from tui_lm.threads import TURNS
from tui_lm.tokenizers import Tokenizer, Tokenizers
from tui_lm.utterances import Utterance, authors_of, latest, sampled

if TYPE_CHECKING:
    from numpy.typing import NDArray


SAMPLE = 10_000_000  # characters that a tokenizer is fitted on; more would change nothing but the time
COUNTED = 10_000_000  # characters, the latest, that the n-grams count: a vocabulary drifts, and counts take memory


@dataclass(frozen=True, slots=True)
class Wishes:
    """What the user asked for; "auto" and None leave it to the plan. `settings` are set by hand over the plan."""

    family: str = "auto"
    tokenizer: str = "auto"
    size: str = "auto"
    budget: Budget = field(default_factory=Budget)
    device: str = "auto"
    seed: int = 0
    settings: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Job:
    """`resume` goes on from the snapshot in `folder`; `weights` are those to begin from, where not at random."""

    corpus: Corpus
    tokenizers: Tokenizers
    config: TrainingConfig
    card: Card
    folder: Path
    resume: bool = False
    weights: Mapping[str, NDArray[Any]] | None = None

    def run(self, *, started: float | None = None, stop: Callable[[], bool] = lambda: False) -> Iterator[Event]:
        """Train; see `trainers.run.run`. Here torch is loaded, which takes seconds.

        Raises TuiLmError where another process trains the model.
        """
        started = time.monotonic() if started is None else started
        with checkpoint.training(self.folder) if is_first() else nullcontext():
            yield from self._run(started, stop)

    def _run(self, started: float, stop: Callable[[], bool]) -> Iterator[Event]:
        from trainers.run import run

        gc.freeze()  # torch stays as long as the process: to look through it at the end would take half a second
        to_count = () if self.resume or not is_first() else latest(self.corpus.utterances["train"], COUNTED)
        ngrams = build(to_count) if to_count else None  # of pairs nothing is counted
        return run(
            self.config,
            self.corpus,
            self.tokenizers,
            self.card,
            self.folder,
            started=started,
            stop=stop,
            resume=self.resume,
            weights=self.weights,
            attach=_NgramFile(self.folder, ngrams),
        )

    def amount(self) -> tuple[int, int]:
        """Messages or pairs to train on, and tokens to predict in them."""
        if self.corpus.kind == "pairs":
            pairs = self.corpus.pairs["train"]
            return len(pairs), sum(len(self.tokenizers.target.encode(pair.target)) + 1 for pair in pairs)
        utterances = self.corpus.utterances["train"]
        return len(utterances), _tokens(utterances, self.tokenizers.target)


class _NgramFile:
    """The n-grams of a run: written at its first save, then taken from the folder that the next one replaces."""

    def __init__(self, place: Path, ngrams: Ngrams | None) -> None:
        self.place, self.ngrams = place, ngrams

    def __call__(self, folder: Path) -> None:
        if self.ngrams is not None:
            ngram_files.save(self.ngrams, folder)
            self.ngrams = None
        else:
            ngram_files.pass_on(self.place, folder)


def new(
    corpus: Corpus,
    folder: Path,
    me: str | None,
    wishes: Wishes,
    base: SavedModel | None = None,
    *,
    options: SourceOptions = PLAIN,
    languages: tuple[str, str] | None = None,
) -> Job:
    """Fit the tokenizer on the training part and plan the run. Raises TuiLmError for what cannot be.

    With `base` the run begins from that model: its network and tokenizer, the authors of this corpus.
    """
    if corpus.kind == "pairs":
        return _translator(corpus, folder, wishes, base, options, languages)
    if wishes.family == "seq2seq" and corpus.kind != "chat":
        raise TuiLmError(
            "a seq2seq learns from sentence pairs, or replies from a chat",
            f"choose --arch {', '.join(CELLS)} or llama",
        )
    utterances = corpus.utterances["train"]
    specials = tokenizers.Specials.of_authors(authors_of(utterances))
    texts = (u.text for u in sampled(utterances, SAMPLE))
    start = None if base is None else beginning(base, specials, texts)
    if start is None:
        kind, vocab_size = wishes.tokenizer, None
        if wishes.family == "seq2seq":
            kind = "subword" if kind == "auto" else kind
            vocab_size = vocabulary(sum(len(u.text.split()) for u in utterances))
        tokenizer = tokenizers.train("char" if kind == "auto" else kind, texts, specials, vocab_size)
    else:
        tokenizer = start.tokenizer
    tokens = _tokens(utterances, tokenizer)
    if start is None and wishes.family == "seq2seq":
        planned = answering(
            vocab_size=tokenizer.vocab_size,
            size=wishes.size,
            messages=len(utterances),
            train_tokens=tokens * TURNS,
            budget=wishes.budget,
            seed=wishes.seed,
            device=wishes.device,
        )
    elif start is None:
        planned = plan(
            family=wishes.family,
            tokenizer=tokenizer.name,
            size=wishes.size,
            vocab_size=tokenizer.vocab_size,
            train_tokens=tokens,
            budget=wishes.budget,
            seed=wishes.seed,
            device=wishes.device,
        )
    else:
        planned = fine_tuning(start.architecture, tokens, wishes.budget, wishes.seed, wishes.device)
    config = override(planned, wishes.settings)
    if start is not None and config.architecture != start.architecture:
        raise TuiLmError(
            "a run that begins from a model keeps its network", "leave out --set of its shape", exit_code=2
        )
    card = _card(corpus, folder, config, tokenizer, options)
    card = replace(
        card,
        me=me,
        authors=specials.authors,
        sources=(*card.sources, *(() if base is None else base.card.sources)),
        metrics={"messages": sum(len(corpus.utterances[part]) for part in PARTS)},
    )
    weights = None if start is None else start.weights
    return Job(corpus, Tokenizers.shared(tokenizer), config, card, folder, weights=weights)


def _translator(
    corpus: Corpus,
    folder: Path,
    wishes: Wishes,
    base: SavedModel | None,
    options: SourceOptions,
    languages: tuple[str, str] | None,
) -> Job:
    """Languages of the same letters share their subwords; others have a tokenizer each."""
    if wishes.family not in ("auto", "seq2seq"):
        raise TuiLmError(f"--arch {wishes.family} cannot translate", "sentence pairs are learned by --arch seq2seq")
    if base is not None:
        raise TuiLmError("a translator cannot begin from another model yet", "leave out --from")
    pairs = corpus.pairs["train"]
    sources, targets = [pair.source for pair in pairs], [pair.target for pair in pairs]
    kind = "subword" if wishes.tokenizer == "auto" else wishes.tokenizer
    shared = _same_letters(sources, targets)
    tokens = sum(len(text.split()) for text in targets)
    if shared:
        both = Tokenizers.shared(
            tokenizers.train(kind, [*sources, *targets], tokenizers.Specials(), vocabulary(2 * tokens))
        )
    else:
        both = Tokenizers(
            *(tokenizers.train(kind, side, tokenizers.Specials(), vocabulary(tokens)) for side in (sources, targets))
        )
    planned = translating(
        vocab_size=both.target.vocab_size,
        source_vocab_size=both.source.vocab_size,
        shared=shared,
        size=wishes.size,
        pairs=len(pairs),
        train_tokens=sum(len(both.target.encode(text)) + 1 for text in targets),
        budget=wishes.budget,
        seed=wishes.seed,
        device=wishes.device,
    )
    config = override(planned, wishes.settings)
    card = replace(
        _card(corpus, folder, config, both.target, options),
        languages=languages,
        metrics={"pairs": sum(len(corpus.pairs[part]) for part in PARTS)},
    )
    return Job(corpus, both, config, card, folder)


def _tokens(utterances: Sequence[Utterance], tokenizer: Tokenizer) -> int:
    """About how many tokens there are to train on; exactly so where the sample is everything."""
    seen = sampled(utterances, SAMPLE)
    return sum(len(tokenizer.encode(u.text)) + 3 for u in seen) * len(utterances) // max(1, len(seen))


def _card(corpus: Corpus, folder: Path, config: TrainingConfig, tokenizer: Tokenizer, options: SourceOptions) -> Card:
    fractions = corpus.fractions
    return Card(
        name=folder.name,
        kind=corpus.kind,
        architecture=config.architecture,
        tokenizer=tokenizer.name,
        sources=(corpus.fingerprint,),
        split=(fractions.train, fractions.val, fractions.test),
        reading=options.to_json(),
        training=config.to_json(),
    )


def _same_letters(sources: Sequence[str], targets: Sequence[str]) -> bool:
    """Whether most letters of either language are letters of the other."""
    one, other = (Counter(c for text in side for c in text if c.isalpha()) for side in (sources, targets))
    common = [sum(n for c, n in a.items() if c in b) / max(1, a.total()) for a, b in ((one, other), (other, one))]
    return min(common) > 0.5


def unfinished(fingerprint: str, name: str | None) -> Path | None:
    """The folder of the run on this source that was cut off, called `name` if given; None if it had finished.

    Raises TuiLmError where there is none.
    """
    if name is not None:
        folder = checkpoint.find(name)
        return folder if checkpoint.is_unfinished(folder) else None
    for name in checkpoint.names():
        folder = checkpoint.find(name)
        if checkpoint.is_unfinished(folder) and fingerprint in checkpoint.describe(folder).sources:
            return folder
    raise TuiLmError("no run on this source was cut off", "train without --resume, or name the model with --name")


def resumed(corpus: Corpus, folder: Path) -> Job:
    """The job of a run that was cut off, with the settings that it had. Raises TuiLmError for another source."""
    card = checkpoint.describe(folder)
    if corpus.fingerprint not in card.sources:
        raise TuiLmError(
            f"{visible_line(card.name)} was trained on another file",
            "give the file that the run was started with",
        )
    try:
        config = TrainingConfig.from_json(card.training, card.architecture)
    except DAMAGE as error:
        raise TuiLmError(
            f"the training settings of {visible_line(card.name)} are damaged", "train again with --overwrite"
        ) from error
    return Job(corpus, tokenizers.load(card.tokenizer, folder), config, card, folder, resume=True)
