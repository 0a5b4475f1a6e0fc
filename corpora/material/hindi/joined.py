"""Sentence patterns of two clauses (after, if, because, that), and of doing something with someone."""

from __future__ import annotations

from itertools import product

from . import grammar as g
from .lexicon import Action
from .verbal import ACTIONS, Pairs, join, with_word


def after_doing(actions: list[Action]) -> Pairs:
    for s, first, then in product(g.EVERYONE, actions, actions):
        if first.base != then.base:
            yield (
                f"after {first.en('ing')}, {s.en} will {then.en('base')}",
                join(first.hi(first.stem + "ने"), "के बाद", s.hi, then.hi(g.future(then.stem, s))),
            )


def if_then(actions: list[Action]) -> Pairs:
    for one, other, first, then in product(g.PRONOUNS, g.PRONOUNS, actions, actions):
        if one is not other and first.base != then.base and {one.hi, other.hi} != {"वह"}:
            verb = first.en("third" if one.en_third else "base")
            condition = f"अगर {one.hi} {first.hi(g.future(first.stem, one))}"
            result = f"तो {other.hi} {then.hi(g.future(then.stem, other))}"
            yield f"if {one.en} {verb}, {other.en} will {then.en('base')}", f"{condition}, {result}"
    weather = [
        ("it rains", "बारिश होगी"),
        ("it is cold", "ठंड होगी"),
        ("the sun comes out", "धूप निकलेगी"),
        ("the bus does not come", "बस नहीं आएगी"),
        ("there is time", "समय होगा"),
    ]
    for (en, hi), s, then in product(weather, g.EVERYONE, actions):
        yield (
            f"if {en}, {s.en} will {then.en('base')}",
            f"अगर {hi}, तो {s.hi} {then.hi(g.future(then.stem, s))}",
        )


def opinion() -> Pairs:
    thoughts = [
        ("I think", "मुझे लगता है"),
        ("I know", "मैं जानता हूँ"),
        ("she says", "वह कहती है"),
        ("everyone knows", "सब जानते हैं"),
    ]
    for (en, hi), s, a in product(thoughts, [x for x in g.EVERYONE if x not in (g.I, g.SHE)], ACTIONS):
        yield (
            f"{en} that {s.en} {s.en_be} {a.en('ing')}",
            f"{hi} कि {s.hi} {a.hi(g.progressive(a.stem, s))} {g.is_(s)}",
        )


def because() -> Pairs:
    reasons = [
        ("is tired", "are tired", "थका हुआ"),
        ("is hungry", "are hungry", "भूखा"),
        ("is ill", "are ill", "बीमार"),
        ("is happy", "are happy", "ख़ुश"),
    ]
    for s, a, (one, many, adjective) in product([g.HE, g.SHE, g.THEY, g.I, g.WE], ACTIONS, reasons):
        reason = one if s.en_be == "is" else one.replace("is", "am") if s is g.I else many
        yield (
            f"{s.en} {s.en_be} not {a.en('ing')} because {s.en} {reason}",
            join(
                s.hi,
                with_word(a, "नहीं", g.progressive(a.stem, s)),
                g.is_(s),
                "क्योंकि",
                s.hi,
                g.agree(adjective, s.gender, s.plural),
                g.is_(s),
            ),
        )


def together() -> Pairs:
    company = [
        ("with the children", "बच्चों के साथ"),
        ("with a friend", "एक दोस्त के साथ"),
        ("with Meera", "मीरा के साथ"),
        ("with the neighbours", "पड़ोसियों के साथ"),
        ("alone", "अकेले"),
    ]
    some = [a for a in ACTIONS if a.base not in ("talk to", "help", "wait for") and "बच्च" not in a.hi_object]
    for s, a, (en, hi) in product([x for x in g.EVERYONE if x.en not in ("Meera", "the children")], some, company):
        if en == "alone" and s.en_be == "are":
            continue
        yield join(s.en, "will", a.en("base"), en), join(s.hi, hi, a.hi(g.future(a.stem, s)))


def short_actions() -> list[Action]:
    """One or two objects of each verb, for the long sentences."""
    seen: dict[str, int] = {}
    chosen = []
    for action in ACTIONS:
        seen[action.base] = seen.get(action.base, 0) + 1
        if seen[action.base] <= 2:
            chosen.append(action)
    return chosen


def patterns() -> dict[str, Pairs]:
    """Every pattern by name."""
    found = {pattern.__name__: pattern() for pattern in [opinion, because, together]}
    return found | {"after_doing": after_doing(short_actions()), "if_then": if_then(short_actions())}
