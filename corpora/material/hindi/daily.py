"""Sentence patterns of daily life: thinking about things, feelings, trades, ages, the clock, weather."""

from __future__ import annotations

from itertools import product

from . import grammar as g
from .nominal import NOUNS, a_, of_kind
from .verbal import Pairs

SUBJECT_MATTERS = [
    ("it", "इसके"),
    ("this", "इसके"),
    ("that", "उसके"),
    ("your future", "अपने भविष्य के"),
    ("your work", "अपने काम के"),
    ("your family", "अपने परिवार के"),
    ("your health", "अपनी सेहत के"),
    ("your friends", "अपने दोस्तों के"),
    ("your children", "अपने बच्चों के"),
    ("your city", "अपने शहर के"),
    ("your dreams", "अपने सपनों के"),
    ("my question", "मेरे सवाल के"),
    ("our plan", "हमारी योजना के"),
    ("the journey", "यात्रा के"),
    ("the weather", "मौसम के"),
    ("this book", "इस किताब के"),
    ("the film", "फ़िल्म के"),
    ("these things", "इन बातों के"),
    ("the past", "अतीत के"),
    ("money", "पैसों के"),
    ("the answer", "जवाब के"),
    ("other people", "दूसरे लोगों के"),
    ("your answer", "अपने जवाब के"),
    ("the problem", "समस्या के"),
]
HOURS = [
    ("one", "एक"),
    ("two", "दो"),
    ("three", "तीन"),
    ("four", "चार"),
    ("five", "पाँच"),
    ("six", "छह"),
    ("seven", "सात"),
    ("eight", "आठ"),
    ("nine", "नौ"),
    ("ten", "दस"),
    ("eleven", "ग्यारह"),
    ("twelve", "बारह"),
]


def about() -> Pairs:
    """Commands with "about" and varied topics, so that a model can generalise "think about X"."""
    verbs = [
        ("think about", "सोचिए", "मत सोचिए"),
        ("talk about", "बात कीजिए", "बात मत कीजिए"),
        ("ask about", "पूछिए", "मत पूछिए"),
        ("write about", "लिखिए", "मत लिखिए"),
    ]
    for (en, hi, no), (matter, of) in product(verbs, SUBJECT_MATTERS):
        yield f"{en} {matter}", f"{of} बारे में {hi}"
        yield f"don't {en} {matter}", f"{of} बारे में {no}"
        if en == "think about":
            yield f"please {en} {matter}", f"कृपया {of} बारे में {hi}"


def about_said() -> Pairs:
    matters = [(m, of) for m, of in SUBJECT_MATTERS if "your" not in m and m not in ("my question", "our plan")]
    for s, (matter, of) in product(g.EVERYONE, matters):
        yield (
            f"{s.en} {s.en_be} thinking about {matter}",
            f"{s.hi} {of} बारे में {g.progressive('सोच', s)} {g.is_(s)}",
        )
        yield f"{s.en} will think about {matter}", f"{s.hi} {of} बारे में {g.future('सोच', s)}"
        yield f"{s.en} talked about {matter}", f"{s.ne} {of} बारे में बात की"
        know = "knows" if s.en_third else "know"
        yield f"{s.en} {know} about {matter}", f"{s.hi} {of} बारे में {g.habitual('जान', s)} {g.is_(s)}"


def own_things() -> Pairs:
    """The possessive, which is अपना if the owner is the subject."""
    doings = [
        ("washing", "धो", ["car", "shirt", "bicycle", "bag"]),
        ("reading", "पढ़", ["book"]),
        ("selling", "बेच", ["house", "car", "phone", "bicycle"]),
        ("cleaning", "साफ़ कर", ["room", "table", "house", "kitchen"]),
        ("looking for", "ढूँढ़", ["key", "pen", "bag", "phone", "shirt"]),
        ("opening", "खोल", ["bag", "shop", "box"]),
    ]
    by_name = {n.en: n for n in NOUNS}
    for s, (en, stem, names) in product(g.EVERYONE, doings):
        for n in (by_name[name] for name in names):
            own = g.agree("अपना", n.gender, False)
            yield (
                f"{s.en} {s.en_be} {en} {s.en_possessive} {n.en}",
                f"{s.hi} {own} {n.hi} {g.progressive(stem, s)} {g.is_(s)}",
            )


def feelings() -> Pairs:
    felt = [
        ("hungry", "भूख लगी है"),
        ("thirsty", "प्यास लगी है"),
        ("cold", "ठंड लग रही है"),
        ("hot", "गरमी लग रही है"),
        ("sleepy", "नींद आ रही है"),
        ("afraid", "डर लग रहा है"),
    ]
    for s, (en, hi) in product(g.EVERYONE, felt):
        yield f"{s.en} {s.en_be} {en}", f"{s.ko} {hi}"
        yield f"{s.en_be} {s.en} {en}?", f"क्या {s.ko} {hi}?"
    for s, (en, hi) in product(
        g.EVERYONE, [("a fever", "बुखार"), ("a headache", "सिरदर्द"), ("a cold", "ज़ुकाम"), ("a cough", "खाँसी")]
    ):
        yield f"{s.en} {'has' if s.en_third else 'have'} {en}", f"{s.ko} {hi} है"


def trades() -> Pairs:
    jobs = [
        ("a doctor", "डॉक्टर"),
        ("a teacher", "शिक्षक"),
        ("a farmer", "किसान"),
        ("a singer", "गायक"),
        ("a writer", "लेखक"),
        ("an engineer", "इंजीनियर"),
        ("a shopkeeper", "दुकानदार"),
        ("a student", "विद्यार्थी"),
        ("a painter", "चित्रकार"),
    ]
    for s, (en, hi) in product([g.I, g.HE, g.FATHER, *g.NAMED[3:6]], jobs):
        be = g.is_(s)
        yield f"{s.en} {s.en_be} {en}", f"{s.hi} {hi} {be}"
        yield f"{s.en} {s.en_be} not {en}", f"{s.hi} {hi} नहीं {be}"
        if s is not g.I:
            yield f"is {s.en} {en}?", f"क्या {s.hi} {hi} {be}?"


def origins() -> Pairs:
    towns = [
        ("Delhi", "दिल्ली"),
        ("Mumbai", "मुंबई"),
        ("Jaipur", "जयपुर"),
        ("India", "भारत"),
        ("a small village", "एक छोटे गाँव"),
        ("London", "लंदन"),
    ]
    for s, (en, hi) in product(g.EVERYONE, towns):
        yield f"{s.en} {s.en_be} from {en}", f"{s.hi} {hi} से {g.is_(s)}"
        yield (
            f"{s.en} {'lives' if s.en_third else 'live'} in {en}",
            f"{s.hi} {hi} में {g.habitual('रह', s)} {g.is_(s)}",
        )


def ages() -> Pairs:
    years = [
        ("five", "पाँच"),
        ("eight", "आठ"),
        ("ten", "दस"),
        ("twelve", "बारह"),
        ("fifteen", "पंद्रह"),
        ("twenty", "बीस"),
        ("thirty", "तीस"),
        ("forty", "चालीस"),
    ]
    for s, (en, hi) in product([g.I, g.HE, g.SHE, *g.NAMED[2:11]], years):
        if s.en in ("the boy", "the girl", "the children", "the girls") and en in (
            "fifteen",
            "twenty",
            "thirty",
            "forty",
        ):
            continue
        yield (
            f"{s.en} {s.en_be} {en} years old",
            f"{s.hi} {hi} साल {g.agree('का', s.gender, s.plural)} {g.is_(s)}",
        )


def clock() -> Pairs:
    comings = [
        ("the train leaves", "रेलगाड़ी", "छूटती है"),
        ("the bus comes", "बस", "आती है"),
        ("the shop opens", "दुकान", "खुलती है"),
        ("the shop closes", "दुकान", "बंद होती है"),
        ("the film starts", "फ़िल्म", "शुरू होती है"),
        ("the school opens", "स्कूल", "खुलता है"),
        ("my father wakes up", "मेरे पिताजी", "उठते हैं"),
        ("my sister comes home", "मेरी बहन", "घर आती है"),
        ("we eat dinner", "हम", "रात का खाना खाते हैं"),
    ]
    for en, hi in HOURS:
        yield f"it is {en} o'clock", f"{hi} {'बजा' if en == 'one' else 'बजे'} {'है' if en == 'one' else 'हैं'}"
        yield f"come at {en} o'clock", f"{hi} बजे आइए"
        for event, who, verb in comings:
            yield f"{event} at {en} o'clock", f"{who} {hi} बजे {verb}"


def giving() -> Pairs:
    people = [
        ("me", "मुझे"),
        ("us", "हमें"),
        ("him", "उसे"),
        ("Ravi", "रवि को"),
        ("Meera", "मीरा को"),
        ("the boy", "लड़के को"),
        ("the children", "बच्चों को"),
        ("the teacher", "अध्यापक को"),
        ("my brother", "मेरे भाई को"),
    ]
    for (en, hi), n in product(people, of_kind("thing", "food")):
        if n.en not in ("table", "car"):
            yield f"give the {n.en} to {en}", f"{n.hi} {hi} दीजिए"
            yield f"please give {en} {a_(n.en)}", f"कृपया {hi} एक {n.hi} दीजिए"
            yield f"show {en} the {n.en}", f"{hi} {n.hi} दिखाइए"


def weather() -> Pairs:
    kinds = [("hot", "गरमी", "f"), ("cold", "ठंड", "f"), ("sunny", "धूप", "f"), ("foggy", "कोहरा", "m")]
    places = [
        ("", ""),
        ("here", "यहाँ"),
        ("in Delhi", "दिल्ली में"),
        ("in the village", "गाँव में"),
        ("in the mountains", "पहाड़ों में"),
        ("outside", "बाहर"),
    ]
    for (en, hi, gender), (en_place, place) in product(kinds, places):
        for when, time, be in [
            ("today", "आज", "है"),
            ("yesterday", "कल", g.was(gender, False)),
            ("tomorrow", "कल", "होगी" if gender == "f" else "होगा"),
        ]:
            verb = {"today": "is", "yesterday": "was", "tomorrow": "will be"}[when]
            yield (
                " ".join(f"it {verb} {en} {en_place} {when}".split()),
                " ".join(f"{time} {place} {hi} {be}".split()),
            )


def patterns() -> dict[str, Pairs]:
    """Every pattern by name."""
    plain = [about, about_said, own_things, feelings, trades, origins, ages, clock, giving, weather]
    return {pattern.__name__: pattern() for pattern in plain}
