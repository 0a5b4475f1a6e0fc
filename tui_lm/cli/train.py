"""`tui-lm train`: from a chat, a text or sentence pairs to a model."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tui_lm.errors import TuiLmError

if TYPE_CHECKING:
    from tui_lm.corpus import Corpus
    from tui_lm.events import RunFinished

ASKED_AUTHORS = 12  # offered by number when the user is asked who they are


def train(
    sources: Annotated[list[Path], typer.Argument(metavar="SOURCE", help="Chat exports, or plain text.")],
    arch: Annotated[str, typer.Option(help="auto, lstm, gru or rnn.")] = "auto",
    tokenizer: Annotated[str, typer.Option(help="auto, char, word or subword.")] = "auto",
    size: Annotated[str, typer.Option(help="auto, tiny, small or base.")] = "auto",
    name: Annotated[
        str | None, typer.Option(help="What the model is called; made up from the file without it.")
    ] = None,
    me: Annotated[str | None, typer.Option(metavar="AUTHOR", help="Which author of the chat you are.")] = None,
    minutes: Annotated[float | None, typer.Option(help="Train for so long.")] = None,
    epochs: Annotated[int | None, typer.Option(min=1, help="Read the text so often.")] = None,
    steps: Annotated[int | None, typer.Option(min=1, help="Take so many steps.")] = None,
    device: Annotated[str, typer.Option(help="auto, cpu, cuda or mps.")] = "auto",
    seed: Annotated[int, typer.Option(min=0, help="The same seed, the same start.")] = 0,
    split: Annotated[str, typer.Option(help="Shares of training, validation and test.")] = "90,5,5",
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace the model of this name.")] = False,
    chat_format: Annotated[str | None, typer.Option("--format", help="The chat's format, if it is not seen.")] = None,
    date_order: Annotated[str | None, typer.Option(help="dmy, mdy or ymd, if it is not seen.")] = None,
    alias: Annotated[list[str] | None, typer.Option(metavar='"A=B"', help="A and B are one author, A.")] = None,
    exclude_author: Annotated[list[str] | None, typer.Option(metavar="AUTHOR", help="Leave this one out.")] = None,
    json_output: Annotated[bool, typer.Option("--json", help="The events as JSON lines on stdout.")] = False,
) -> None:
    """Train a model on a chat export or a text. Ctrl-C keeps the best model so far."""
    import time

    started = time.monotonic()
    check_budget(minutes, epochs, steps)

    from tui_lm import checkpoint
    from tui_lm.chats.chat import parse_aliases
    from tui_lm.corpus import Fractions, read_corpus, require_enough

    if name is not None:
        checkpoint.require_name(name)
        if name in checkpoint.names() and not overwrite:
            raise TuiLmError(f"there is already a model called {name}", "choose another --name, or say --overwrite")
    corpus = read_corpus(
        sources,
        Fractions.parse(split),
        seed=seed,
        chat_format=chat_format,
        date_order=date_order,
        aliases=parse_aliases(alias or []),
        exclude=exclude_author or [],
    )
    require_enough(corpus)
    for warning in corpus.warnings:
        typer.echo(f"warning: {warning}", err=True)
    if name is None:
        name = checkpoint.free_name(slug(sources[0]))
    train_corpus(
        corpus,
        name,
        family=arch,
        tokenizer_name=tokenizer,
        size=size,
        me=choose_me(corpus, me),
        budget=(steps, epochs, minutes),
        device=device,
        seed=seed,
        json_output=json_output,
        started=started,
    )


def train_corpus(
    corpus: Corpus,
    name: str,
    *,
    family: str,
    tokenizer_name: str,
    size: str,
    me: str | None,
    budget: tuple[int | None, int | None, float | None],
    device: str,
    seed: int,
    json_output: bool,
    started: float,
) -> RunFinished | None:
    """Fit the tokenizer, plan the run, train, say what came of it. `started` is when the time budget began."""
    import signal

    from trainers.plan import FAMILIES, SIZES, Budget, plan
    from tui_lm import paths, tokenizers
    from tui_lm.checkpoint import Card
    from tui_lm.cli.model import remember_model
    from tui_lm.cli.progress import show_bar, show_json
    from tui_lm.corpus import PARTS

    check_choice("--arch", family, FAMILIES)
    check_choice("--size", size, SIZES)
    check_choice("--tokenizer", tokenizer_name, ("auto", *tokenizers.KINDS))
    if corpus.kind == "pairs":
        raise TuiLmError(
            "these are sentence pairs, and this version trains language models only",
            "give a chat export or a text; `tui-lm read` shows what was seen",
        )
    texts = corpus.utterances["train"]
    specials = tokenizers.Specials.of_authors(u.author for u in texts)
    tokenizer_name = "char" if tokenizer_name == "auto" else tokenizer_name
    tokenizer = tokenizers.train(tokenizer_name, (u.text for u in texts), specials)
    steps, epochs, minutes = budget
    config = plan(
        family=family,
        tokenizer=tokenizer_name,
        size=size,
        vocab_size=tokenizer.vocab_size,
        train_tokens=sum(len(tokenizer.encode(u.text)) + 3 for u in texts),
        budget=Budget(steps, epochs, minutes),
        seed=seed,
        device=device,
    )
    fractions = corpus.fractions
    card = Card(
        name=name,
        kind=corpus.kind,
        architecture=config.architecture,
        tokenizer=tokenizer_name,
        me=me,
        authors=specials.authors,
        sources=(corpus.fingerprint,),
        split=(fractions.train, fractions.val, fractions.test),
        training=config.to_json(),
        metrics={"messages": sum(len(corpus.utterances[part]) for part in PARTS)},
    )
    from trainers.run import run  # torch: from here on it takes seconds to load

    interrupted = False

    def interrupt(*_: object) -> None:
        """The first Ctrl-C ends the run well; the next one ends the process."""
        nonlocal interrupted
        interrupted = True
        signal.signal(signal.SIGINT, signal.default_int_handler)

    previous = signal.signal(signal.SIGINT, interrupt)
    try:
        stream = run(
            config, corpus, tokenizer, card, paths.models_dir() / name, started=started, stop=lambda: interrupted
        )
        finished = show_json(stream) if json_output else show_bar(stream)
    finally:
        signal.signal(signal.SIGINT, previous)
    if finished is not None:
        remember_model(paths.models_dir() / name, card.purpose)
        if not json_output:
            typer.echo(summary(finished, name), err=True)
        if finished.reason == "interrupted":
            raise typer.Exit(130)
    return finished


def summary(finished: RunFinished, name: str) -> str:
    quality = f"{finished.best_loss:.3f} nats/token"
    if finished.bits_per_char is not None:
        quality = f"{finished.bits_per_char:.3f} bits/char"
    ended = {"interrupted": "interrupted; the best model so far is kept", "early stop": "stopped early"}
    return (
        f"{ended.get(finished.reason, 'done')}: {name} has {quality} on validation "
        f"(step {finished.best_step} of {finished.steps}, {finished.seconds:.0f} s)\n"
        f"type with it: tui-lm -m {name}"
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

    authors = corpus.authors
    if me is not None:
        if me not in authors:
            raise TuiLmError(
                "no author of this chat is called as --me says",
                "`tui-lm read SOURCE` lists the authors; write the name as it stands there",
            )
        return me
    if not authors or not sys.stdin.isatty() or not sys.stderr.isatty():
        return None
    from tui_lm.checkpoint import printable

    offered = authors[:ASKED_AUTHORS]
    typer.echo("Who are you in this chat?", err=True)
    for number, author in enumerate(offered, start=1):
        typer.echo(f"  {number}  {printable(author)}", err=True)
    while True:
        answer: int = typer.prompt("Number, or 0 for none of them", default=0, type=int, err=True)
        if 0 <= answer <= len(offered):
            return offered[answer - 1] if answer else None


def slug(source: Path) -> str:
    """A model's name from a file's: "WhatsApp Chat with Zoë.txt" -> "zoë"."""
    import re

    stem = re.sub(r"^(whatsapp[ _-]*)?chat[ _-]*(with|mit|con|avec|-)?", "", source.stem.casefold())
    return re.sub(r"[^\w.]+", "-", stem).strip("-._")[:40] or "chat"
