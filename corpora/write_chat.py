"""Write `chat.txt`: a year of a group chat between five friends, as WhatsApp for Android exports it.

python corpora/write_chat.py            write the file
python corpora/write_chat.py --check    compare the file with a new one
python corpora/write_chat.py --counts   print counts
"""

from __future__ import annotations

import argparse
import random
import sys
import tomllib
from collections import Counter
from datetime import datetime
from pathlib import Path

from material.dialogue import read_dialogues
from material.diary import Diary, Row, with_system_rows
from material.phrase import Phrasebook
from material.voice import read_voices
from material.world import World

HERE = Path(__file__).parent
MATERIAL = HERE / "material"
TARGET = HERE / "chat.txt"
SEED = 14  # the number of the allotment plot


def chat_rows(seed: int = SEED) -> list[Row]:
    """All rows of the chat, in order."""
    pools = tomllib.loads((MATERIAL / "words.toml").read_text(encoding="utf-8"))
    world = World(random.Random(seed), pools["team"], pools["movie"])
    diary = Diary(
        read_dialogues(MATERIAL / "dialogues"),
        read_voices(MATERIAL / "voices.toml"),
        Phrasebook(pools),
        world,
        seed + 1,
    )
    return with_system_rows(list(diary.rows()), _notices())


def _notices() -> list[Row]:
    """The system rows, read from lines of `dd/mm/yyyy HH:MM<TAB>text`."""
    rows = []
    for line in (MATERIAL / "notices.tsv").read_text(encoding="utf-8").splitlines():
        stamp, text = line.split("\t")
        rows.append(Row(datetime.strptime(stamp, "%d/%m/%Y %H:%M"), None, text))
    return rows


def exported(rows: list[Row]) -> str:
    """The rows as an en-GB Android export."""
    lines = []
    for row in rows:
        author = f"{row.author}: " if row.author else ""
        lines.append(f"{row.when:%d/%m/%Y, %H:%M} - {author}{row.text}\n")
    return "".join(lines)


def counts(rows: list[Row]) -> str:
    """Counts of the chat."""
    kept = [r for r in rows if r.author and r.text not in ("<Media omitted>", "This message was deleted")]
    long = [r.text for r in kept if len(r.text.split()) > 4]
    sources = Counter(r.source for r in kept)
    return "\n".join(
        [
            f"rows {len(rows)}, text messages {len(kept)}, bytes {len(exported(rows).encode())}",
            f"longer than four words {len(long)}, of those unique {len(set(long)) / len(long):.1%}",
            f"authors {dict(Counter(r.author for r in kept))}",
            f"dialogues {len(sources)}, most used {sources.most_common(3)}",
        ]
    )


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--check", action="store_true", help="compare, do not write")
    parser.add_argument("--counts", action="store_true", help="count, do not write")
    options = parser.parse_args()
    rows = chat_rows()
    text = exported(rows)
    if options.counts:
        print(counts(rows))
    elif options.check:
        same = TARGET.exists() and TARGET.read_bytes() == text.encode()
        print(f"{TARGET.name} is {'up to date' if same else 'out of date'}")
        return 0 if same else 1
    else:
        TARGET.write_bytes(text.encode())
    return 0


if __name__ == "__main__":
    sys.exit(main())
