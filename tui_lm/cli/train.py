"""`tui-lm train`: from a chat, prose or sentence pairs to a model."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tui_lm.architecture import VECTOR_FAMILIES
from tui_lm.cells import CELLS
from tui_lm.errors import TuiLmError

if TYPE_CHECKING:
    from trainers.job import TrainingJob
    from trainers.order import Order

ARCHITECTURES = f"auto, {', '.join(CELLS)}, llama or seq2seq; for word vectors word2vec, fasttext, glove or ppmi."
DATA, MODEL, BUDGET, PRIVACY, ADVANCED = "Data", "Model", "Budget", "Privacy", "Advanced"


def train(
    sources: Annotated[
        list[Path] | None, typer.Argument(metavar="SOURCE...", help="Chat exports, plain text, or sentence pairs.")
    ] = None,
    chat_format: Annotated[
        str | None,
        typer.Option(
            "--format", help="Chat format, or prose or pairs. Default: recognised by its content.", rich_help_panel=DATA
        ),
    ] = None,
    date_order: Annotated[
        str | None,
        typer.Option(help="dmy, mdy or ymd. Default: recognised by the dates.", rich_help_panel=DATA),
    ] = None,
    encoding: Annotated[
        str | None,
        typer.Option(metavar="NAME", help="Encoding of files that are not UTF-8.", rich_help_panel=DATA),
    ] = None,
    alias: Annotated[
        list[str] | None,
        typer.Option(metavar='"A=B"', help="Treat author B as author A. Repeatable.", rich_help_panel=DATA),
    ] = None,
    author: Annotated[
        list[str] | None,
        typer.Option(metavar="AUTHOR", help="Keep only this author's messages. Repeatable.", rich_help_panel=DATA),
    ] = None,
    exclude_author: Annotated[
        list[str] | None,
        typer.Option(metavar="AUTHOR", help="Leave out this author's messages. Repeatable.", rich_help_panel=DATA),
    ] = None,
    split: Annotated[
        str,
        typer.Option(help="Shares of training, validation and test, in per cent.", rich_help_panel=DATA),
    ] = "90,5,5",
    valid: Annotated[
        list[Path] | None,
        typer.Option(metavar="FILE", help="Validate on this file instead of a part of SOURCE.", rich_help_panel=DATA),
    ] = None,
    test: Annotated[
        list[Path] | None,
        typer.Option(metavar="FILE", help="Test on this file instead of a part of SOURCE.", rich_help_panel=DATA),
    ] = None,
    parallel: Annotated[
        tuple[Path, Path] | None,
        typer.Option(
            metavar="SOURCE TARGET",
            help="Two aligned files: line N of TARGET translates line N of SOURCE.",
            rich_help_panel=DATA,
        ),
    ] = None,
    columns: Annotated[
        str | None,
        typer.Option(
            help="Columns (1,2) or fields: source, target of pairs; time, sender, text of a chat.",
            rich_help_panel=DATA,
        ),
    ] = None,
    reverse: Annotated[
        bool, typer.Option("--reverse", help="Swap source and target of sentence pairs.", rich_help_panel=DATA)
    ] = False,
    source_lang: Annotated[
        str | None, typer.Option(help="Source language, for the model's card.", rich_help_panel=DATA)
    ] = None,
    target_lang: Annotated[
        str | None, typer.Option(help="Target language, for the model's card.", rich_help_panel=DATA)
    ] = None,
    arch: Annotated[str, typer.Option(help=ARCHITECTURES, rich_help_panel=MODEL)] = "auto",
    task: Annotated[
        str,
        typer.Option(
            help="auto, language, translation, replies, classify, author, emoji, tag or vectors.",
            rich_help_panel=MODEL,
        ),
    ] = "auto",
    tokenizer: Annotated[str, typer.Option(help="auto, char, word or subword.", rich_help_panel=MODEL)] = "auto",
    size: Annotated[str, typer.Option(help="auto, tiny, small, base, large or huge.", rich_help_panel=MODEL)] = "auto",
    name: Annotated[
        str | None, typer.Option(help="Name of the model. Default: made from the file's name.", rich_help_panel=MODEL)
    ] = None,
    me: Annotated[
        str | None, typer.Option(metavar="AUTHOR", help="The author that you are.", rich_help_panel=MODEL)
    ] = None,
    base: Annotated[
        str | None,
        typer.Option(
            "--from", metavar="MODEL", help="Fine-tune this model, or a file of word vectors.", rich_help_panel=MODEL
        ),
    ] = None,
    embeddings: Annotated[
        str | None,
        typer.Option(
            metavar="MODEL|FILE",
            help="Begin from these word vectors: a word model, classifier or tagger.",
            rich_help_panel=MODEL,
        ),
    ] = None,
    lora: Annotated[
        int,
        typer.Option(
            min=0,
            metavar="RANK",
            help="Fine-tune a base that is too large to train whole: learn a change of this rank for each matrix.",
            rich_help_panel=MODEL,
        ),
    ] = 0,
    teacher: Annotated[
        str | None,
        typer.Option(
            metavar="MODEL",
            help="Learn from what this model expects, and from messages that it writes.",
            rich_help_panel=MODEL,
        ),
    ] = None,
    overwrite: Annotated[
        bool, typer.Option("--overwrite", help="Replace a model of the same name.", rich_help_panel=MODEL)
    ] = False,
    minutes: Annotated[float | None, typer.Option(help="Stop after this many minutes.", rich_help_panel=BUDGET)] = None,
    epochs: Annotated[
        int | None, typer.Option(min=1, help="Number of passes over the training text.", rich_help_panel=BUDGET)
    ] = None,
    steps: Annotated[int | None, typer.Option(min=1, help="Number of optimizer steps.", rich_help_panel=BUDGET)] = None,
    teacher_minutes: Annotated[
        float | None,
        typer.Option(help="Stop the teacher's writing after this many minutes.", rich_help_panel=BUDGET),
    ] = None,
    resume: Annotated[
        bool, typer.Option("--resume", help="Continue an interrupted run.", rich_help_panel=BUDGET)
    ] = False,
    explain: Annotated[
        bool,
        typer.Option("--explain", help="Print the plan and its reasons, and stop.", rich_help_panel=BUDGET),
    ] = False,
    redact: Annotated[
        bool | None,
        typer.Option(
            "--redact/--no-redact",
            help="Replace phone numbers, addresses, accounts, keys and codes by placeholders. "
            "Default: on, except for sentence pairs.",
            show_default=False,
            rich_help_panel=PRIVACY,
        ),
    ] = None,
    redact_names: Annotated[
        bool,
        typer.Option("--redact-names", help="Replace authors' names inside messages too.", rich_help_panel=PRIVACY),
    ] = False,
    alias_authors: Annotated[
        bool,
        typer.Option("--alias-authors", help="Call the authors Person A, Person B and so on.", rich_help_panel=PRIVACY),
    ] = False,
    canaries: Annotated[
        int,
        typer.Option(
            min=0,
            max=1000,
            help="Number of made-up secrets to insert, for `tui-lm audit` to look for.",
            rich_help_panel=PRIVACY,
        ),
    ] = 0,
    device: Annotated[str, typer.Option(help="auto, cpu, cuda or mps.", rich_help_panel=ADVANCED)] = "auto",
    devices: Annotated[
        int,
        typer.Option(
            min=1,
            help="Number of processes that train together: one a GPU, or each with a share of the cores.",
            rich_help_panel=ADVANCED,
        ),
    ] = 1,
    seed: Annotated[int, typer.Option(min=0, help="Random seed.", rich_help_panel=ADVANCED)] = 0,
    config: Annotated[
        Path | None, typer.Option(metavar="RUN.TOML", help="File of settings.", rich_help_panel=ADVANCED)
    ] = None,
    settings: Annotated[
        list[str] | None,
        typer.Option(
            "--set",
            metavar="KEY=VALUE",
            help="Change a setting of the plan; --explain lists them. Repeatable.",
            rich_help_panel=ADVANCED,
        ),
    ] = None,
    json_output: Annotated[
        bool, typer.Option("--json", help="Print events as JSON lines on stdout.", rich_help_panel=ADVANCED)
    ] = False,
) -> None:
    """Train a model on a chat export, prose or sentence pairs. Ctrl-C keeps the best model so far."""
    import sys
    import time

    started = time.monotonic()
    from trainers import launch, overrides
    from trainers.order import Order
    from trainers.plan import Budget, Wishes
    from tui_lm.chats import parse_aliases, require_encoding
    from tui_lm.cli.training import explanation, perform, require_one_budget, taught
    from tui_lm.sentence_pairs import Layout
    from tui_lm.source_options import SourceOptions, message_columns
    from tui_lm.split import Fractions

    require_one_budget(minutes, epochs, steps)
    files = (*(sources or ()), *(parallel or ()))
    if (not files and not (resume and name)) or (sources and parallel):
        raise TuiLmError("no text to train on", "name a chat export or a text, or --parallel SOURCE TARGET", 2)
    layout = None
    of_messages = message_columns(columns, chat_format)
    if parallel or reverse or (columns and not of_messages):
        layout = Layout.of(columns or "1,2", aligned=parallel is not None, reverse=reverse)
    by_hand = {**(overrides.read_toml(config) if config else {}), **overrides.parse(settings or [])}
    order = Order(
        files,
        Wishes(
            arch,
            tokenizer,
            size,
            Budget(steps, epochs, minutes),
            device,
            seed,
            by_hand,
            task,
            teacher=teacher,
            lora=lora,
        ),
        SourceOptions(
            chat_format,
            date_order,
            parse_aliases(alias or []),
            tuple(exclude_author or ()),
            tuple(author or ()),
            layout,
            seed,
            redact_names=redact_names,
            alias_authors=alias_authors,
            canaries=canaries,
            encoding=require_encoding(encoding) if encoding else None,
            message_columns=of_messages,
        ),
        Fractions.parse(split),
        redact,
        tuple(valid or ()),
        tuple(test or ()),
        name,
        me,
        base,
        (source_lang or "", target_lang or "") if source_lang or target_lang else None,
        resume=resume,
        overwrite=overwrite,
        embeddings=embeddings,
    )
    order.check(writes=not explain)
    if explain:
        job = _job(order, ask=False)
        if job is not None:
            print("\n".join(explanation(job)))
        return
    if devices > 1 and not launch.started_together():
        raise typer.Exit(launch.launch(sys.argv[1:], devices))
    job = _job(order, ask=True)
    if job is None:
        return
    if job.config.teacher is not None:
        job = taught(job, teacher_minutes, devices)
        started = time.monotonic()  # the teacher's time is not the student's
    try:
        finished = perform(job, started, json_output)
    except launch.AnotherFailedError:
        if launch.launched():
            raise typer.Exit(launch.ANOTHER_FAILED) from None  # the launcher prints the other process's error
        raise
    if finished.reason == "interrupted" and launch.is_first():
        raise typer.Exit(130)


def _job(order: Order, *, ask: bool) -> TrainingJob | None:
    """Read the sources, and report what was found. None if there is nothing to resume."""
    from trainers.order import imported_base
    from tui_lm.cli.flags import warning_line
    from tui_lm.cli.training import ask_me, counts, overlap, tell
    from tui_lm.safe_text import visible_line

    text = order.read()
    if text is None:
        tell(f"the run of {order.name} has finished; there is nothing to resume")
        return None
    for warning in text.corpus.warnings:
        tell(warning_line(warning))
    if text.corpus.redacted:
        tell("\n".join(["replaced by placeholders:", *counts(text.corpus.redacted)]))
    writes = order.wishes.family not in VECTOR_FAMILIES
    if (
        writes
        and text.corpus.kind == "chat"
        and order.base is None
        and text.folder is None
        and (name := imported_base())
    ):
        tell(f"a pretrained base is here: --from {name} trains longer and knows the language (docs/base.md)")
    if line := overlap(text):
        tell(line)
    job = text.job(ask_me if ask else None)
    if order.embeddings is not None and not job.resume:
        known, size = job.card.metrics["tokens_with_vectors"], job.tokenizers.target.vocab_size
        tell(f"{known:,} of {size:,} tokens begin from the vectors of {visible_line(order.embeddings)}")
    for old, new in job.renamed.items():
        tell(f"warning: the setting {old} is now called {new}; the next version will not know the old name")
    return job
