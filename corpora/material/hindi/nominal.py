"""Sentence patterns around nouns: naming, describing, having, liking, being somewhere, comparing."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product

from . import grammar as g
from .lexicon import Noun, read_adjectives, read_nouns
from .verbal import Pairs

NOUNS = read_nouns()
ADJECTIVES = read_adjectives()
OWNERS = [
    ("my", "मेरा"),
    ("our", "हमारा"),
    ("your", "आपका"),
    ("his", "उसका"),
    ("their", "उनका"),
    ("Ravi's", "रवि का"),
    ("Meera's", "मीरा का"),
    ("my brother's", "मेरे भाई का"),
    ("my sister's", "मेरी बहन का"),
]
NUMBERS = [("two", "दो"), ("three", "तीन"), ("four", "चार"), ("five", "पाँच"), ("six", "छह"), ("ten", "दस")]
PLACES_AT = [
    ("on", "पर", "surface"),
    ("under", "के नीचे", "surface"),
    ("near", "के पास", "building"),
    ("in", "में", "place"),
    ("behind", "के पीछे", "building"),
    ("in front of", "के सामने", "building"),
]


def a_(noun: str) -> str:
    return ("an " if noun[0] in "aeiou" else "a ") + noun


def of_kind(*kinds: str) -> list[Noun]:
    return [n for n in NOUNS if n.kinds & set(kinds)]


def naming() -> Pairs:
    for n in NOUNS:
        yield f"this is {a_(n.en)}", f"यह {n.hi} है"
        yield f"that is not {a_(n.en)}", f"वह {n.hi} नहीं है"
        yield f"these are {n.en_plural}", f"ये {n.plural} हैं"
        yield f"is this {a_(n.en)}?", f"क्या यह {n.hi} है?"


def described() -> Iterator[tuple[str, str, Noun, str, bool]]:
    for n, a in product(NOUNS, ADJECTIVES):
        if a.kind in n.kinds:
            yield (
                a.en,
                g.agree(a.hi, n.gender, False),
                n,
                g.agree(a.hi, n.gender, True),
                a.en in ("hungry", "tired", "happy"),
            )


def describing() -> Pairs:
    for en, one, n, many, _ in described():
        yield f"the {n.en} is very {en}", f"{n.hi} बहुत {one} है"
        yield f"this {n.en} is {en}", f"यह {n.hi} {one} है"
        yield f"these {n.en_plural} are {en}", f"ये {n.plural} {many} हैं"
        yield f"that {n.en} is not {en}", f"वह {n.hi} {one} नहीं है"
        yield f"is that {n.en} {en}?", f"क्या वह {n.hi} {one} है?"
        yield f"the {n.en_plural} were {en}", f"{n.plural} {many} {g.was(n.gender, True)}"


def owning() -> Pairs:
    for (en, hi), (adjective, one, n, many, state) in product(OWNERS, described()):
        if not state and n.kinds & {"thing", "animal", "place"} and n.en != "city":
            yield f"{en} {n.en} is {adjective}", f"{g.agree(hi, n.gender, False)} {n.hi} {one} है"
            if "thing" in n.kinds:
                yield (
                    f"{en} {n.en_plural} are {adjective}",
                    f"{g.agree(hi, n.gender, True)} {n.plural} {many} हैं",
                )


def whose() -> Pairs:
    for n in of_kind("thing", "animal"):
        yield f"whose {n.en} is this?", f"यह {g.agree('किसका', n.gender, False)} {n.hi} है?"
        yield f"whose {n.en_plural} are these?", f"ये {g.agree('किसका', n.gender, True)} {n.plural} हैं?"
        for en, hi in OWNERS:
            yield f"this is {en} {n.en}", f"यह {g.agree(hi, n.gender, False)} {n.hi} है"


def having() -> Pairs:
    near = {"मेरा": "मेरे पास", "हमारा": "हमारे पास", "आपका": "आपके पास", "उसका": "उसके पास", "उनका": "उनके पास"}
    for s, n in product(g.EVERYONE, of_kind("thing", "animal", "food")):
        at = near.get(s.genitive, s.genitive[:-1] + "े पास")
        have, do = ("has", "does") if s.en_third else ("have", "do")
        yield f"{s.en} {have} {a_(n.en)}", f"{at} एक {n.hi} है"
        yield f"{s.en} {do} not have {a_(n.en)}", f"{at} {n.hi} नहीं है"
        yield f"{do} {s.en} have {a_(n.en)}?", f"क्या {at} {n.hi} है?"


def having_many() -> Pairs:
    near = {"मेरा": "मेरे पास", "हमारा": "हमारे पास", "आपका": "आपके पास", "उसका": "उसके पास", "उनका": "उनके पास"}
    for s, n, (en, hi) in product(g.EVERYONE, of_kind("thing", "animal", "food"), NUMBERS):
        at = near.get(s.genitive, s.genitive[:-1] + "े पास")
        yield f"{s.en} {'has' if s.en_third else 'have'} {en} {n.en_plural}", f"{at} {hi} {n.plural} हैं"


def relatives() -> Pairs:
    kin = [
        ("brother", "brothers", "भाई", "भाई", "m"),
        ("sister", "sisters", "बहन", "बहनें", "f"),
        ("son", "sons", "बेटा", "बेटे", "m"),
        ("daughter", "daughters", "बेटी", "बेटियाँ", "f"),
    ]
    for s, (one, many, hi, plural, gender) in product([*g.PRONOUNS, *g.NAMED[4:7]], kin):
        have = "has" if s.en_third else "have"
        yield f"{s.en} {have} {a_(one)}", f"{g.agree(s.genitive, gender, False)} एक {hi} है"
        for en, number in NUMBERS[:3]:
            yield f"{s.en} {have} {en} {many}", f"{g.agree(s.genitive, gender, True)} {number} {plural} हैं"


def wanting() -> Pairs:
    wants = [(a_(n.en), f"एक {n.hi}") for n in of_kind("thing", "food")]
    wants += [
        ("water", "पानी"),
        ("tea", "चाय"),
        ("some milk", "थोड़ा दूध"),
        ("help", "मदद"),
        ("time", "समय"),
        ("more time", "और समय"),
        ("some rest", "थोड़ा आराम"),
        ("an answer", "जवाब"),
        ("a ticket", "टिकट"),
        ("fresh fruit", "ताज़ा फल"),
    ]
    for s, (en, hi) in product(g.EVERYONE, wants):
        want, do = ("wants", "does") if s.en_third else ("want", "do")
        yield f"{s.en} {want} {en}", f"{s.ko} {hi} चाहिए"
        yield f"{do} {s.en} want {en}?", f"क्या {s.ko} {hi} चाहिए?"
        yield f"{s.en} {do} not want {en}", f"{s.ko} {hi.removeprefix('एक ')} नहीं चाहिए"


def needing() -> Pairs:
    needs = [
        ("help", "मदद"),
        ("water", "पानी"),
        ("time", "समय"),
        ("rest", "आराम"),
        ("money", "पैसों"),
        ("medicine", "दवा"),
        ("a doctor", "डॉक्टर"),
        ("sleep", "नींद"),
    ] + [(a_(n.en), f"एक {n.oblique}") for n in of_kind("thing")]
    for s, (en, hi) in product(g.EVERYONE, needs):
        yield f"{s.en} {'needs' if s.en_third else 'need'} {en}", f"{s.ko} {hi} की ज़रूरत है"


def liking() -> Pairs:
    things = [
        ("tea", "चाय", 0),
        ("music", "संगीत", 0),
        ("this city", "यह शहर", 0),
        ("your house", "आपका घर", 0),
        ("sweets", "मिठाई", 0),
        ("old films", "पुरानी फ़िल्में", 1),
        ("this song", "यह गाना", 0),
        ("winter", "सर्दी", 0),
        ("rain", "बारिश", 0),
        ("hot milk", "गरम दूध", 0),
        ("this colour", "यह रंग", 0),
        ("stories", "कहानियाँ", 1),
        ("Indian food", "भारतीय खाना", 0),
    ]
    things += [(n.en_plural, n.plural, 1) for n in of_kind("food", "animal", "plant")]
    for s, (en, hi, many) in product(g.EVERYONE, things):
        if s is g.YOU and en == "your house":
            continue
        like, do, be = ("likes", "does", "हैं" if many else "है") if s.en_third else ("like", "do", "हैं" if many else "है")
        yield f"{s.en} {like} {en}", f"{s.ko} {hi} पसंद {be}"
        yield f"{s.en} {do} not like {en}", f"{s.ko} {hi} पसंद नहीं {be}"
        yield f"{do} {s.en} like {en}?", f"क्या {s.ko} {hi} पसंद {be}?"


def being_somewhere() -> Pairs:
    for n, (en, hi, kind), place in product(of_kind("thing", "food", "animal"), PLACES_AT, NOUNS):
        if kind == "building" and not n.kinds & {"animal", "parked"}:
            continue
        heavy = n.en in ("table", "car", "bicycle", "cow", "horse", "chair")
        if (
            kind in place.kinds
            and n is not place
            and not (heavy and (kind == "surface" or (hi == "में" and place.en != "garden")))
        ):
            yield f"the {n.en} is {en} the {place.en}", f"{n.hi} {place.oblique} {hi} है"
            yield f"there is {a_(n.en)} {en} the {place.en}", f"{place.oblique} {hi} एक {n.hi} है"
            yield f"is the {n.en} {en} the {place.en}?", f"क्या {n.hi} {place.oblique} {hi} है?"


def people_somewhere() -> Pairs:
    spots = [
        (f"{en} the {p.en}", f"{p.oblique} {hi}")
        for (en, hi, kind), p in product(PLACES_AT, NOUNS)
        if kind in ("place", "building") and kind in p.kinds
    ]
    spots += [
        ("at home", "घर पर"),
        ("in Delhi", "दिल्ली में"),
        ("in the village", "गाँव में"),
        ("at the station", "स्टेशन पर"),
        ("upstairs", "ऊपर"),
        ("outside", "बाहर"),
        ("here", "यहाँ"),
        ("in the office", "दफ़्तर में"),
    ]
    for s, (en, hi) in product(g.EVERYONE, spots):
        yield f"{s.en} {s.en_be} {en}", f"{s.hi} {hi} {g.is_(s)}"
        was = "was" if s.en_be in ("am", "is") else "were"
        yield f"{s.en} {was} {en} yesterday", f"{s.hi} कल {hi} {g.was(s.gender, s.plural)}"


def where() -> Pairs:
    for n in NOUNS:
        yield f"where is the {n.en}?", f"{n.hi} कहाँ है?"
        yield f"where are the {n.en_plural}?", f"{n.plural} कहाँ हैं?"
    for (en, hi), n in product(OWNERS, of_kind("thing")):
        yield f"where is {en} {n.en}?", f"{g.agree(hi, n.gender, False)} {n.hi} कहाँ है?"


def counting() -> Pairs:
    for n, place, (en, hi) in product(of_kind("thing", "animal", "person"), of_kind("place"), NUMBERS):
        if "animal" not in n.kinds or place.en in ("house", "garden"):
            if n.en in ("car", "bicycle") and place.en not in ("house", "garden"):
                continue
            yield f"there are {en} {n.en_plural} in the {place.en}", f"{place.oblique} में {hi} {n.plural} हैं"


def how_many() -> Pairs:
    for n in NOUNS:
        many = g.agree("कितना", n.gender, True)
        if n.kinds & {"thing", "animal", "food"}:
            yield f"how many {n.en_plural} do you have?", f"आपके पास {many} {n.plural} हैं?"
            yield f"how many {n.en_plural} does Ravi have?", f"रवि के पास {many} {n.plural} हैं?"
        yield f"how many {n.en_plural} are there?", f"{many} {n.plural} हैं?"
        if n.kinds & {"thing", "food"}:
            price = "कितने " + g.agree("का", n.gender, False)
            yield f"how much is this {n.en}?", f"यह {n.hi} {price} है?"
            yield f"this {n.en} is very cheap", f"यह {n.hi} बहुत {g.agree('सस्ता', n.gender, False)} है"


def comparing() -> Pairs:
    for n, a in product(NOUNS, ADJECTIVES):
        if a.comparative and a.kind in n.kinds:
            form = g.agree(a.hi, n.gender, False)
            yield f"this {n.en} is {a.comparative} than that {n.en}", f"यह {n.hi} उस {n.oblique} से {form} है"
            if n.kinds & {"thing", "place", "animal"}:
                mine, yours = g.agree("मेरा", n.gender, False), g.oblique("आपका", n.gender)
                than = f"{n.oblique} से {form} है"
                yield f"my {n.en} is {a.comparative} than your {n.en}", f"{mine} {n.hi} {yours} {than}"
                his, hers = g.agree("रवि का", n.gender, False), g.oblique("मीरा का", n.gender)
                yield f"Ravi's {n.en} is {a.comparative} than Meera's {n.en}", f"{his} {n.hi} {hers} {than}"


def superlative() -> Pairs:
    for n, a, place in product(NOUNS, ADJECTIVES, of_kind("region")):
        if (
            a.superlative
            and a.kind in n.kinds
            and n.kinds & {"place", "nature", "person", "plant", "animal"}
            and n is not place
            and n.en != "mountain"
        ):
            of = g.agree("का", n.gender, False)
            form = g.agree(a.hi, n.gender, False)
            yield (
                f"this is the {a.superlative} {n.en} in the {place.en}",
                f"यह {place.oblique} {of} सबसे {form} {n.hi} है",
            )


def patterns() -> dict[str, Pairs]:
    """Every pattern by name."""
    plain = [
        naming,
        describing,
        owning,
        whose,
        having,
        having_many,
        relatives,
        wanting,
        needing,
        liking,
        being_somewhere,
        people_somewhere,
        where,
        counting,
        how_many,
        comparing,
        superlative,
    ]
    return {pattern.__name__: pattern() for pattern in plain}
