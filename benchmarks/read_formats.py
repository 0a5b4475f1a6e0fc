"""How many chat exports are read correctly, row by row?

    python benchmarks/read_formats.py FOLDER... [--only PREFIX]

A FOLDER holds exports and an `expected.json`, or folders that do. It says, for each export, the counts, the authors,
the first and the last time, other right values where the file is ambiguous (`accept`), and every row, or every row that
is no notice: time, author, text and kind. A row without a time is compared without it. Prints a line a file and exits
with 1 if one is read otherwise; files marked `hard` are shown but not counted. `"format": "none"` means that the file
must be refused.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent.parent))

from tui_lm.chats import Kind, Message, open_chat
from tui_lm.chats.whatsapp_strings import without_marks
from tui_lm.errors import TuiLmError

WORDS = (Kind.TEXT, Kind.EDITED)
WITH_WORDS = (*WORDS, Kind.POLL, Kind.FORWARDED)


def time(row: Message) -> str | None:
    return row.sent_at and row.sent_at.replace(tzinfo=None).isoformat()


def counts(rows: list[Message], format: str) -> dict[str, Any]:
    kinds = Counter(row.kind for row in rows)
    times = [time(row) for row in rows]
    if format == "telegram":  # holds one chat after the other
        times.sort(key=str)
    return {
        "records": len(rows),
        "messages": len(rows) - kinds[Kind.SYSTEM],
        "system": kinds[Kind.SYSTEM],
        "media": kinds[Kind.MEDIA],
        "deleted": kinds[Kind.DELETED],
        "edited": kinds[Kind.EDITED],
        "text_messages": sum(1 for row in rows if row.kind in WITH_WORDS and row.text.strip()),
        "authors": dict(Counter(row.author for row in rows if row.author is not None)),
        "first": times[0] if times else None,
        "last": times[-1] if times else None,
    }


def difference(row: Message, expected: list[Any]) -> str | None:
    """What is wrong with a row. Only the words of what somebody wrote are compared, and times to the minute."""
    sent_at, author, text, kind = expected
    kind = "text" if kind == "empty" else kind
    has_words = kind in WORDS
    if (row.kind in WORDS) != has_words:
        return f"is {row.kind}, not {kind}"
    if sent_at is not None and (time(row) or "")[:16] != sent_at[:16]:
        return f"at {time(row)}, not {sent_at}"
    if row.author != author:
        return f"by {row.author!r}, not {author!r}"
    if has_words and without_marks(row.text) != without_marks(text):
        return f"says {row.text!r}, not {text!r}"
    return None


def mismatches(path: Path, fixture: dict[str, Any]) -> list[str]:
    expected = None if fixture["format"] == "none" else fixture["expected"]
    try:
        chat = open_chat([path])
        rows = list(chat)
    except TuiLmError as error:
        return [] if expected is None else [f"error: {error.message}"]
    if expected is None:
        return [f"read as {chat.format}"]
    found = []
    actual = counts(rows, chat.format)
    for name, value in actual.items():
        right = [expected[name], *accepted(fixture, name)] if name in expected else [value]
        if name in ("first", "last"):
            value, right = str(value)[:19], [str(each)[:19] for each in right]
        if name == "text_messages" and "rows" in expected:
            continue  # the rows say more
        if value not in right and "any" not in right:
            found.append(f"{name} {value}, not {expected[name]}")
    if (wanted := expected.get("rows")) is not None:
        rows = [row for row in rows if row.kind is not Kind.SYSTEM]
        wanted = [row for row in wanted if row[3] != "system"]
        if len(rows) != len(wanted):
            found.append(f"{len(rows)} rows by people, not {len(wanted)}")
        for number, (row, want) in enumerate(zip(rows, wanted, strict=False)):
            if wrong := difference(row, want):
                found.append(f"row {number} {wrong}")
    return found


def accepted(fixture: dict[str, Any], name: str) -> list[Any]:
    values = fixture.get("accept", {}).get(name, [])
    return values if isinstance(values, list) else [values]


def fixtures_in(folder: Path) -> Iterator[tuple[Path, dict[str, Any]]]:
    """The exports below a folder with what is expected of each."""
    own = folder / "expected.json"
    for listing in [own] if own.exists() else sorted(folder.glob("*/expected.json")):
        cases = json.loads(listing.read_text("utf-8")).get("fixtures", {})
        yield from ((listing.parent / name, fixture) for name, fixture in sorted(cases.items()))


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folders", type=Path, nargs="+", metavar="FOLDER")
    parser.add_argument("--only", default="", help="only exports whose path below FOLDER begins so")
    arguments = parser.parse_args()
    read = wrong = hard = compared = 0
    for folder in arguments.folders:
        for path, fixture in fixtures_in(folder):
            name = path.relative_to(folder).as_posix()
            if fixture["format"] == "companion" or not name.startswith(arguments.only):
                continue
            found = mismatches(path, fixture)
            read += 1
            compared += "rows" in (fixture["expected"] or {})
            wrong += bool(found) and not fixture.get("hard")
            hard += bool(found) and bool(fixture.get("hard"))
            print(f"{'ok   ' if not found else 'hard ' if fixture.get('hard') else 'WRONG'}  {name}")
            for mismatch in found:
                print(f"         {mismatch}")
    print(f"{read - wrong - hard} of {read} as expected ({compared} by rows), {wrong} wrong, {hard} marked hard")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
