"""`tui-lm train`: from a chat, a text or sentence pairs to a model."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tui_lm.cells import CELLS
from tui_lm.errors import TuiLmError
from tui_lm.safe_text import visible_line

if TYPE_CHECKING:
    from collections.abc import Mapping

    from trainers.job import Job
    from tui_lm.checkpoint import Card
    from tui_lm.corpus import Corpus
    from tui_lm.events import RunFinished
    from tui_lm.source_options import SourceOptions

ARCHITECTURES = f"auto, {', '.join(CELLS)}, llama or seq2seq."
ASKED_AUTHORS = 12  # offered by number when the user is asked who they are


def train(
    sources: Annotated[
        list[Path] | None, typer.Argument(metavar="SOURCE...", help="Chat exports, plain text, or sentence pairs.")
    ] = None,
    arch: Annotated[str, typer.Option(help=ARCHITECTURES)] = "auto",
    tokenizer: Annotated[str, typer.Option(help="auto, char, word or subword.")] = "auto",
    size: Annotated[str, typer.Option(help="auto, tiny, small, base, large or huge.")] = "auto",
    name: Annotated[
        str | None, typer.Option(help="What the model is called; made up from the file without it.")
    ] = None,
    me: Annotated[str | None, typer.Option(metavar="AUTHOR", help="Which author of the chat you are.")] = None,
    minutes: Annotated[float | None, typer.Option(help="Train for so long.")] = None,
    epochs: Annotated[int | None, typer.Option(min=1, help="Read the text so often.")] = None,
    steps: Annotated[int | None, typer.Option(min=1, help="Take so many steps.")] = None,
    base: Annotated[
        str | None, typer.Option("--from", metavar="MODEL", help="Begin from what this model has learned.")
    ] = None,
    device: Annotated[str, typer.Option(help="auto, cpu, cuda or mps.")] = "auto",
    devices: Annotated[
        int, typer.Option(min=1, help="Train in so many processes of this machine: one a GPU, or shares of the cores.")
    ] = 1,
    seed: Annotated[int, typer.Option(min=0, help="The same seed, the same start.")] = 0,
    split: Annotated[str, typer.Option(help="Shares of training, validation and test.")] = "90,5,5",
    valid: Annotated[
        list[Path] | None, typer.Option(metavar="FILE", help="Validate on this file, not on a part of the source.")
    ] = None,
    test: Annotated[
        list[Path] | None,
        typer.Option(metavar="FILE", help="Leave testing to this file: no part of the source is kept."),
    ] = None,
    parallel: Annotated[
        tuple[Path, Path] | None,
        typer.Option(metavar="SOURCE TARGET", help="Two files: line N of one translates line N of the other."),
    ] = None,
    columns: Annotated[str | None, typer.Option(help="Of sentence pairs: 1,2, or names of JSON fields.")] = None,
    reverse: Annotated[bool, typer.Option("--reverse", help="Learn the other direction of sentence pairs.")] = False,
    source_lang: Annotated[str | None, typer.Option(help="What is translated from, for the model's card.")] = None,
    target_lang: Annotated[str | None, typer.Option(help="What is translated to.")] = None,
    resume: Annotated[bool, typer.Option("--resume", help="Go on with a run that was cut off.")] = False,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace the model of this name.")] = False,
    explain: Annotated[bool, typer.Option("--explain", help="Say what would be trained, and stop.")] = False,
    config: Annotated[Path | None, typer.Option(metavar="RUN.TOML", help="Settings from a file.")] = None,
    settings: Annotated[
        list[str] | None, typer.Option("--set", metavar="KEY=VALUE", help="A setting by hand; may be given again.")
    ] = None,
    chat_format: Annotated[str | None, typer.Option("--format", help="The chat's format, if it is not seen.")] = None,
    date_order: Annotated[str | None, typer.Option(help="dmy, mdy or ymd, if it is not seen.")] = None,
    alias: Annotated[list[str] | None, typer.Option(metavar='"A=B"', help="A and B are one author, A.")] = None,
    author: Annotated[
        list[str] | None, typer.Option(metavar="AUTHOR", help="Keep this author only. May be given again.")
    ] = None,
    exclude_author: Annotated[list[str] | None, typer.Option(metavar="AUTHOR", help="Leave this one out.")] = None,
    redact: Annotated[
        bool | None,
        typer.Option(
            "--redact/--no-redact",
            help="Learn no phone numbers, addresses, accounts, keys and codes. Chats and texts: on.",
            show_default=False,
        ),
    ] = None,
    redact_names: Annotated[
        bool, typer.Option("--redact-names", help="Nor the names of authors inside messages.")
    ] = False,
    alias_authors: Annotated[
        bool, typer.Option("--alias-authors", help="Call the authors Person A, Person B and so on.")
    ] = False,
    canaries: Annotated[
        int, typer.Option(min=0, max=1000, help="Put so many made-up secrets in, for `tui-lm audit` to look for.")
    ] = 0,
    json_output: Annotated[bool, typer.Option("--json", help="The events as JSON lines on stdout.")] = False,
) -> None:
    """Train a model on a chat export, a text or sentence pairs. Ctrl-C keeps the best model so far."""
    import sys
    import time

    started = time.monotonic()
    check_budget(minutes, epochs, steps)

    from trainers import job, launch, overrides
    from trainers.plan import FAMILIES, SIZES, Budget
    from tui_lm import checkpoint, paths, tokenizers
    from tui_lm.chats import parse_aliases, require_text
    from tui_lm.corpus import fingerprint, read_corpus, require_enough, with_parts
    from tui_lm.redaction import VERSION
    from tui_lm.sentence_pairs import Layout
    from tui_lm.source_options import SourceOptions
    from tui_lm.split import Fractions

    check_choice("--arch", arch, FAMILIES)
    check_choice("--size", size, SIZES)
    check_choice("--tokenizer", tokenizer, ("auto", *tokenizers.KINDS))
    if base is not None and (arch, tokenizer, size) != ("auto", "auto", "auto"):
        raise TuiLmError(
            "--from keeps the network and the tokenizer of its model", "leave out --arch, --tokenizer and --size", 2
        )
    by_hand = {**(overrides.read_toml(config) if config else {}), **overrides.parse(settings or [])}
    if name is not None:
        checkpoint.require_name(name)
        if name in checkpoint.names() and not (overwrite or resume or explain):
            raise TuiLmError(f"there is already a model called {name}", "choose another --name, or say --overwrite")
    files = [*(sources or []), *(parallel or ())]
    if not files or (sources and parallel):
        raise TuiLmError("say what to learn from", "name a chat export or a text, or --parallel FILE FILE", exit_code=2)
    if devices > 1 and not explain and not launch.started_together():
        raise typer.Exit(launch.launch(sys.argv[1:], devices))
    layout = None
    if parallel or columns or reverse:
        layout = Layout.of(columns or "1,2", aligned=parallel is not None, reverse=reverse)
    options = SourceOptions(
        chat_format,
        date_order,
        parse_aliases(alias or []),
        tuple(exclude_author or ()),
        tuple(author or ()),
        layout,
        seed,
        redact=0 if redact is False else VERSION,
        redact_names=redact_names,
        alias_authors=alias_authors,
        canaries=canaries,
    )
    fractions = Fractions.parse(split)
    if valid:
        fractions = fractions.without("val")
    if test:
        fractions = fractions.without("test")
    folder: Path | None = None
    if resume:
        for file in files:
            require_text(file)
        folder = job.unfinished(fingerprint(files), name)
        if folder is None:
            tell(f"the run of {name} has finished; there is nothing to resume")
            return
        card = checkpoint.describe(folder)
        options, fractions = SourceOptions.from_json(card.reading), Fractions(*card.split)
    corpus = with_parts(
        read_corpus(files, fractions, options),
        read_corpus(valid, None, of_files(options, valid)) if valid else None,
        read_corpus(test, None, of_files(options, test)) if test else None,
    )
    require_enough(corpus)
    for warning in corpus.warnings:
        tell(f"warning: {warning}")
    if corpus.kind == "pairs":
        options = of_pairs(options, redact)
    elif corpus.redacted:
        tell("\n".join(["replaced by placeholders:", *counted(corpus.redacted)]))
    if folder is not None:
        work = job.resumed(corpus, folder)
    else:
        folder = paths.models_dir() / (name or checkpoint.free_name(slug(files[0])))
        wishes = job.Wishes(arch, tokenizer, size, Budget(steps, epochs, minutes), device, seed, by_hand)
        begun = checkpoint.load(checkpoint.find(base)) if base is not None else None
        me = me if explain or corpus.kind != "chat" else choose_me(corpus, me)
        languages = (source_lang or "", target_lang or "") if source_lang or target_lang else None
        work = job.new(corpus, folder, me, wishes, begun, options=options, languages=languages)
    if explain:
        print("\n".join(explanation(work, by_hand)))
        return
    try:
        finished = perform(work, started, json_output)
    except launch.AnotherFailedError:
        if launch.launched():
            raise typer.Exit(launch.ANOTHER_FAILED) from None  # the launcher tells what the other has said
        raise
    if finished.reason == "interrupted" and launch.is_first():
        raise typer.Exit(130)


def perform(work: Job, started: float, json_output: bool) -> RunFinished:
    """Train, show how it goes, say what came of it. `started` is when the time budget began."""
    import signal

    from trainers.launch import is_first
    from tui_lm.cli.model import remember_model
    from tui_lm.cli.progress import show_bar, show_json, show_nothing

    interrupted = False

    def interrupt(*_: object) -> None:
        """The first Ctrl-C ends the run well; the next one ends the process."""
        nonlocal interrupted
        interrupted = True
        signal.signal(signal.SIGINT, signal.default_int_handler)

    previous = signal.signal(signal.SIGINT, interrupt)
    try:
        events = work.run(started=started, stop=lambda: interrupted)
        show = show_json if json_output else show_bar
        finished = (show if is_first() else show_nothing)(events)
    finally:
        signal.signal(signal.SIGINT, previous)
    if not is_first():
        return finished
    remember_model(work.folder, work.card.purpose)
    if not json_output:
        typer.echo(summary(finished, work.card), err=True)
    return finished


def tell(text: str) -> None:
    """A line on stderr; of several processes the first alone speaks."""
    from trainers.launch import is_first

    if is_first():
        typer.echo(text, err=True)


def explanation(work: Job, by_hand: Mapping[str, object]) -> list[str]:
    """What will be trained and why, a line each; `by_hand` are the settings that the user chose."""
    from trainers.overrides import keys
    from trainers.reasons import reasons

    config, card = work.config, work.card
    parts, tokens = work.amount()
    length = f"{config.steps:,} steps" if config.steps is not None else f"{config.seconds:g} s, turned into steps"
    return [
        f"learns from: {card.kind}, {parts:,} parts, {tokens:,} tokens ({card.tokenizer}) for training",
        f"network: {card.description}",
        f"length: {length} of {config.streams} x {config.chunk} tokens; the rate warms up and falls to zero at the end",
        "why (docs/decisions.md has the measurements):",
        *(indented(reason, 118) for reason in reasons(config, parts, tokens, by_hand)),
        "settings, each to be changed with --set:",
        *(f"  {key} = {value}" for key, value in sorted(keys(config).items())),
    ]


def indented(text: str, width: int) -> str:
    """The text in lines, the first indented by two, the others by four."""
    import textwrap

    return textwrap.fill(text, width, initial_indent="  ", subsequent_indent="    ", break_on_hyphens=False)


def of_files(options: SourceOptions, files: list[Path]) -> SourceOptions:
    """The options of a file beside the source: one file holds its pairs in columns, also where the source is two."""
    from dataclasses import replace

    if options.alias_authors:
        raise TuiLmError(
            "--alias-authors cannot know the authors of a second file", "leave out --valid and --test", exit_code=2
        )
    options = replace(options, canaries=0)
    if options.layout is None or not options.layout.aligned or len(files) > 1:
        return options
    return replace(options, layout=replace(options.layout, aligned=False))


def of_pairs(options: SourceOptions, redact: bool | None) -> SourceOptions:
    """The options of sentence pairs, which stay as they are: a translator has to copy numbers and addresses."""
    from dataclasses import replace

    if redact or options.redact_names or options.alias_authors or options.canaries:
        raise TuiLmError(
            "sentence pairs are learned as they are",
            "leave out --redact, --redact-names, --alias-authors and --canaries",
            exit_code=2,
        )
    return replace(options, redact=0)


def counted(found: Mapping[str, int]) -> list[str]:
    """What is private in a text, a line a kind."""
    return [f"  {kind:<8}{count:>9,}" for kind, count in found.items()]


def summary(finished: RunFinished, card: Card) -> str:
    quality = f"{finished.best_loss:.3f} nats/token"
    if finished.bits_per_char is not None:
        quality = f"{finished.bits_per_char:.3f} bits/char"
    name = card.name
    use = f"type with it: tui-lm -m {name}"
    if card.purpose == "translation":
        use = f'translate with it: tui-lm translate -m {name} "..."'
    ended = {"interrupted": "interrupted; the best model so far is kept", "early stop": "stopped early"}
    return (
        f"{ended.get(finished.reason, 'done')}: {name} has {quality} on validation "
        f"(step {finished.best_step} of {finished.steps}, {finished.seconds:.0f} s)\n{use}"
    )


def check_budget(minutes: float | None, epochs: int | None, steps: int | None) -> None:
    if sum(value is not None for value in (minutes, epochs, steps)) > 1:
        raise TuiLmError("--minutes, --epochs and --steps exclude each other", "give one of them", exit_code=2)
    if minutes is not None and not 0 < minutes < 100_000:
        raise TuiLmError(f"--minutes cannot be {minutes:g}", "give a number above 0", exit_code=2)


def check_choice(option: str, value: str, choices: tuple[str, ...]) -> None:
    if value not in choices:
        raise TuiLmError(f"{option} cannot be {value}", f"choose one of {', '.join(choices)}", exit_code=2)


def choose_me(corpus: Corpus, me: str | None) -> str | None:
    """Who the user is: as said, else asked once on a terminal, else nobody."""
    import sys

    from trainers.launch import started_together

    authors = corpus.authors
    if me is not None:
        me = corpus.renamed.get(me, me)
        if me not in authors:
            raise TuiLmError(
                "no author of this chat is called as --me says",
                "`tui-lm read SOURCE` lists the authors; write the name as it stands there",
            )
        return me
    if not authors or started_together() or not sys.stdin.isatty() or not sys.stderr.isatty():
        return None
    offered = authors[:ASKED_AUTHORS]
    exported = {name: author for author, name in corpus.renamed.items()}
    typer.echo("Who are you in this chat?", err=True)
    for number, author in enumerate(offered, start=1):
        typer.echo(f"  {number}  {visible_line(exported.get(author, author))}", err=True)
    while True:
        answer: int = typer.prompt("Number, or 0 for none of them", default=0, type=int, err=True)
        if 0 <= answer <= len(offered):
            return offered[answer - 1] if answer else None


def slug(source: Path) -> str:
    """A model's name from a file's: "WhatsApp Chat with Zoë.txt" -> "zoë"."""
    import re

    stem = re.sub(r"^(whatsapp[ _-]*)?chat[ _-]*(with|mit|con|avec|-)?", "", source.stem.casefold())
    return re.sub(r"[^\w.]+", "-", stem).strip("-._")[:40] or "chat"
