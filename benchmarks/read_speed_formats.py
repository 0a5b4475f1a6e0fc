"""How fast is an export of each format read, here and by another version of this project?

    python benchmarks/read_speed_formats.py [--records N] [--rounds N] [--beside FOLDER]

Writes an export of N records (30,000) in each of ten formats to a temporary folder and reads each in a process of its
own, and with the tui_lm in FOLDER if one is given. Prints the least seconds of processor time of all rounds, without
the start of the interpreter.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

ROOT = Path(__file__).parent.parent
START = datetime(2020, 1, 13, 8)
TEXT = "hello there number {} and some more words"
RULE = "=" * 62
READ = """
import sys, time
sys.path.insert(0, sys.argv[2])
from pathlib import Path
from tui_lm.chats import open_chat
start = time.process_time()
count = sum(1 for _ in open_chat([Path(sys.argv[1])]))
print(count, time.process_time() - start)
"""

Row = Callable[[int, datetime, str], str]


def lines(head: str, row: Row, records: int, end: str = "") -> str:
    moments = ((number, START + timedelta(minutes=7 * number)) for number in range(records))
    return head + "".join(row(number, moment, TEXT.format(number)) for number, moment in moments) + end


def telegram_row(number: int, moment: datetime, text: str) -> str:
    fields = {"id": number, "type": "message", "date": moment.isoformat(), "from": "Ann", "from_id": "user1"}
    return ("," if number else "") + json.dumps({**fields, "text": text}, indent=1)


def messenger_row(number: int, moment: datetime, text: str) -> str:
    fields = {"sender_name": "Ann", "timestamp_ms": 1_700_000_000_000 - number * 1000, "content": text}
    return ("," if number else "") + json.dumps(fields)


def slack_row(number: int, moment: datetime, text: str) -> str:
    fields = {"type": "message", "user": "U1", "text": text, "ts": f"{1_600_000_000 + number}.000100"}
    return ("," if number else "") + json.dumps(fields)


def html_row(number: int, moment: datetime, text: str) -> str:
    title = f"{moment:%d.%m.%Y %H:%M:%S} UTC+01:00"
    date = f'<div class="pull_right date details" title="{title}">x</div>'
    name = '<div class="from_name">Ann</div>'
    body = f'<div class="body">{date}{name}<div class="text">{text}</div></div>'
    return f'<div class="message default clearfix" id="message{number}">{body}</div>\n'


def exports(records: int) -> dict[str, str]:
    """The text of an export by the name of its file."""
    discord = f"{RULE}\nGuild: G\nChannel: c\n{RULE}\n\n"
    return {
        "whatsapp.txt": lines("", lambda _, at, text: f"{at:%d/%m/%Y, %H:%M} - Ann: {text}\n", records),
        "result.json": lines('{"type": "personal_chat", "messages": [', telegram_row, records, "]}"),
        "messages.html": lines('<div class="history">\n', html_row, records, "</div>"),
        "message_1.json": lines('{"participants": [], "messages": [', messenger_row, records, "]}"),
        "slack.json": lines("[", slack_row, records, "]"),
        "discord.txt": lines(discord, lambda _, at, text: f"[{at:%d/%m/%Y %H:%M}] ann\n{text}\n\n\n", records),
        "discord.csv": lines(
            "AuthorID,Author,Date,Content,Attachments,Reactions\n",
            lambda _, at, text: f'"1","ann","{at.isoformat()}.0000000+00:00","{text}","",""\n',
            records,
        ),
        "chat.md": lines("", lambda _, at, text: f"[{at:%Y-%m-%d %H:%M:%S}] Me: {text}  \n", records),
        "imessage.txt": lines("", lambda _, at, text: f"{at:%b %d, %Y %I:%M:%S %p}\nMe\n{text}\n\n", records),
        "line.txt": lines(
            "[LINE] Ann\n\n",
            lambda n, at, text: (f"\n{at:%Y/%m/%d}\n" if n % 50 == 0 else "") + f"{at:%H:%M}\tAnn\t{text}\n",
            records,
        ),
    }


def read(path: Path, tree: Path) -> tuple[int, float]:
    """Records, and seconds of processor time."""
    done = subprocess.run([sys.executable, "-c", READ, path, tree], capture_output=True, text=True, check=True)
    records, seconds = done.stdout.split()
    return int(records), float(seconds)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--records", type=int, default=30_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--beside", type=Path, help="a folder with another version of tui_lm")
    arguments = parser.parse_args()
    trees = [ROOT, *([arguments.beside] if arguments.beside else [])]
    with tempfile.TemporaryDirectory() as folder:
        for name, text in exports(arguments.records).items():
            path = Path(folder) / name
            path.write_text(text, "utf-8")
            told = []
            for tree in trees:
                try:
                    found = [read(path, tree) for _ in range(arguments.rounds)]
                except subprocess.CalledProcessError:
                    told.append("not read")
                    continue
                told.append(f"{min(seconds for _, seconds in found):6.3f} s {found[0][0]:,} records")
            print(f"{name:16} {path.stat().st_size / 1e6:5.1f} MB   " + "   beside: ".join(told))


if __name__ == "__main__":
    main()
