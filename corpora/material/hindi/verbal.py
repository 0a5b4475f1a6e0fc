"""Sentence patterns around a verb: tenses, negation, questions, commands, wishes, duties, conditions.

Every function yields (English, Hindi) without capital letter and end mark; a "?" at the end marks a question.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product

from . import grammar as g
from .lexicon import Action, read_actions

Pairs = Iterator[tuple[str, str]]

ACTIONS = read_actions()
HABIT_TIMES = [
    ("every day", "हर दिन"),
    ("in the morning", "सुबह"),
    ("in the evening", "शाम को"),
    ("on Sundays", "रविवार को"),
    ("at night", "रात को"),
    ("at home", "घर पर"),
    ("", ""),
]
PAST_TIMES = [
    ("yesterday", "कल"),
    ("last week", "पिछले हफ़्ते"),
    ("this morning", "आज सुबह"),
    ("last night", "कल रात"),
    ("on Monday", "सोमवार को"),
    ("two days ago", "दो दिन पहले"),
    ("", ""),
]
FUTURE_TIMES = [
    ("tomorrow", "कल"),
    ("next week", "अगले हफ़्ते"),
    ("tonight", "आज रात"),
    ("on Friday", "शुक्रवार को"),
    ("in the evening", "शाम को"),
    ("soon", "जल्दी"),
    ("", ""),
]
FREQUENCIES = [("always", "हमेशा"), ("often", "अक्सर"), ("sometimes", "कभी-कभी"), ("never", "कभी नहीं")]


def join(*parts: str) -> str:
    return " ".join(part for part in parts if part)


def _do(subject: g.Subject) -> str:
    return "does" if subject.en_third else "do"


def _was(subject: g.Subject) -> str:
    return "was" if subject.en_be in ("am", "is") else "were"


def _have(subject: g.Subject) -> str:
    return "has" if subject.en_third else "have"


def with_word(action: Action, word: str, verb: str) -> str:
    """The object, the word and the verb. In a compound verb the word goes inside: साफ़ नहीं किया."""
    noun, _, _ = action.stem.rpartition(" ")
    rest = verb.removeprefix(noun).strip() if word else verb
    return join(action.hi_object, noun if word else "", word, rest)


def _past(action: Action, subject: g.Subject, negation: str = "", adverb: str = "", alone: bool = True) -> str:
    """The perfective clause: with ने the verb agrees with the object, without it with the subject."""
    if action.ergative:
        verb = g.perfective(action.perfective, action.gender, action.plural, alone)
        return join(subject.ne, adverb, with_word(action, negation, verb))
    verb = g.perfective(action.perfective, subject.gender, subject.plural, alone)
    return join(subject.hi, adverb, with_word(action, negation, verb))


def _object_infinitive(action: Action) -> str:
    """The infinitive of duty agrees with the object: चाय पीनी है, but काम के बारे में सोचना है."""
    return action.hi(g.infinitive(action.stem, action.gender, action.plural))


def habit() -> Pairs:
    for s, a, (en, hi) in product(g.EVERYONE, ACTIONS, HABIT_TIMES):
        verb = a.en("third" if s.en_third else "base")
        yield join(s.en, verb, en), join(s.hi, hi, a.hi(g.habitual(a.stem, s)), g.is_(s))


def habit_denied() -> Pairs:
    for s, a in product(g.EVERYONE, ACTIONS):
        verb = g.without_is(g.habitual(a.stem, s), s)
        yield f"{s.en} {_do(s)} not {a.en('base')}", join(s.hi, with_word(a, "नहीं", verb))


def habit_asked() -> Pairs:
    for s, a, (en, hi) in product([g.YOU, g.YOU, g.THEY, g.SHE, g.HE, *g.NAMED], ACTIONS, HABIT_TIMES):
        question = join("क्या", s.hi, hi, a.hi(g.habitual(a.stem, s)), g.is_(s))
        yield join(_do(s), s.en, a.en("base"), en) + "?", question + "?"


def frequency() -> Pairs:
    for s, a, (en, hi) in product(g.EVERYONE, ACTIONS, FREQUENCIES):
        verb = a.en("third" if s.en_third else "base")
        if en == "never":
            yield (
                f"{s.en} {en} {verb}",
                join(s.hi, "कभी", with_word(a, "नहीं", g.without_is(g.habitual(a.stem, s), s))),
            )
        else:
            yield f"{s.en} {en} {verb}", join(s.hi, hi, a.hi(g.habitual(a.stem, s)), g.is_(s))


def going_on() -> Pairs:
    for s, a, (en, hi) in product(g.EVERYONE, ACTIONS, [("", ""), ("now", "अभी"), ("today", "आज")]):
        yield join(s.en, s.en_be, a.en("ing"), en), join(s.hi, hi, a.hi(g.progressive(a.stem, s)), g.is_(s))


def going_on_denied() -> Pairs:
    for s, a in product(g.EVERYONE, ACTIONS):
        yield (
            f"{s.en} {s.en_be} not {a.en('ing')}",
            join(s.hi, with_word(a, "नहीं", g.progressive(a.stem, s)), g.is_(s)),
        )


def going_on_asked() -> Pairs:
    for s, a in product([g.YOU, g.THEY, g.SHE, g.HE, *g.NAMED], ACTIONS):
        yield (
            f"{s.en_be} {s.en} {a.en('ing')}?",
            join("क्या", s.hi, a.hi(g.progressive(a.stem, s)), g.is_(s)) + "?",
        )


def was_going_on() -> Pairs:
    for s, a, (en, hi) in product(g.EVERYONE, ACTIONS, PAST_TIMES[:4] + PAST_TIMES[6:]):
        verb = a.hi(g.progressive(a.stem, s))
        yield join(s.en, _was(s), a.en("ing"), en), join(s.hi, hi, verb, g.was(s.gender, s.plural))


def used_to() -> Pairs:
    for s, a in product(g.EVERYONE, ACTIONS):
        yield (
            f"{s.en} used to {a.en('base')}",
            join(s.hi, a.hi(g.habitual(a.stem, s)), g.was(s.gender, s.plural)),
        )


def past() -> Pairs:
    for s, a, (en, hi) in product(g.EVERYONE, ACTIONS, PAST_TIMES):
        yield join(s.en, a.en("past"), en), _past(a, s, adverb=hi)


def past_denied() -> Pairs:
    for s, a, (en, hi) in product(g.EVERYONE, ACTIONS, [("", ""), ("yesterday", "कल"), ("this morning", "आज सुबह")]):
        yield join(s.en, "did not", a.en("base"), en), _past(a, s, "नहीं", hi)


def past_asked() -> Pairs:
    for s, a, (en, hi) in product([g.YOU, g.YOU, g.THEY, g.SHE, g.HE, *g.NAMED], ACTIONS, PAST_TIMES):
        yield join("did", s.en, a.en("base"), en) + "?", "क्या " + _past(a, s, adverb=hi) + "?"


def just_done() -> Pairs:
    for s, a in product(g.EVERYONE, ACTIONS):
        be = ("हैं" if a.plural else "है") if a.ergative else g.is_(s)
        yield (
            f"{s.en} {_have(s)} just {a.en('participle')}",
            f"{_past(a, s, adverb='अभी-अभी', alone=False)} {be}",
        )


def future() -> Pairs:
    for s, a, (en, hi) in product(g.EVERYONE, ACTIONS, FUTURE_TIMES):
        yield join(s.en, "will", a.en("base"), en), join(s.hi, hi, a.hi(g.future(a.stem, s)))


def future_denied() -> Pairs:
    for s, a, (en, hi) in product(g.EVERYONE, ACTIONS, [("", ""), ("tomorrow", "कल"), ("tonight", "आज रात")]):
        yield (
            join(s.en, "will not", a.en("base"), en),
            join(s.hi, hi, with_word(a, "नहीं", g.future(a.stem, s))),
        )


def future_asked() -> Pairs:
    for s, a, (en, hi) in product([g.YOU, g.YOU, g.THEY, g.SHE, g.HE, *g.NAMED], ACTIONS, FUTURE_TIMES):
        yield (
            join("will", s.en, a.en("base"), en) + "?",
            join("क्या", s.hi, hi, a.hi(g.future(a.stem, s))) + "?",
        )


def command() -> Pairs:
    for a in ACTIONS:
        yield a.en("base"), a.hi(g.please(a.stem))
        yield f"please {a.en('base')}", f"कृपया {a.hi(g.please(a.stem))}"


def command_denied() -> Pairs:
    for a in ACTIONS:
        yield f"do not {a.en('base')}", with_word(a, "मत", g.please(a.stem))
        yield f"don't {a.en('base')} now", join("अभी", with_word(a, "मत", g.please(a.stem)))


def command_to_child() -> Pairs:
    for a in ACTIONS:
        yield f"{a.en('base')}, son", f"बेटा, {a.hi(g.familiar(a.stem))}"
        yield f"don't {a.en('base')}, son", join("बेटा,", with_word(a, "मत", g.familiar(a.stem)))


def to_a_friend() -> Pairs:
    """Questions with तुम; the English has "my friend", which shows the register."""
    f = g.FRIEND_YOU
    for a in ACTIONS:
        yield f"are you {a.en('ing')}, my friend?", f"मेरे दोस्त, क्या तुम {a.hi(g.progressive(a.stem, f))} हो?"
        yield f"will you {a.en('base')}, my friend?", f"मेरे दोस्त, क्या तुम {a.hi(g.future(a.stem, f))}?"


def lets() -> Pairs:
    for a, (en, hi) in product(ACTIONS, [("", ""), ("today", "आज"), ("together", "साथ में")]):
        yield join("let's", a.en("base"), en), join("चलिए,", hi, a.hi(g.habitual(a.stem, g.WE)), "हैं")


def want() -> Pairs:
    for s, a in product(g.EVERYONE, ACTIONS):
        verb = join(a.hi(a.stem + "ना"), g.habitual("चाह", s), g.is_(s))
        yield f"{s.en} {'wants' if s.en_third else 'want'} to {a.en('base')}", f"{s.hi} {verb}"


def want_denied() -> Pairs:
    for s, a in product(g.EVERYONE, ACTIONS):
        verb = g.without_is(g.habitual("चाह", s), s)
        yield f"{s.en} {_do(s)} not want to {a.en('base')}", f"{s.hi} {a.hi(a.stem + 'ना')} नहीं {verb}"


def can() -> Pairs:
    for s, a in product(g.EVERYONE, ACTIONS):
        yield f"{s.en} can {a.en('base')}", join(s.hi, a.hi(a.stem), g.habitual("सक", s), g.is_(s))


def cannot() -> Pairs:
    for s, a, (en, hi) in product(g.EVERYONE, ACTIONS, [("", ""), ("today", "आज")]):
        verb = g.without_is(g.habitual("सक", s), s)
        yield join(s.en, "cannot", a.en("base"), en), join(s.hi, hi, with_word(a, "नहीं", a.stem), verb)


def can_asked() -> Pairs:
    for s, a in product([g.YOU, g.SHE, g.HE, g.THEY, *g.NAMED], ACTIONS):
        yield (
            f"can {s.en} {a.en('base')}?",
            join("क्या", s.hi, a.hi(a.stem), g.habitual("सक", s), g.is_(s)) + "?",
        )
    for a in ACTIONS:
        yield f"can I {a.en('base')}?", join("क्या मैं", a.hi(a.stem), "सकता हूँ") + "?"


def must() -> Pairs:
    for s, a in product(g.EVERYONE, ACTIONS):
        yield (
            f"{s.en} {_have(s)} to {a.en('base')}",
            join(s.ko, _object_infinitive(a), "हैं" if a.plural else "है"),
        )


def should() -> Pairs:
    for s, a, no in product(g.EVERYONE, ACTIONS, [False, True]):
        verb = g.infinitive(a.stem, a.gender, a.plural)
        yield (
            join(s.en, "should", "not" if no else "", a.en("base")),
            join(s.ko, with_word(a, "नहीं" if no else "", verb), "चाहिए"),
        )


def will_have_to() -> Pairs:
    for s, a, (en, hi) in product(g.EVERYONE, ACTIONS, FUTURE_TIMES[:4] + FUTURE_TIMES[6:]):
        falls = {("m", False): "पड़ेगा", ("m", True): "पड़ेंगे", ("f", False): "पड़ेगी", ("f", True): "पड़ेंगी"}
        yield (
            join(s.en, "will have to", a.en("base"), en),
            join(s.ko, hi, _object_infinitive(a), falls[a.gender, a.plural]),
        )


def like_to() -> Pairs:
    for s, a in product(g.EVERYONE, ACTIONS):
        yield (
            f"{s.en} {'likes' if s.en_third else 'like'} to {a.en('base')}",
            f"{s.ko} {a.hi(a.stem + 'ना')} पसंद है",
        )


def question_words() -> Pairs:
    for s, a in product([g.YOU, g.THEY, g.SHE, g.HE, *g.NAMED], ACTIONS):
        words = [("when", "कब"), ("why", "क्यों")] + (
            [] if "में" in a.hi_object or a.base == "go to" else [("where", "कहाँ")]
        )
        for en, hi in words:
            yield (
                f"{en} {s.en_be} {s.en} {a.en('ing')}?",
                join(s.hi, a.hi_object, hi, g.progressive(a.stem, s), g.is_(s)) + "?",
            )
            yield f"{en} will {s.en} {a.en('base')}?", join(s.hi, a.hi_object, hi, g.future(a.stem, s)) + "?"


def who() -> Pairs:
    for a in ACTIONS:
        yield f"who is {a.en('ing')}?", join(a.hi_object, "कौन", g.progressive(a.stem, g.HE), "है") + "?"
        yield f"who will {a.en('base')}?", join(a.hi_object, "कौन", g.future(a.stem, g.HE)) + "?"
        if a.ergative:
            verb = g.perfective(a.perfective, a.gender, a.plural)
            yield f"who {a.en('past')}?", join(a.hi_object, "किसने", verb) + "?"


def patterns() -> dict[str, Pairs]:
    """Every pattern by name."""
    plain = [
        habit,
        habit_denied,
        habit_asked,
        frequency,
        going_on,
        going_on_denied,
        going_on_asked,
        was_going_on,
        used_to,
        past,
        past_denied,
        past_asked,
        just_done,
        future,
        future_denied,
        future_asked,
        command,
        command_denied,
        command_to_child,
        to_a_friend,
        lets,
        want,
        want_denied,
        can,
        cannot,
        can_asked,
        must,
        should,
        will_have_to,
        like_to,
        question_words,
        who,
    ]
    return {pattern.__name__: pattern() for pattern in plain}
