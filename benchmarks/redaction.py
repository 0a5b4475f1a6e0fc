"""How well are private strings found, and how fast?

    .venv/bin/python benchmarks/redaction.py [CHAT...]

Prints precision and recall on the labelled messages of tests/redaction and the time for the given chats. With the
package phonenumbers installed, also the recall on its examples of every country, and the results of its own matcher.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterable, Sequence
from importlib.util import find_spec
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))

from tests.redaction.labelled import HARD, HELD_OUT, Labelled, composed, measure, read
from tui_lm.chats import open_chat
from tui_lm.redaction import PrivateKind
from tui_lm.redaction.redactor import Redactor

COMPOSED = 3000


def main(chats: Sequence[str]) -> None:
    sets = {"hard, by hand": read(HARD), "held out, by hand": read(HELD_OUT), "composed": composed(COMPOSED, 1)}
    print(f"{'messages':<20}{'':>7}  " + "".join(f"{kind:>14}" for kind in PrivateKind if kind is not PrivateKind.NAME))
    for name, messages in sets.items():
        scores = measure(messages)
        shown = "".join(
            f"{s['count']:>5} {s['precision']:.2f}/{s['recall']:.2f}"[-14:].rjust(14) for s in scores.values()
        )
        print(f"{name:<20}{len(messages):>7}  {shown}")
    print("(spans, precision/recall)\n")
    for chat in chats:
        _time(chat)
    if find_spec("phonenumbers"):
        _phonenumbers(sets)


def _time(chat: str) -> None:
    texts = [message.text for message in open_chat([Path(chat)]).messages()]
    redactor = Redactor()
    seconds = []
    for _ in range(3):
        begun = time.process_time()
        for text in texts:
            redactor.find(text)
        seconds.append(time.process_time() - begun)
    print(f"{Path(chat).name}: {min(seconds) / len(texts) * 1e6:.1f} s a million messages ({len(texts):,} here)")


def _phonenumbers(sets: dict[str, list[Labelled]]) -> None:
    import phonenumbers as theirs

    forms = theirs.PhoneNumberFormat
    kinds = theirs.PhoneNumberType
    print("\nexamples of phonenumbers, mobile and fixed, of every country: found by our rules")
    for name, form in (("E.164", forms.E164), ("international", forms.INTERNATIONAL), ("national", forms.NATIONAL)):
        for frame in ("{}", "my number is {} ok"):
            examples = (
                theirs.example_number_for_type(region, kind)
                for region in theirs.SUPPORTED_REGIONS
                for kind in (kinds.MOBILE, kinds.FIXED_LINE)
            )
            texts = [frame.format(theirs.format_number(example, form)) for example in examples if example]
            found = sum(any(span.kind is PrivateKind.PHONE for span in Redactor().find(text)) for text in texts)
            print(f"  {name:<14} {frame:<20} {found / len(texts):.3f} of {len(texts)}")
    print("\nthe matcher of phonenumbers on our labelled messages: precision, recall, time")
    for region in (None, "GB", "US", "DE"):
        for name in ("POSSIBLE", "VALID"):
            leniency = getattr(theirs.Leniency, name)

            def find(text: str, region: str | None = region, leniency: int = leniency) -> Iterable[tuple[int, int]]:
                return ((match.start, match.end) for match in theirs.PhoneNumberMatcher(text, region, leniency))

            for title, messages in sets.items():
                print(f"  region {region or '-':<3} {name:<9} {title:<18} {_score(find, messages)}")


def _score(find: Callable[[str], Iterable[tuple[int, int]]], messages: list[Labelled]) -> str:
    there = found = made = right = 0
    begun = time.process_time()
    for message in messages:
        spans = [*find(message.text)]
        labelled = [(start, end) for kind, start, end in message.spans if kind is PrivateKind.PHONE]
        there += len(labelled)
        found += sum(any(a <= start and end <= b for a, b in spans) for start, end in labelled)
        made += len(spans)
        right += sum(any(a < end and start < b for start, end in labelled) for a, b in spans)
    seconds = (time.process_time() - begun) / len(messages) * 1e6
    return f"{right / max(1, made):.2f} {found / there:.2f} {seconds:6.0f} s a million messages"


if __name__ == "__main__":
    main(sys.argv[1:])
