"""A training job in the terminal: its plan in words, its progress and its summary."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import typer

if TYPE_CHECKING:
    from collections.abc import Mapping

    from trainers.job import TrainingJob
    from trainers.order import OrderedText
    from tui_lm.checkpoint import Card
    from tui_lm.corpus import Corpus
    from tui_lm.events import RunFinished

COMMAND = {"translation": "translate", "classification": "classify", "tagging": "tag"}  # that uses a model, by purpose
UNIT = {"classification": "text", "tagging": "word"}  # of which a validation loss is the mean
ASKED_AUTHORS = 12  # offered by number when the user is asked who they are


def perform(job: TrainingJob, started: float, json_output: bool) -> RunFinished:
    """Train, show the progress, print a summary. `started` (of `time.monotonic`) is when the time budget began."""
    import signal

    from trainers.launch import is_first
    from trainers.run import run
    from tui_lm import checkpoint, system
    from tui_lm.cli.model import remember_model
    from tui_lm.cli.progress import show_bar, show_json, show_nothing

    interrupted = False

    def interrupt(*_: object) -> None:
        """The first Ctrl-C ends the run well; the next one ends the process."""
        nonlocal interrupted
        interrupted = True
        signal.signal(signal.SIGINT, signal.default_int_handler)

    previous = {number: signal.signal(number, interrupt) for number in system.INTERRUPTS}
    try:
        events = run(job, started=started, stop=lambda: interrupted)
        show = show_json if json_output else show_bar
        finished = (show if is_first() else show_nothing)(events)
    finally:
        for number, handler in previous.items():
            signal.signal(number, handler)
    if not is_first():
        return finished
    remember_model(job.folder, job.card.purpose)
    if not json_output:
        typer.echo(summary(finished, checkpoint.describe(job.folder)), err=True)
    return finished


def tell(text: str) -> None:
    """Print a line on stderr; of several processes only the first does."""
    from trainers.launch import is_first

    if is_first():
        typer.echo(text, err=True)


def explanation(job: TrainingJob) -> list[str]:
    """The plan of a job with the reason for each choice, in lines."""
    from trainers.overrides import keys
    from trainers.reasons import reasons
    from tui_lm.corpus import NAMES

    config, card = job.config, job.card
    examples, tokens = job.amount()
    name = NAMES[job.corpus.kind]
    length = f"{config.steps:,} steps" if config.steps is not None else f"{config.seconds:g} s, converted into steps"
    schedule = "" if card.purpose == "vectors" else "; the rate warms up, then falls to zero at the end"
    return [
        f"training text: {card.kind}, {examples:,} {name}, {tokens:,} tokens ({card.tokenizer})",
        f"task: {job.task.name}",
        f"network: {card.description}",
        f"length: {length} of {config.task.step_tokens:,} tokens{schedule}",
        "reasons (docs/decisions.md has the measurements):",
        *(_indented(reason, 118) for reason in reasons(config, examples, tokens, job.by_hand)),
        "settings, which --set changes:",
        *(f"  {key} = {value}" for key, value in sorted(keys(config).items())),
    ]


def _indented(text: str, width: int) -> str:
    """The text in lines, the first indented by two, the others by four."""
    import textwrap

    return textwrap.fill(text, width, initial_indent="  ", subsequent_indent="    ", break_on_hyphens=False)


def overlap(text: OrderedText) -> str:
    """A line on the messages that the base has seen, and on the new ones; "" if that says nothing."""
    from tui_lm.cli.flags import warning_line
    from tui_lm.split import PARTS

    corpus, base = text.corpus, text.order.base
    if base is None or text.folder is not None or corpus.kind != "chat":
        return ""
    if text.overlap_unknown:
        return warning_line(
            f"{base} keeps no fingerprints of its messages: if it was trained on this chat, validation may use "
            "messages that it has seen"
        )
    if not corpus.known:
        return ""
    new = {part: len(corpus.utterances[part]) - corpus.known[part] for part in PARTS}
    return (
        f"{sum(corpus.known.values()):,} messages are known from {base} and stay in their parts; "
        f"{sum(new.values()):,} are new: {new['train']:,} to train on, {new['val']:,} for validation, "
        f"{new['test']:,} for test"
    )


def counts(found: Mapping[str, int]) -> list[str]:
    """The number of replacements, a line a kind."""
    return [f"  {kind:<8}{count:>9,}" for kind, count in found.items()]


def summary(finished: RunFinished, card: Card) -> str:
    if card.purpose == "vectors":
        return _summary_of_vectors(finished, card)
    quality = f"{finished.best_loss:.3f} nats/{UNIT.get(card.purpose, 'token')}"
    if finished.bits_per_char is not None:
        quality = f"{finished.bits_per_char:.3f} bits/char"
    before = card.metrics.get("validation_bits_per_char_before")
    if before is not None:
        quality += f" (before this training: {before:.3f})"
    name = card.name
    use = f"type with it: tui-lm -m {name}"
    if card.purpose in COMMAND:
        use = f'{COMMAND[card.purpose]} with it: tui-lm {COMMAND[card.purpose]} -m {name} "..."'
    if (parts := measured(Path(finished.folder))) is not None:
        use = f"{parts}\n{use}"
    ended = {"interrupted": "interrupted; the best model so far is kept", "early stop": "stopped early"}
    return (
        f"{ended.get(finished.reason, 'done')}: {name} has {quality} on validation "
        f"(step {finished.best_step} of {finished.steps}, {finished.seconds:.0f} s)\n{use}"
    )


def _summary_of_vectors(finished: RunFinished, card: Card) -> str:
    from tui_lm.tokenizers.specials import FIXED

    ended = "interrupted; what was learned is kept" if finished.reason == "interrupted" else "done"
    words = card.architecture.vocab_size - len(FIXED)
    return (
        f"{ended}: {card.name} knows {words:,} words ({finished.steps:,} steps, {finished.seconds:.0f} s)\n"
        f"look at it: tui-lm similar -m {card.name} WORD"
    )


def measured(folder: Path) -> str | None:
    """What the parts of a classifier or tagger reach on validation; None for other models."""
    import json

    path = folder / "mixture.json"
    if not path.is_file():
        return None
    figures = json.loads(path.read_text("ascii"))["measured"]
    name = next(name for name in ("macro_f1", "f1", "accuracy") if name in figures["mixture"])
    title = {"macro_f1": "macro-F1", "f1": "entity F1", "accuracy": "accuracy"}[name]
    shown = f"{title} on validation: " + ", ".join(f"{part} {row[name]:.1f}" for part, row in figures.items())
    if figures["linear"][name] >= figures["mixture"][name]:
        shown += "\nthe linear model alone does as well: this task may not need a network"
    return shown


def ask_me(corpus: Corpus) -> str | None:
    """Ask which author the user is, if there is a terminal; else None."""
    import sys

    from trainers.launch import started_together

    authors = corpus.authors
    if not authors or started_together() or not sys.stdin.isatty() or not sys.stderr.isatty():
        return None
    from tui_lm.safe_text import visible_line

    offered = authors[:ASKED_AUTHORS]
    exported = {name: author for author, name in corpus.renamed.items()}
    typer.echo("Who are you in this chat?", err=True)
    for number, author in enumerate(offered, start=1):
        typer.echo(f"  {number}  {visible_line(exported.get(author, author))}", err=True)
    while True:
        answer: int = typer.prompt("Number, or 0 for none of them", default=0, type=int, err=True)
        if 0 <= answer <= len(offered):
            return offered[answer - 1] if answer else None


def taught(job: TrainingJob, minutes: float | None, devices: int) -> TrainingJob:
    """The job after its teacher has read and written."""
    from trainers import launch, teaching
    from tui_lm.errors import TuiLmError

    if devices > 1 or launch.started_together():
        raise TuiLmError("a teacher teaches one process", "leave out --devices", exit_code=2, about="devices")
    return teaching.taught(job, tell, minutes)


def require_one_budget(minutes: float | None, epochs: int | None, steps: int | None) -> None:
    from tui_lm.errors import TuiLmError

    if sum(value is not None for value in (minutes, epochs, steps)) > 1:
        raise TuiLmError("--minutes, --epochs and --steps exclude each other", "give one of them", exit_code=2)
    if minutes is not None and not 0 < minutes < 100_000:
        raise TuiLmError(f"--minutes cannot be {minutes:g}", "give a number above 0", exit_code=2)
