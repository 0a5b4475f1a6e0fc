"""`tui-lm demo`: train on the bundled chat in about a minute, and try the model."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from tui_lm.safe_text import visible

if TYPE_CHECKING:
    from trainers.job import TrainingJob

MINUTES = 0.9
OVERHEAD = 4 / 60  # minutes a model for everything but training: importing torch, reading the text, samples
NAME = "demo"
# The further models of --all: name, network, bundled file, share of the time.
OTHERS = (
    ("demo-gru", "gru", "chat.txt", 0.5),
    ("demo-rnn", "rnn", "chat.txt", 0.5),
    ("demo-llama", "llama", "chat.txt", 0.75),
    ("demo-translate", "seq2seq", "english-hindi.tsv", 0.75),
)


def demo(
    no_app: Annotated[bool, typer.Option("--no-app", help="Do not open the app afterwards.")] = False,
    every: Annotated[
        bool, typer.Option("--all", help="Train one model of each family, to compare them. Takes about 3.5 minutes.")
    ] = False,
    minutes: Annotated[float, typer.Option(help="Minutes of training; with --all, for the first model.")] = MINUTES,
    json_output: Annotated[bool, typer.Option("--json", help="Print events as JSON lines on stdout.")] = False,
) -> None:
    """Train on the bundled chat, print samples of the model's text, and open the app with the model."""
    import sys

    from tui_lm import paths
    from tui_lm.cli.app import open_app
    from tui_lm.corpus import read_corpus
    from tui_lm.engine import Engine
    from tui_lm.evaluation.bits import price
    from tui_lm.sampling import Sampler

    if every:
        whole = minutes * (1 + sum(share for *_, share in OTHERS)) + OVERHEAD * (1 + len(OTHERS))
        typer.echo(f"training {1 + len(OTHERS)} models, about {whole:.1f} minutes", err=True)
        for name, family, file, share in OTHERS:
            typer.echo(f"\n{name}", err=True)
            _train(name, family, file, minutes * share, json_output)
        typer.echo(f"\n{NAME}", err=True)
    job = _train(NAME, "auto", "chat.txt", minutes, json_output)
    if json_output:
        return
    from tui_lm.tokenizers.stream import WritingContext

    engine = Engine.open(job.folder)
    print("\nthe model writes:")
    for seed, author in enumerate(engine.authors):
        answer = engine.generate(WritingContext(author=author), sampler=Sampler(temperature=0.6), seed=seed)
        print(f"  {author}: {visible(answer.text)}")
    print()
    written = read_corpus([paths.bundled("chat.txt")])
    score = price(engine, written.utterances["test"]).bits_per_char or 0.0
    print(f"on messages it was not trained on: {score:.3f} bits per character")
    if not no_app and sys.stdin.isatty() and sys.stdout.isatty():
        open_app(NAME)
    else:
        print(f"type with it: tui-lm -m {NAME}")
        if every:
            beside = " ".join(f"--beside {name}" for name, _, file, _ in OTHERS if file == "chat.txt")
            print(f'compare them: tui-lm inspect "see you tomorrow" -m {NAME} {beside}')


def _train(name: str, family: str, file: str, minutes: float, json_output: bool) -> TrainingJob:
    """Train a model on a bundled file. It replaces a model of the same name."""
    import time

    started = time.monotonic()

    from trainers.order import Order
    from trainers.plan import Budget, Wishes
    from tui_lm import paths
    from tui_lm.cli.training import perform

    wishes = Wishes(family=family, budget=Budget(minutes=minutes))
    text = Order((paths.bundled(file),), wishes, name=name).read()
    assert text is not None, "only a resumed run may have finished"
    job = text.job(lambda corpus: corpus.authors[0])
    perform(job, started, json_output)
    return job
