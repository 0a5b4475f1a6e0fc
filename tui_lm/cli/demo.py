"""`tui-lm demo`: the main job on the bundled chat, in about a minute."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from tui_lm.safe_text import visible

if TYPE_CHECKING:
    from trainers.job import TrainingJob

MINUTES = 0.9
BESIDE = 4 / 60  # minutes that a model takes beside its training: torch is loaded, the text read, samples written
NAME = "demo"
# What --all trains beside the model of the plain demo: name, family, bundled file, share of the time.
OTHERS = (
    ("demo-gru", "gru", "chat.txt", 0.5),
    ("demo-rnn", "rnn", "chat.txt", 0.5),
    ("demo-llama", "llama", "chat.txt", 0.75),
    ("demo-translate", "seq2seq", "english-hindi.tsv", 0.75),
)


def demo(
    no_app: Annotated[bool, typer.Option("--no-app", help="Do not open the app afterwards.")] = False,
    every: Annotated[
        bool, typer.Option("--all", help="Train one model of each family, in about 3.5 minutes, to compare them.")
    ] = False,
    minutes: Annotated[float, typer.Option(help="Minutes of training; with --all, for the first model.")] = MINUTES,
    json_output: Annotated[bool, typer.Option("--json", help="Print events as JSON lines on stdout.")] = False,
) -> None:
    """Train on a chat that comes with tui-lm, show what the model writes, and open the app with it."""
    import sys

    from tui_lm import paths
    from tui_lm.cli.app import open_app
    from tui_lm.corpus import read_corpus
    from tui_lm.engine import Engine
    from tui_lm.evaluation.bits import price
    from tui_lm.sampling import Sampler

    if every:
        whole = minutes * (1 + sum(share for *_, share in OTHERS)) + BESIDE * (1 + len(OTHERS))
        typer.echo(f"training {1 + len(OTHERS)} models, about {whole:.1f} minutes", err=True)
        for name, family, file, share in OTHERS:
            typer.echo(f"\n{name}", err=True)
            _train(name, family, file, minutes * share, json_output)
        typer.echo(f"\n{NAME}", err=True)
    work = _train(NAME, "auto", "chat.txt", minutes, json_output)
    if json_output:
        return
    from tui_lm.tokenizers.stream import WritingContext

    engine = Engine.open(work.folder)
    print("\nthe model writes:")
    for seed, author in enumerate(engine.authors):
        answer = engine.generate(WritingContext(author=author), sampler=Sampler(temperature=0.6), seed=seed)
        print(f"  {author}: {visible(answer.text)}")
    print()
    written = read_corpus([paths.bundled("chat.txt")])
    score = price(engine, written.utterances["test"]).bits_per_char or 0.0
    print(f"on messages that it has never seen: {score:.3f} bits per character")
    if not no_app and sys.stdin.isatty() and sys.stdout.isatty():
        open_app(NAME)
    else:
        print(f"type with it: tui-lm -m {NAME}")
        if every:
            beside = " ".join(f"--beside {name}" for name, _, file, _ in OTHERS if file == "chat.txt")
            print(f'compare them: tui-lm inspect "see you tomorrow" -m {NAME} {beside}')


def _train(name: str, family: str, file: str, minutes: float, json_output: bool) -> TrainingJob:
    """Train a model of a bundled file and keep it under `name`, in the place of one that was there."""
    import time

    started = time.monotonic()

    from trainers import job
    from trainers.plan import Budget, Wishes
    from tui_lm import paths
    from tui_lm.cli.training import perform
    from tui_lm.corpus import read_corpus
    from tui_lm.redaction import VERSION
    from tui_lm.source_options import PLAIN, SourceOptions

    options = PLAIN if file.endswith(".tsv") else SourceOptions(redact=VERSION)
    corpus = read_corpus([paths.bundled(file)], options=options)
    wishes = Wishes(family=family, budget=Budget(minutes=minutes))
    me = corpus.authors[0] if corpus.kind == "chat" else None
    work = job.new(corpus, paths.models_dir() / name, me, wishes, options=options)
    perform(work, started, json_output)
    return work
