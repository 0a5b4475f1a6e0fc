"""`tui-lm models`: list, show, rename, export, import and remove models."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from tui_lm.errors import TuiLmError
from tui_lm.safe_text import visible, visible_line

LEGAL_LINES = 12  # of a licence or notice, shown

models = typer.Typer(no_args_is_help=False, help="List, show, rename and remove models.", rich_markup_mode="rich")

Name = Annotated[str, typer.Argument(help="Name of the model.")]
Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]


@models.callback(invoke_without_command=True)
def without_subcommand(context: typer.Context, json_output: Json = False) -> None:
    """List, show, rename and remove models."""
    if context.invoked_subcommand is None:
        list_models(json_output)


@models.command("list")
def list_models(json_output: Json = False) -> None:
    """List your models."""
    import json

    from tui_lm import checkpoint

    rows: list[dict[str, Any]] = []
    for name in checkpoint.names():
        try:
            card = checkpoint.describe(checkpoint.find(name))
        except TuiLmError as error:
            rows.append({"name": name, "error": error.message})
            continue
        rows.append(
            {
                "name": name,
                "kind": card.kind,
                "description": card.description,
                "me": card.me,
                "validation_bits_per_char": card.metrics.get("validation_bits_per_char"),
            }
        )
    if json_output:
        print(json.dumps(rows, ensure_ascii=False))
        return
    if not rows:
        print("no models yet: train one with `tui-lm train chat.txt`, or try `tui-lm demo`")
        return
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table("name", "learned from", "network", "bits/char", box=None, pad_edge=False)
    for row in rows:
        bits = row.get("validation_bits_per_char")
        cells = (row["name"], row.get("kind"), row.get("description", row.get("error")))
        table.add_row(*(Text(str(cell or "")) for cell in cells), f"{bits:.2f}" if bits else "")
    Console().print(table)


@models.command()
def show(
    name: Name,
    json_output: Json = False,
    ascii_only: Annotated[bool, typer.Option("--ascii", help="Draw the loss curve in ASCII characters.")] = False,
) -> None:
    """Show a model: network, training settings, metrics, loss curve and folder."""
    import json
    import sys

    from tui_lm import checkpoint
    from tui_lm.cli.curve import loss_curve, read_events, wants_ascii

    folder = checkpoint.find(name)
    card = checkpoint.describe(folder)
    checkpoint.require_intact(folder, card)
    if json_output:
        print(json.dumps({"name": card.name, "folder": str(folder), **card.to_json()}, ensure_ascii=False))
        return
    print(f"{card.name}: {card.description}")
    print(f"learned from: {card.kind}, split {'/'.join(map(str, card.split))}")
    if card.me:
        print(f"you are: {visible_line(card.me)}")
    if card.authors:
        print(f"authors: {', '.join(map(visible_line, card.authors))}")
    for title, values in (("training", card.training), ("metrics", card.metrics)):
        print(f"{title}:")
        for key, value in values.items():
            print(f"  {visible_line(key)[:80]}: {visible_line(str(value))[:1000]}")
    for file in filter(Path.is_file, (folder / legal for legal in checkpoint.LEGAL)):
        lines = visible(file.read_text("utf-8")).splitlines()
        print(f"{file.name.lower()}:")
        print("\n".join(f"  {line}" for line in lines[:LEGAL_LINES]))
        if len(lines) > LEGAL_LINES:
            print(f"  ... {len(lines) - LEGAL_LINES} more lines in {file}")
    curve = loss_curve(read_events(folder / checkpoint.EVENTS), ascii_only=ascii_only or wants_ascii(sys.stdout))
    print("\n".join([*curve, f"folder: {folder}"]))


@models.command()
def rename(name: Name, new: Annotated[str, typer.Argument(help="New name.")]) -> None:
    """Rename a model."""
    from tui_lm import checkpoint

    checkpoint.rename(name, new)


@models.command("export")
def export_model(
    name: Name,
    destination: Annotated[Path, typer.Argument(metavar="DIR|FILE", help="Folder or file to write.")],
    to: Annotated[
        str,
        typer.Option(
            help="Format: hf (a Hugging Face folder), gguf (a file for llama.cpp) or word2vec (a text or .bin file)."
        ),
    ],
    numbers: Annotated[str, typer.Option("--type", help="Number type of a GGUF file: f32, f16 or q8_0.")] = "f32",
) -> None:
    """Export a LLaMA, or the word vectors of any model, without n-grams and what was learned from typing."""
    from tui_lm import checkpoint

    if to not in ("hf", "gguf", "word2vec"):
        raise TuiLmError(f"--to cannot be {to}", "choose hf, gguf or word2vec", exit_code=2)
    if to == "word2vec":
        from tui_lm.exchange.vector_files import export_word2vec
        from tui_lm.vectors.words import Words

        written = export_word2vec(Words.of(checkpoint.load(checkpoint.find(name))), destination)
        typer.echo(
            f"wrote {written:,} words; they are words of your text: read them before you share the file", err=True
        )
        return
    from tui_lm.exchange.export import export

    export(checkpoint.find(name), destination, to, numbers)
    typer.echo(
        "the model can repeat private text to anyone who has it: read its card before you share it",
        err=True,
    )


@models.command("import")
def import_model(
    source: Annotated[
        str,
        typer.Argument(
            metavar="FILE|DIR|ollama:NAME|smollm2",
            help="GGUF file, file of word vectors, Hugging Face folder, model of Ollama on this machine, or smollm2.",
        ),
    ],
    name: Annotated[str | None, typer.Option(help="Name for the model. Default: that of the file or folder.")] = None,
) -> None:
    """Import a pretrained model or word vectors, to use them or to train them on with `tui-lm train --from`."""
    from tui_lm import checkpoint, paths
    from tui_lm.cli.model import remember_model
    from tui_lm.exchange import bases

    if name is None:
        name = bases.default_name(source)
        name = checkpoint.free_name(name if checkpoint.is_name(name) else "imported")
    checkpoint.require_name(name)
    if name in checkpoint.names():
        raise TuiLmError(f"there is already a model called {name}", "choose another --name")
    base = bases.open_base(source, name)
    folder = paths.models_dir() / name
    checkpoint.save(folder, base.model, attach=base.write_legal)
    typer.echo(f"imported {name}: {base.model.card.description}", err=True)
    if base.model.card.purpose == "vectors":
        remember_model(folder, "vectors")
        typer.echo(f"look at it: tui-lm similar -m {name} WORD", err=True)
        return
    typer.echo(f"fine-tune it on a chat: tui-lm train chat.txt --from {name}", err=True)


@models.command()
def forget(
    name: Name,
    word: Annotated[
        str | None, typer.Option("--word", metavar="W", help="Forget this word only, and never suggest it again.")
    ] = None,
    unblock: Annotated[bool, typer.Option("--unblock", help="With --word: allow the word again.")] = False,
) -> None:
    """Delete what a model learned while you typed. What it learned in training stays."""
    from tui_lm import checkpoint
    from tui_lm.completion import ngram_files

    if word is not None:
        _forget_word(checkpoint.find(name), word, unblock)
        return
    if unblock:
        raise TuiLmError("--unblock needs a word", "name it with --word W", exit_code=2)
    forgotten = ngram_files.forget(checkpoint.find(name))
    print(
        "deleted what the model learned while you typed"
        if forgotten
        else "the model has learned nothing while you typed"
    )


def _forget_word(folder: Path, word: str, unblock: bool) -> None:
    from tui_lm.completion import ngram_files

    shown = visible_line(word)
    if unblock:
        found = ngram_files.unblock(folder, word)
        print(f"{shown} may be suggested again" if found else f"{shown} was not blocked")
        return
    learned = ngram_files.block(folder, word)
    print(f"{shown} is not suggested any more{', and out of the learned words' if learned else ''}")
    typer.echo("note: the network's weights and the training counts may still hold it", err=True)


@models.command()
def remove(
    name: Name, yes: Annotated[bool, typer.Option("--yes", "-y", help="Skip the confirmation.")] = False
) -> None:
    """Delete a model and everything it has learned."""
    import sys

    from tui_lm import checkpoint

    folder = checkpoint.find(name)
    if not yes:
        if not sys.stdin.isatty():
            raise TuiLmError(f"{name} was not removed: no terminal to confirm it on", "confirm with --yes", exit_code=2)
        if not typer.confirm(f"Remove {visible_line(folder.name)} for good?"):
            raise typer.Abort
    checkpoint.remove(name)
