"""The Hindi forms that the patterns need: agreement, tenses, cases. Genders are "m" and "f"."""

from __future__ import annotations

from dataclasses import dataclass

VOWEL_SIGNS = "ािीुूेैोौ"


@dataclass(frozen=True)
class Subject:
    """The subject of a sentence in both languages. `person` is 1, 2 (तुम) or 3; `plural` sets the agreement."""

    en: str
    hi: str
    ne: str
    ko: str
    person: int
    plural: bool
    gender: str
    en_be: str
    genitive: str  # the masculine singular form, in -ा
    en_possessive: str
    en_object: str

    @property
    def en_third(self) -> bool:
        return self.en_be == "is"


def _named(en: str, hi: str, oblique: str, gender: str, honoured: bool = False) -> Subject:
    pronoun = "her" if gender == "f" else "his"
    return Subject(
        en,
        hi,
        f"{oblique} ने",
        f"{oblique} को",
        3,
        honoured,
        gender,
        "is",
        f"{oblique} का",
        pronoun,
        "her" if gender == "f" else "him",
    )


I = Subject("I", "मैं", "मैंने", "मुझे", 1, False, "m", "am", "मेरा", "my", "me")  # noqa: E741
WE = Subject("we", "हम", "हमने", "हमें", 1, True, "m", "are", "हमारा", "our", "us")
YOU = Subject("you", "आप", "आपने", "आपको", 3, True, "m", "are", "आपका", "your", "you")
FRIEND_YOU = Subject("you", "तुम", "तुमने", "तुम्हें", 2, True, "m", "are", "तुम्हारा", "your", "you")
HE = Subject("he", "वह", "उसने", "उसे", 3, False, "m", "is", "उसका", "his", "him")
SHE = Subject("she", "वह", "उसने", "उसे", 3, False, "f", "is", "उसका", "her", "her")
THEY = Subject("they", "वे", "उन्होंने", "उन्हें", 3, True, "m", "are", "उनका", "their", "them")
PRONOUNS = [I, WE, YOU, HE, SHE, THEY]

MOTHER = _named("my mother", "मेरी माँ", "मेरी माँ", "f", honoured=True)
FATHER = _named("my father", "मेरे पिताजी", "मेरे पिताजी", "m", honoured=True)
NAMED = [
    MOTHER,
    FATHER,
    _named("my sister", "मेरी बहन", "मेरी बहन", "f"),
    _named("my brother", "मेरा भाई", "मेरे भाई", "m"),
    _named("my friend", "मेरा दोस्त", "मेरे दोस्त", "m"),
    _named("Ravi", "रवि", "रवि", "m"),
    _named("Meera", "मीरा", "मीरा", "f"),
    _named("the boy", "लड़का", "लड़के", "m"),
    _named("the girl", "लड़की", "लड़की", "f"),
    Subject("the children", "बच्चे", "बच्चों ने", "बच्चों को", 3, True, "m", "are", "बच्चों का", "their", "them"),
    Subject("the girls", "लड़कियाँ", "लड़कियों ने", "लड़कियों को", 3, True, "f", "are", "लड़कियों का", "their", "them"),
]
EVERYONE = PRONOUNS + NAMED


def agree(form: str, gender: str, plural: bool) -> str:
    """An adjective or genitive ending in -ा for a noun; others do not change."""
    if form.endswith(" हुआ"):
        return agree(form[:-4], gender, plural) + " " + ("हुई" if gender == "f" else "हुए" if plural else "हुआ")
    if not form.endswith("ा"):
        return form
    return form[:-1] + ("ी" if gender == "f" else "े" if plural else "ा")


def oblique(form: str, gender: str) -> str:
    """The oblique form, before a noun with a postposition."""
    return agree(form, gender, plural=gender == "m")


def is_(subject: Subject) -> str:
    """हूँ, है, हो or हैं."""
    if subject.person == 1 and not subject.plural:
        return "हूँ"
    if subject.person == 2:
        return "हो"
    return "हैं" if subject.plural else "है"


def was(gender: str, plural: bool) -> str:
    """था, थे, थी or थीं."""
    return {("m", False): "था", ("m", True): "थे", ("f", False): "थी", ("f", True): "थीं"}[gender, plural]


def habitual(stem: str, subject: Subject) -> str:
    """खाता, खाते, खाती."""
    return stem + agree("ता", subject.gender, subject.plural)


def without_is(participle: str, subject: Subject) -> str:
    """The habitual form without हैं, where a feminine plural takes the nasal: नहीं खातीं."""
    return participle + "ं" if subject.gender == "f" and subject.plural else participle


def progressive(stem: str, subject: Subject) -> str:
    """खा रहा."""
    return f"{stem} " + agree("रहा", subject.gender, subject.plural)


def perfective(masculine: str, gender: str, plural: bool, alone: bool = True) -> str:
    """किया, किए, की, कीं. The feminine plural loses its nasal before है (`alone` is false)."""
    nasal = "ं" if plural and alone else ""
    for ending, plural_form, feminine in [("िया", "िए", "ी"), ("गया", "गए", "गई"), ("या", "ए", "ई")]:
        if masculine.endswith(ending):
            base = masculine[: -len(ending)]
            if gender == "f":
                return base + feminine + nasal
            return base + plural_form if plural else masculine
    base = masculine[:-1]
    if gender == "f":
        return base + "ी" + nasal
    return base + "े" if plural else masculine


def future(stem: str, subject: Subject) -> str:
    """खाऊँगा, पिएगी, करेंगे, दोगे."""
    ending = agree("गा", subject.gender, subject.plural)
    if subject.person == 1 and not subject.plural:
        kind = "ू"
    elif subject.person == 2:
        kind = "ो"
    else:
        kind = "ें" if subject.plural else "े"
    return subjunctive(stem, kind) + ending


def subjunctive(stem: str, kind: str) -> str:
    """The stem with the vowel of a person, written as a letter after another vowel."""
    letters = {"ू": "ऊँ", "ो": "ओ", "ें": "एँ", "े": "ए"}
    if stem.endswith("ी"):
        return stem[:-1] + "ि" + letters[kind]
    if stem[-1] in VOWEL_SIGNS:
        return stem + letters[kind]
    return stem + ("ूँ" if kind == "ू" else kind)


def infinitive(stem: str, gender: str, plural: bool) -> str:
    """खाना, in agreement with its object if the pattern needs it."""
    return stem + agree("ना", gender, plural)


def please(stem: str) -> str:
    """The polite imperative: कीजिए, देखिए, जाइए."""
    for plain, polite in [("कर", "कीजिए"), ("पी", "पीजिए"), ("दे", "दीजिए"), ("ले", "लीजिए")]:
        if stem == plain or stem.endswith(" " + plain):
            return stem[: -len(plain)] + polite
    return stem + ("इए" if stem[-1] in VOWEL_SIGNS else "िए")


def familiar(stem: str) -> str:
    """The imperative for तुम: करो, जाओ, पियो."""
    for plain, form in [("पी", "पियो"), ("दे", "दो"), ("ले", "लो")]:
        if stem == plain:
            return form
    return stem + ("ओ" if stem[-1] in VOWEL_SIGNS else "ो")
