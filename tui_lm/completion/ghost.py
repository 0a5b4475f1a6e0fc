"""Ghost text: one continuation that the model is sure of, shown after the cursor.

It begins with the best candidate for the current word and is extended greedily while its length-normalised probability
(the geometric mean per character) stays above a threshold that was chosen on validation data (docs/decisions.md). It
ends at the end of a word or of the message, on the same line.
"""

from __future__ import annotations

from collections.abc import Iterator

from tui_lm.completion.lexicon import Lexicon
from tui_lm.completion.prefix import MessageStates
from tui_lm.completion.words import RunKind, cursor, kind_of, may_cut
from tui_lm.runtime.states import Reached

SURE = 0.75  # minimum probability per character
LONGEST = 60  # characters
MOST_BYTES = 64  # of a token, or of a character spelled in byte tokens


def extend(
    states: MessageStates | None,
    lexicon: Lexicon,
    text: str,
    ghost: str,
    probability: float,
    sure: float = SURE,
) -> Iterator[str]:
    """`ghost`, which follows `text` with `probability`, and its sure continuation; "" if `ghost` itself is not sure.

    Yields the best so far before each step of the network, and at the end.
    """
    if not is_sure(probability, ghost, sure):
        yield ""
        return
    yield ghost
    if states is None:
        return
    spelling = states.spelling
    best, kind = ghost, _kind(RunKind.SPACE, text + ghost)
    reached = states.reach(text + ghost)
    part = b""  # of an incomplete character
    while len(ghost) < LONGEST:
        every = spelling.probabilities(reached.logits[0])
        if not part and may_cut(text + ghost):
            ending = float(every[spelling.ends[kind]].sum())
            if ghost == best and ghost:
                probability = min(1.0, probability / max(ending, 1e-9))  # the ghost's end now counts as one alternative
            elif ending and len(ghost) > len(best):
                if not is_sure(probability * ending, ghost, sure) or not lexicon.allows(_piece(text, ghost, best)):
                    return
                best = ghost
        token = int(every.argmax())
        probability *= float(every[token])
        part += spelling.surfaces[token]
        added = _text(part)
        if not part or probability < sure**LONGEST or "\n" in added or len(part) > MOST_BYTES:
            break  # the end of the message or line, or too improbable to go on
        if added:
            ghost, part, kind = ghost + added, b"", _kind(kind, added)
        yield best
        reached = Reached(*states.engine.runtime.step([token], reached.state))
    yield best


def _piece(text: str, ghost: str, best: str) -> str:
    """What `ghost` adds to `best`, with the beginning of the word where that was typed."""
    return ghost[len(best) :] if best else cursor(text).token + ghost


def is_sure(probability: float, text: str, sure: float = SURE) -> bool:
    """Whether `text` has at least the probability `sure` per character."""
    return probability >= sure ** len(text)


def _kind(kind: RunKind, added: str) -> RunKind:
    """The kind of the last run after `added` has followed a run of `kind`."""
    for character in added:
        new = kind_of(character)
        if new is not RunKind.EXTEND:
            kind = new
    return kind


def _text(data: bytes) -> str:
    """The text of whole characters, or "" if the last one is incomplete."""
    try:
        return data.decode("utf-8", "surrogatepass")
    except UnicodeDecodeError:
        return ""
