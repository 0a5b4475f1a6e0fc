"""How many chat exports are read correctly?

    python benchmarks/read_formats.py FOLDER [--only PREFIX]

FOLDER holds exports and an `expected.json` with, for each, the counts, the authors, the first and the last time, other
correct values if the file is ambiguous (`accept`), and for some every row. Prints a table and exits with 1 if a file is
read otherwise; files marked `hard` are shown but not counted.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections import Counter
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent.parent))

from tui_lm.chats import Kind, Message, open_chat
from tui_lm.chats.whatsapp_strings import without_marks
from tui_lm.errors import TuiLmError

SAME_FORMAT = {
    "whatsapp-zip": "whatsapp",
    "slack-zip": "slack",
    "imessage-txt": "imessage",
    "matrix-element": "matrix",
}
WORDLESS = {"media", "deleted"}  # their text may be a placeholder or empty


def time(row: Message) -> str:
    return row.sent_at.replace(tzinfo=None).isoformat() if row.sent_at else ""


def counts(rows: list[Message], format: str) -> dict[str, Any]:
    kinds = Counter(row.kind for row in rows)
    times = [time(row) for row in rows]
    if format == "telegram":  # the file holds several chats
        times.sort()
    with_words = (Kind.TEXT, Kind.EDITED, Kind.POLL, Kind.FORWARDED)
    written = [row for row in rows if row.kind in with_words and row.text.strip()]
    return {
        "records": len(rows),
        "messages": len(rows) - kinds[Kind.SYSTEM],
        "system": kinds[Kind.SYSTEM],
        "media": kinds[Kind.MEDIA],
        "deleted": kinds[Kind.DELETED],
        "edited": kinds[Kind.EDITED],
        "text_messages": len(written),
        "authors": dict(Counter(row.author for row in rows if row.author is not None)),
        "first": times[0] if times else None,
        "last": times[-1] if times else None,
    }


def same_row(row: Message, expected: list[Any]) -> bool:
    sent_at, author, text, kind = expected
    kind = "text" if kind == "empty" else kind
    same_text = without_marks(row.text) == without_marks(text) or (kind in WORDLESS and not text)
    return (time(row), row.author, str(row.kind)) == (sent_at, author, kind) and same_text


def mismatches(path: Path, fixture: dict[str, Any]) -> list[str]:
    expected = fixture["expected"]
    try:
        chat = open_chat([path])
        rows = list(chat)
    except TuiLmError as error:
        return [] if expected is None else [f"error: {error.message}"]
    if expected is None:
        return [f"read as {chat.format}"]
    found = []
    if chat.format != SAME_FORMAT.get(fixture["format"], fixture["format"]):
        found.append(f"format {chat.format}")
    actual = counts(rows, chat.format)
    for name, value in actual.items():
        right = [expected[name], *accepted(fixture, name)] if name in expected else [value]
        if value not in right and "any" not in right:
            found.append(f"{name} {value}, not {expected[name]}")
    if (wanted := expected.get("rows")) is not None:
        if len(wanted) != len(rows):
            rows = [row for row in rows if row.kind is not Kind.SYSTEM]
        pairs = zip(rows, wanted, strict=len(rows) == len(wanted))
        found += [f"row {number}: {row}" for number, (row, want) in enumerate(pairs) if not same_row(row, want)]
    return found


def accepted(fixture: dict[str, Any], name: str) -> list[Any]:
    values = fixture.get("accept", {}).get(name, [])
    return values if isinstance(values, list) else [values]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--only", default="", help="only fixtures whose path starts with PREFIX")
    arguments = parser.parse_args()
    fixtures = json.loads((arguments.folder / "expected.json").read_text("utf-8"))["fixtures"]
    read = wrong = hard = 0
    for name, fixture in sorted(fixtures.items()):
        if fixture["format"] == "companion" or not name.startswith(arguments.only):
            continue
        found = mismatches(arguments.folder / name, fixture)
        read += 1
        wrong += bool(found) and not fixture.get("hard")
        hard += bool(found) and bool(fixture.get("hard"))
        print(f"{'ok   ' if not found else 'hard ' if fixture.get('hard') else 'WRONG'}  {name}")
        for mismatch in found:
            print(f"         {mismatch}")
    print(f"{read - wrong - hard} of {read} as expected, {wrong} wrong, {hard} marked hard")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
