"""Phrases: text with [either|or] choices, {slots} bound for a conversation, and <pools> of a voice.

[hi|hello] everyone      one of the two, chosen anew each time
{dish}                   a filler from the pool "dish", the same one for the whole conversation
{dish2}                  another filler from the same pool, different from {dish}
{*dish}                  a filler for this occurrence only
{a:dish}                 the filler with "a" or "an" before it
<thanks>                 the speaker's own expression for "thanks"
"""

from __future__ import annotations

import random
import re
from dataclasses import dataclass, field

Pool = list[str] | dict[str, list[str]]

_CHOICE = re.compile(r"\[([^\[\]]*)\]")
_SLOT = re.compile(r"\{(\*?)(a:)?([A-Za-z_]+)(\d?)\}")
_VOICE = re.compile(r"<([a-z]+)>")
_SENTENCE = re.compile(r"([^\s.?!][^.?!\n]*)([.?!])(?=\s|$)")
_STATEMENT = re.compile(
    r"I'(?:ll|m|d|ve)\b|I (?!beg)\w+|it's (?!not\b)|ask (?!\w+ if)|bring |tell |try ", re.IGNORECASE
)
_QUESTION = re.compile(
    r"(?:who|who's|whose|where's|what's|what time|what happened|"
    r"what for|what (?:did|do|does|should|are)|when (?:do|does|is)|"
    r"how (?:long|much|many|far|did|is|are|was)|"
    r"is (?:it|he|she|that|this|there|the|anyone)|are (?:you|we|they|there)|do (?:you|we|they|I)|does|"
    r"did (?:you|he|she|anyone|everyone|we|they)|has anyone|have you|can (?:you|we|I|someone|anyone)|"
    r"could (?:you|we|I|someone)|shall|should (?:I|we)|was (?:it|that) the)\b(?!')",
    re.IGNORECASE,
)
_SENTENCE_START = re.compile(r"(^|[.?!]\s+|\n(?:[-\d.]+\s)?)([a-z])")


def choose(text: str, rng: random.Random) -> str:
    """Resolve every [either|or], innermost first."""
    while match := _CHOICE.search(text):
        text = text[: match.start()] + rng.choice(match[1].split("|")) + text[match.end() :]
    return text


def with_article(noun: str) -> str:
    """The noun with "a" or "an"."""
    return ("an " if noun[0].lower() in "aeiou" else "a ") + noun


def tidy(text: str) -> str:
    """Fix spacing after empty choices and capitalise every sentence."""
    text = re.sub(r" +", " ", text).strip()
    text = re.sub(r" +([,.?!])", r"\1", text)
    text = re.sub(r" *\\n *", "\n", text)
    text = re.sub(r"([?!]),", r"\1", text)
    text = re.sub(r"([?!…])\.(?!\.)", r"\1", text)
    text = re.sub(r"\.{3,}", "...", text)
    text = _SENTENCE.sub(_with_fitting_end, text)
    return _SENTENCE_START.sub(lambda m: m[1] + m[2].upper(), text)


def _with_fitting_end(match: re.Match[str]) -> str:
    """Fix the end mark if a choice turned a question into a statement or a statement into a question."""
    sentence, end = match.groups()
    if end == "?" and _STATEMENT.match(sentence):
        return sentence + "."
    if end in ".!" and _QUESTION.match(sentence):
        return sentence + "?"
    return match[0]


@dataclass
class Phrasebook:
    """The pools of fillers. A pool can be split by season or by speaker."""

    pools: dict[str, Pool]
    season: str = ""
    speaker: str = ""
    _used: dict[str, int] = field(default_factory=dict)

    def fillers(self, name: str) -> list[str]:
        pool = self.pools[name]
        if isinstance(pool, dict):
            return pool.get("anyone", []) + (pool.get(self.season) or pool[self.speaker])
        return pool

    def pick(self, name: str, rng: random.Random, avoid: set[str]) -> str:
        """A filler that is not in `avoid`: the least used of three draws, so that a pool is used evenly."""
        options = [f for f in self.fillers(name) if f not in avoid] or self.fillers(name)
        drawn = [rng.choice(options) for _ in range(3)]
        best = min(drawn, key=lambda f: self._used.get(f, 0))
        self._used[best] = self._used.get(best, 0) + 1
        return best

    def expand(self, text: str, bound: dict[str, str], spoken: dict[str, list[str]], rng: random.Random) -> str:
        """Resolve choices, slots and voice pools. `bound` keeps the slots of the conversation."""

        def slot(match: re.Match[str]) -> str:
            fresh, article, name, digit = match.groups()
            key = name + digit
            if not fresh and key in bound:
                value = bound[key]
            else:
                value = choose(self.pick(name, rng, set(bound.values())), rng)
                if "{" in value:
                    value = _SLOT.sub(slot, value)
                value, _, answer = value.partition(" = ")
                if not fresh:
                    bound[key] = value
                    bound[key + "_answer"] = answer
            return with_article(value) if article else value

        def spoken_word(match: re.Match[str]) -> str:
            words = rng.choice(spoken[match[1]])
            inside = match.string[: match.start()].endswith(", ") and not words.startswith("I ")
            return words[:1].lower() + words[1:] if inside else words

        text = choose(text, rng)
        text = _SLOT.sub(slot, text)
        text = _VOICE.sub(spoken_word, text)
        return tidy(_SLOT.sub(slot, choose(text, rng)))
