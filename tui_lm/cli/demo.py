"""`tui-lm demo`: the main job on the bundled chat, in about a minute."""

from __future__ import annotations

from typing import Annotated

import typer

MINUTES = 0.9
NAME = "demo"


def demo(
    no_app: Annotated[bool, typer.Option("--no-app", help="Do not open the app at the end.")] = False,
    minutes: Annotated[float, typer.Option(help="How long to train.")] = MINUTES,
    json_output: Annotated[bool, typer.Option("--json", help="The events as JSON lines on stdout.")] = False,
) -> None:
    """Train on a chat that comes with tui-lm, show what the model writes, and open the app with it."""
    import sys
    import time

    started = time.monotonic()

    from trainers import job
    from trainers.plan import Budget
    from tui_lm import paths
    from tui_lm.cli.app import open_app
    from tui_lm.cli.generate import visible
    from tui_lm.cli.train import perform
    from tui_lm.corpus import Reading, read_corpus
    from tui_lm.engine import Engine
    from tui_lm.evaluation.bits import price
    from tui_lm.redaction import VERSION
    from tui_lm.sampling import Sampler

    reading = Reading(redact=VERSION)
    corpus = read_corpus([paths.bundled("chat.txt")], reading=reading)
    wishes = job.Wishes(budget=Budget(minutes=minutes))
    work = job.new(corpus, paths.models_dir() / NAME, corpus.authors[0], wishes, reading=reading)
    perform(work, started, json_output)
    if json_output:
        return
    engine = Engine.open(work.folder)
    print("\nthe model writes:")
    for seed, author in enumerate(engine.authors):
        answer = engine.generate(author=author, sampler=Sampler(temperature=0.6), seed=seed)
        print(f"  {author}: {visible(answer.text)}")
    print()
    written = read_corpus([paths.bundled("chat.txt")], reading=reading.as_written)
    score = price(engine, written.utterances["test"]).bits_per_char or 0.0
    print(f"on messages that it has never seen: {score:.3f} bits per character")
    if not no_app and sys.stdin.isatty() and sys.stdout.isatty():
        open_app(NAME)
    else:
        print(f"type with it: tui-lm -m {NAME}")
