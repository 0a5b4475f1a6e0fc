"""Ghost text: the one continuation that the model is sure of, shown after the cursor.

It begins with the most probable end of the current word and goes on greedily while it stays likely: its probability
per character (the geometric mean, that is the length-normalised probability) must not fall below a threshold that was
chosen on validation data (docs/decisions.md). It ends at the end of a word or of the message, in the same line.
"""

from __future__ import annotations

from tui_lm.completion.prefix import Places
from tui_lm.completion.words import Kind, kind_of, may_cut
from tui_lm.runtime.states import Reached

SURE = 0.75  # least probability a character
LONGEST = 60  # characters
MOST_BYTES = 64  # of one token, or of a character spelled in bytes


def extend(places: Places | None, text: str, ghost: str, probability: float, sure: float = SURE) -> str:
    """`ghost`, which continues `text` with `probability`, and what surely follows; "" where not even it is sure."""
    if not is_sure(probability, ghost, sure):
        return ""
    if places is None:
        return ghost
    spelling = places.spelling
    best, kind = ghost, _kind(Kind.SPACE, text + ghost)
    place = places.reach(text + ghost)
    part = b""  # of a character that is not whole yet
    while len(ghost) < LONGEST:
        every = spelling.probabilities(place.logits[0])
        if not part and may_cut(text + ghost):
            ending = float(every[spelling.ends[kind]].sum())
            if ghost == best and ghost:
                probability = min(1.0, probability / max(ending, 1e-9))  # from here on the end is one of the ways
            elif ending and len(ghost) > len(best):
                if not is_sure(probability * ending, ghost, sure):
                    return best
                best = ghost
        token = int(every.argmax())
        probability *= float(every[token])
        part += spelling.surfaces[token]
        added = _text(part)
        if not part or probability < sure**LONGEST or "\n" in added or len(part) > MOST_BYTES:
            return best  # the end of the message or of the line, or nothing that could still be sure
        if added:
            ghost, part, kind = ghost + added, b"", _kind(kind, added)
        place = Reached(*places.engine.runtime.step([token], place.state))
    return best


def is_sure(probability: float, text: str, sure: float = SURE) -> bool:
    """Whether `text` is as likely as characters of probability `sure` each would be."""
    return probability >= sure ** len(text)


def _kind(kind: Kind, added: str) -> Kind:
    """The kind of the run at the end, once `added` has followed one of `kind`."""
    for character in added:
        new = kind_of(character)
        if new is not Kind.EXTEND:
            kind = new
    return kind


def _text(data: bytes) -> str:
    """The text of whole characters; "" where the last is not whole."""
    try:
        return data.decode("utf-8", "surrogatepass")
    except UnicodeDecodeError:
        return ""
