"""Labelled texts made of a chat: who wrote a message, and with which emoji it ends."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from tui_lm.labelled_texts import LabelledText
from tui_lm.utterances import Utterance

FEWEST = 20  # messages of an author or with an emoji that make a label of it
MOST = 64  # labels
_SYMBOL = r"[\u203c\u2049\u2190-\u21ff\u2300-\u23ff\u2600-\u27bf\u2b00-\u2bff\U0001f300-\U0001faff]"
_JOINED = rf"{_SYMBOL}[\ufe0f\U0001f3fb-\U0001f3ff]*(?:\u200d{_SYMBOL}[\ufe0f\U0001f3fb-\U0001f3ff]*)*"
_FLAG = r"[\U0001f1e6-\U0001f1ff]{2}"
_EMOJI = re.compile(rf"(?:{_FLAG}|{_JOINED})")
_AT_END = re.compile(rf"(?:\s*(?:{_FLAG}|{_JOINED}))+\s*$")
_VARIANTS = re.compile("[\ufe0f\U0001f3fb-\U0001f3ff]")  # of presentation and of skin


def by_author(messages: Iterable[Utterance]) -> Iterator[LabelledText]:
    """Each message with its author."""
    return (LabelledText(m.text.strip(), m.author) for m in messages if m.author is not None and m.text.strip())


def by_emoji(messages: Iterable[Utterance]) -> Iterator[LabelledText]:
    """Each message that ends in an emoji, without it, and the last emoji, in its plain variant, as the label."""
    for message in messages:
        if (end := _AT_END.search(message.text)) is None:
            continue
        text = message.text[: end.start()].strip()
        if text:
            yield LabelledText(text, _VARIANTS.sub("", _EMOJI.findall(end[0])[-1]))


def frequent_labels(texts: Sequence[LabelledText]) -> tuple[str, ...]:
    """The labels with at least `FEWEST` texts, most frequent first, at most `MOST`."""
    counts = Counter(text.label for text in texts)
    return tuple(label for label, count in counts.most_common(MOST) if count >= FEWEST)
