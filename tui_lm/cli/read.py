"""`tui-lm read`: the content of a source, before anything is trained on it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from tui_lm.cli.read_text import TextSummary, as_object, print_texts, summarise_texts
from tui_lm.errors import TuiLmError
from tui_lm.safe_text import visible_line

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping
    from contextlib import AbstractContextManager

    from rich.console import RenderableType

    from tui_lm.chats import Chat, Message, Summary

LARGE = 8 << 20  # bytes; larger sources get a progress bar
MOST_AUTHORS = 15  # that are shown by name
WIDEST = 100  # characters of a message that are shown


def read(
    sources: Annotated[
        list[Path], typer.Argument(metavar="SOURCE", help="Files, folders or zip archives: chats, prose or pairs.")
    ],
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
    messages: Annotated[bool, typer.Option("--messages", help="Print the messages as JSON lines.")] = False,
    format: Annotated[
        str | None, typer.Option(help="Chat format, or prose or pairs. Default: recognised by its content.")
    ] = None,
    date_order: Annotated[str | None, typer.Option(help="dmy, mdy or ymd. Default: recognised by the dates.")] = None,
    encoding: Annotated[
        str | None, typer.Option(metavar="NAME", help="Encoding of files that are not UTF-8: windows-1251, gbk, ...")
    ] = None,
    columns: Annotated[
        str | None, typer.Option(help="Columns (1,2) or fields: source, target of pairs; time, sender, text of a chat.")
    ] = None,
    alias: Annotated[
        list[str] | None, typer.Option(metavar='"A=B"', help="Treat author B as author A. Repeatable.")
    ] = None,
    author: Annotated[
        list[str] | None, typer.Option(metavar="AUTHOR", help="Keep only this author's messages. Repeatable.")
    ] = None,
    exclude_author: Annotated[
        list[str] | None, typer.Option(metavar="AUTHOR", help="Leave out this author's messages. Repeatable.")
    ] = None,
) -> None:
    """Show how a source is read: format, dates, authors, what is left out and why, and some messages."""
    from tui_lm.chats import detect, open_chat, parse_aliases, require_encoding, require_text, summarise
    from tui_lm.redaction.redactor import Redactor
    from tui_lm.source_kind import KINDS
    from tui_lm.source_options import TABLE, message_columns

    encoding = require_encoding(encoding) if encoding else None
    for source in sources:
        require_text(source)
    of_messages = message_columns(columns, format)
    format = TABLE if of_messages else format
    kind = next((kind for kind in KINDS if kind == format), "pairs" if columns and not of_messages else None)
    if kind not in (None, "chat") or (format is None and all(detect(source, encoding) is None for source in sources)):
        _describe_texts(summarise_texts(sources, kind, columns, encoding), as_json, messages)
        return
    with _progress(sources) as progress:
        chat = open_chat(
            sources,
            format=None if kind == "chat" else format,
            date_order=date_order,
            encoding=encoding,
            columns=of_messages,
            aliases=parse_aliases(alias or []),
            exclude=exclude_author or (),
            only=author or (),
            progress=progress,
        )
        redactor = Redactor(private=not as_json)  # counted for people; a program reads faster without
        summary = None if messages else summarise(chat, redactor.count)
        if messages:
            _print_messages(chat)
    _warn(chat.warnings)
    if summary and as_json:
        _print_json(_as_object(summary))
    elif summary:
        _print_summary(summary, redactor.found)


def _describe_texts(summary: TextSummary, as_json: bool, messages: bool) -> None:
    if messages:
        raise TuiLmError(f"there are no messages: this is {summary.kind}", "give a chat export")
    _warn(summary.warnings)
    if as_json:
        _print_json(as_object(summary))
    else:
        print_texts(summary, _preview)


def _warn(warnings: Iterable[str]) -> None:
    from tui_lm.cli.flags import warning_line

    for warning in warnings:
        typer.echo(warning_line(warning), err=True)


def _progress(sources: list[Path]) -> AbstractContextManager[Callable[[int, int], None] | None]:
    """A bar on stderr for large files, and only where somebody sees it."""
    import sys
    from contextlib import contextmanager, nullcontext

    sizes = [path.stat().st_size for source in sources for path in _files(source)]
    if sum(sizes) < LARGE or not sys.stderr.isatty():
        return nullcontext()

    @contextmanager
    def bar() -> Iterator[Callable[[int, int], None]]:
        from rich.console import Console
        from rich.progress import Progress

        with Progress(console=Console(stderr=True), transient=True) as progress:
            task = progress.add_task("reading")
            yield lambda done, total: progress.update(task, completed=done, total=total)

    return bar()


def _files(source: Path) -> Iterator[Path]:
    return (path for path in source.rglob("*") if path.is_file()) if source.is_dir() else iter([source])


def _print_messages(chat: Chat) -> None:
    from tui_lm.chats import Kind

    for row in chat:
        if row.kind is not Kind.SYSTEM:
            _print_json(
                {
                    "sent_at": row.sent_at and row.sent_at.isoformat(),
                    "author": row.author,
                    "text": row.text,
                    "kind": row.kind,
                }
            )


def _print_json(value: dict[str, Any]) -> None:
    import json
    import sys

    # Unpaired surrogates, as JSON exports may hold them, cannot be encoded.
    text = json.dumps(value, ensure_ascii=False).encode("utf-8", "backslashreplace").decode("utf-8")
    sys.stdout.write(text + "\n")


def _as_object(summary: Summary) -> dict[str, Any]:
    return {
        "format": summary.format,
        "records": summary.records,
        "messages": summary.messages,
        "system": summary.system,
        "media": summary.media,
        "authors": summary.authors,
        "first": summary.first and summary.first.isoformat(),
        "last": summary.last and summary.last.isoformat(),
        "date_order": summary.date_order,
        "warnings": summary.warnings,
    }


def _print_summary(summary: Summary, private: Mapping[str, int]) -> None:
    import sys

    if not sys.stdout.isatty():
        for line in _plain_lines(summary, private):
            typer.echo(line)
        return
    from rich.console import Console

    console = Console()
    for part in _rich_parts(summary, private):
        console.print(part)


def _facts(summary: Summary) -> list[tuple[str, str]]:
    orders = {"dmy": "day, month, year", "mdy": "month, day, year", "ymd": "year, month, day"}
    facts = [("format", summary.format)]
    if summary.date_order:
        facts.append(("date order", orders.get(summary.date_order, summary.date_order)))
    if summary.first and summary.last:
        facts.append(("span", f"{summary.first:%Y-%m-%d %H:%M} to {summary.last:%Y-%m-%d %H:%M}"))
    facts.append(("messages", f"{summary.messages:,}"))
    dropped = ", ".join(f"{kind} {count:,}" for kind, count in summary.dropped.items())
    facts.append(("left out", dropped or "nothing"))
    return facts


def _shares(summary: Summary) -> list[tuple[str, str, str]]:
    """The authors who wrote most, and the rest as one."""
    total = max(1, sum(summary.authors.values()))
    most, rest = list(summary.authors.items())[:MOST_AUTHORS], list(summary.authors.values())[MOST_AUTHORS:]
    counts = [(visible_line(name), count) for name, count in most]
    if rest:
        counts.append((f"{len(rest):,} others", sum(rest)))
    return [(name, f"{count:,}", f"{count / total:.1%}") for name, count in counts]


def _shown(messages: list[Message]) -> list[tuple[str, str, str]]:
    return [
        (f"{row.sent_at:%Y-%m-%d %H:%M}" if row.sent_at else "", visible_line(row.author or ""), _preview(row.text))
        for row in messages
    ]


def _plain_lines(summary: Summary, private: Mapping[str, int]) -> Iterator[str]:
    for name, value in _facts(summary):
        yield f"{name}: {value}"
    yield "authors:"
    for author, count, share in _shares(summary):
        yield f"  {author}: {count} ({share})"
    if private:
        yield "private, and left out of training:"
        for kind, number in private.items():
            yield f"  {kind}: {number:,}"
    for title, rows in (("first messages", summary.first_messages), ("last messages", summary.last_messages)):
        yield f"{title}:"
        for sent_at, author, text in _shown(rows):
            yield f"  {sent_at} {author}: {text}"


def _rich_parts(summary: Summary, private: Mapping[str, int]) -> Iterator[RenderableType]:
    from rich.table import Table
    from rich.text import Text

    facts = Table.grid(padding=(0, 2))
    for name, value in _facts(summary):
        facts.add_row(Text(name, style="bold"), Text(value))
    yield facts
    authors = Table("author", title="Authors", title_justify="left")
    authors.add_column("messages", justify="right")
    authors.add_column("share", justify="right")
    for author, count, share in _shares(summary):
        authors.add_row(Text(author), count, share)
    yield authors
    if private:
        found = Table("private", title="Left out of training", title_justify="left")
        found.add_column("times", justify="right")
        for kind, number in private.items():
            found.add_row(kind, f"{number:,}")
        yield found
    for title, rows in (("First messages", summary.first_messages), ("Last messages", summary.last_messages)):
        table = Table("sent at", "author", "text", title=title, title_justify="left")
        for sent_at, author, text in _shown(rows):
            table.add_row(sent_at, Text(author), Text(text))
        yield table


def _preview(text: str) -> str:
    """The beginning of a message on one line, with "⏎" where it breaks the line."""
    text = visible_line(text.replace("\n", " ⏎ "))
    return text if len(text) <= WIDEST else text[: WIDEST - 1] + "…"
