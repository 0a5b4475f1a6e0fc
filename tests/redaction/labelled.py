"""Messages labelled with their private strings: two files written by hand, and randomly composed messages."""

from __future__ import annotations

import random
import re
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from tui_lm.redaction import PrivateKind
from tui_lm.redaction.redactor import Redactor

HARD = Path(__file__).with_name("hard.txt")
HELD_OUT = Path(__file__).with_name("held_out.txt")
_LABEL = re.compile(r"\[\[(\w+):(.*?)\]\](?!\])", re.DOTALL)


def _table(text: str) -> dict[str, list[str]]:
    """Parses lines of the form "name: one | other"; an indented line continues the line before."""
    joined = re.sub(r"\n {8,}", " ", text)
    rows = (line.strip().partition(":") for line in joined.splitlines() if line.strip())
    return {name: [item.strip().replace("\\n", "\n") for item in items.split(" | ")] for name, _, items in rows}


# Phone numbers by country, in the forms that people write there. # is any digit, N a digit from 2 to 9.
NUMBERS = _table(
    """
    GB: 07### ###### | 07######### | 07### ### ### | 020 7### #### | 0161 496 #### | +44 7### ######
        | 0044 7#########
    US: (N##) N##-#### | N##-N##-#### | N##.N##.#### | N##N###### | +1 N##-N##-#### | 1-N##-N##-####
    DE: 017# ####### | 0151######## | 030 ######## | 0176/######## | +49 17# ####### |
        +4915######### | 0221-#######
    AT: 0664 ####### | +43 664 ####### | 0650/#######
    CH: 079 ### ## ## | +41 79 ### ## ## | 044 ### ## ##
    FR: 06 ## ## ## ## | 06######## | 07.##.##.##.## | +33 6 ## ## ## ## | 01-##-##-##-##
    ES: 6## ### ### | 6######## | +34 6## ### ### | 91 ### ## ## | 7## ## ## ##
    IT: 34# ####### | 33# ### #### | +39 34# ####### | 32######## | 06 #### ####
    PT: 91# ### ### | +351 96# ### ### | 93#######
    BR: (11) 9####-#### | 21 9####-#### | +55 31 9####-#### | (41) 3###-#### | 119########
    MX: 55 #### #### | +52 55 #### #### | (33) #### ####
    AR: 011 15-####-#### | +54 9 11 ####-#### | 11 4###-####
    NL: 06-######## | 06 #### #### | +31 6 ######## | 020-#######
    BE: 047# ## ## ## | +32 47# ## ## ## | 0475/##.##.##
    PL: 50# ### ### | 6## ### ### | +48 5## ### ### | 60#######
    SE: 070-### ## ## | 073####### | +46 70 ### ## ##
    NO: 9## ## ### | +47 9## ## ### | 4## ## ###
    DK: 2# ## ## ## | +45 ## ## ## ## | 5# ## ## ##
    FI: 040 ####### | 050 ### #### | +358 40 #######
    RU: 8 (9##) ###-##-## | +7 9## ###-##-## | 89######### | 8-9##-###-##-##
    UA: 067 ### ## ## | +380 67 ### ## ## | 050#######
    TR: 0532 ### ## ## | +90 532 ### ## ## | 0 5## ### ## ##
    IN: 9#### ##### | 8######### | +91 9#### ##### | +91-7######### | 080-########
    PK: 0300-####### | +92 300 ####### | 0321 #######
    BD: 017######## | +880 17######## | 01812-######
    CN: 138######## | 139 #### #### | +86 13# #### #### | 010-########
    JP: 090-####-#### | 080######## | +81 90-####-#### | 03-####-####
    KR: 010-####-#### | 010######## | +82 10-####-####
    ID: 0812-####-#### | +62 812-####-#### | 08##########
    PH: 0917 ### #### | +63 917 ### #### | 0917#######
    SG: 9### #### | +65 8### ####
    AU: 04## ### ### | (02) 9### #### | +61 4## ### ###
    ZA: 082 ### #### | +27 82 ### ####
    NG: 0803 ### #### | +234 803 ### #### | 080########
    KE: 07## ### ### | +254 7## ######
    EG: 010######## | +20 10 #### #### | 0122 ### ####
    SA: 05######## | +966 5# ### #### | 050 ### ####
    IL: 05#-###-#### | +972 5#-###-####
    """
)
# Sentences around a private string, in the languages of the countries above.
FRAMES = _table(
    """
    phone: {} | call me on {} | my new number is {} | {} is mine | text {} when you are there | Tel:
        {} | meine Nummer ist {} | ruf mal {} an | mon numéro c'est {} | tu peux appeler le {} stp |
        mi número es {} | llámame al {} porfa | chiamami al {} | il mio numero: {} | me liga no {} |
        bel {} even | mój numer to {} | zadzwoń na {} | мой номер {} | звони {} | numaram {} | mera
        number {} hai | मेरा नंबर {} है | 我的电话是{} | 電話番号は{}です | 제 번호는 {} | رقمي {} | mit nummer er
        {} | ok so for the flat: {} (ask for Jo) | {} 👈 save it | hey! {}. see you | it was {},
        right? | old: {}\\nwill send the new one
    email: {} | mail me at {} | {}? | schick es an {} bitte | mon adresse: {} | mi correo es {} |
        邮箱{} | write ({}) please | Cc: {}, thanks
    url: {} | look at {} lol | {} 😂 | hier: {}. | c'est là {} ! | 看这个 {} | ({}) | from {}, scroll
        down
    iban: {} | my iban is {} | IBAN: {} danke | voilà le rib {} | mi cuenta {} | send it to {} pls
    card: {} | card number {} | use mine: {} exp 11/27 | Karte {} | ma carte {} cvv 123
    key: {} | token: {} | export TOKEN={} | dein key ist {} | `{}` works for me
    code: your code is {} | {} is your verification code | Dein Code: {} | votre code est {} | tu
        código es {} | il codice è {} | o código é {} | twój kod: {} | код {} | kodun {} | 验证码：{} |
        OTP {} valid for 5 minutes | pin {} | door code {} | 認証コード {} | 인증번호 {} | your login code {}
        expires soon | use {} as your security code
    """
)
# Texts without private strings. # is any digit.
OTHER = _table(
    """
    other: see you at 1#:## | on 1#.0#.202# | by 202#-1#-0# at the latest | 1#/0#/202# 1#:## |
        £##.99 | €1.###,## | $#,### | it cost ### euros | won #-# #-# #-# | 3-# after extra time |
        version 1#.#.# | v2.#.1# | order ###-#######-####### | order no 2######## | Bestellung
        4######### | tracking ############ | ticket #12#### | invoice 202#0#1#### | pages ##-## |
        ##% battery | 1#00-1#00 people | temperature ##.# | room ### | bus ## at 1#:## | size ## |
        ###km to go | 1# ### ### views | between ### and ### | ip 10.0.#.1## | epoch 17######## |
        52.#####, 13.##### | ISBN 978-3-16-148410-0 | flight LH #### | platform ## in ## min | 20##
        was better than 201# | ##### steps today | chapter ##, verse ## | the ### error again |
        error code 1### | zip code ##### | postcode 1#### | #### lines of code | in ##-## days | lol
        | ok see you there | who's at home? | na klar, bis gleich | on se voit ce soir ? | vale, nos
        vemos | ok.thanks | haha yes!!! | 好的 | hmm...maybe | i.e. later | see you @ the pub | and/or
        both | 3.5 stars | node.js is fine | 4k at 144hz | ##x## pixels | got ### xp for that
    """
)["other"]
IBAN_COUNTRIES = {
    "DE": 18,
    "AT": 16,
    "NL": 14,
    "BE": 12,
    "ES": 20,
    "FR": 23,
    "IT": 23,
    "PL": 24,
    "SE": 20,
    "CH": 17,
    "PT": 21,
}
CARD_PREFIXES = ("4", "51", "55", "2221", "6011", "34")
KEY_FORMS = (
    "sk-" + "a" * 48,
    "ghp_" + "a" * 36,
    "AKIA" + "A" * 16,
    "xoxb-" + "a" * 30,
    "glpat-" + "a" * 20,
    "hf_" + "a" * 34,
    "AIza" + "a" * 35,
)
NAMES = ("ann", "bob.k", "zoe_m", "li.wei", "j-p", "info", "x99")
HOSTS = ("example.com", "mail.example.org", "example.co.uk", "beispiel.example.de", "exemple.fr", "ejemplo.es")
PATHS = ("", "/", "/a/b", "/watch?v=dQw4w9WgXcQ", "/2024/03/12/story", "/#top", "/q?a=1&b=%20c")


@dataclass(frozen=True)
class Labelled:
    """A message and its private spans: kind, first character, end (exclusive)."""

    text: str
    spans: tuple[tuple[PrivateKind, int, int], ...]


def parse(line: str) -> Labelled:
    """Parses a labelled line such as "call [[phone:123]]"."""
    line = line.replace("\\n", "\n")
    text, spans, done = "", [], 0
    for match in _LABEL.finditer(line):
        text += line[done : match.start()]
        spans.append((PrivateKind(match[1]), len(text), len(text) + len(match[2])))
        text += match[2]
        done = match.end()
    return Labelled(text + line[done:], tuple(spans))


def read(path: Path) -> list[Labelled]:
    """The messages of a file, one a line. Lines that begin with "# " are headings."""
    lines = path.read_text("utf-8").splitlines()
    return [parse(line) for line in lines if line and not line.startswith("# ")]


def composed(count: int, seed: int = 0) -> list[Labelled]:
    """`count` random messages from the tables above. Every second one holds a private string."""
    rng = random.Random(seed)
    return [_private(rng) if index % 2 else Labelled(_filled(rng, rng.choice(OTHER)), ()) for index in range(count)]


def measure(messages: list[Labelled]) -> dict[PrivateKind, dict[str, float]]:
    """Count, precision and recall for each kind. A labelled span is found if a span of its kind covers it."""
    there, found, right, made = Counter(), Counter(), Counter(), Counter()
    redactor = Redactor()
    for message in messages:
        spans = redactor.find(message.text)
        for kind, start, end in message.spans:
            there[kind] += 1
            found[kind] += any(s.kind == kind and s.start <= start and end <= s.end for s in spans)
        for span in spans:
            made[span.kind] += 1
            right[span.kind] += any(k == span.kind and span.start < e and s < span.end for k, s, e in message.spans)
    return {
        kind: {
            "count": there[kind],
            "precision": right[kind] / max(1, made[kind]),
            "recall": found[kind] / max(1, there[kind]),
        }
        for kind in PrivateKind
        if there[kind]
    }


def _private(rng: random.Random) -> Labelled:
    kind = rng.choices(("phone", "email", "url", "iban", "card", "key", "code"), (8, 2, 2, 1, 1, 1, 3))[0]
    value = {
        "phone": _phone, "email": _email, "url": _url, "iban": _iban, "card": _card, "key": _key, "code": _code,
    }[kind](rng)  # fmt: skip
    frame = rng.choice(FRAMES[kind])
    start = frame.index("{}")
    return Labelled(frame.replace("{}", value), ((PrivateKind(kind), start, start + len(value)),))


def _filled(rng: random.Random, form: str) -> str:
    drawn = {"#": "0123456789", "N": "23456789"}
    return "".join(rng.choice(drawn[c]) if c in drawn else c for c in form)


def _phone(rng: random.Random) -> str:
    return _filled(rng, rng.choice(NUMBERS[rng.choice(list(NUMBERS))]))


def _email(rng: random.Random) -> str:
    return f"{rng.choice(NAMES)}@{rng.choice(HOSTS)}"


def _url(rng: random.Random) -> str:
    start = rng.choice(("https://", "http://", "https://www.", "www."))
    return start + rng.choice(HOSTS) + rng.choice(PATHS)


def _iban(rng: random.Random) -> str:
    country = rng.choice(list(IBAN_COUNTRIES))
    account = "".join(rng.choice("0123456789") for _ in range(IBAN_COUNTRIES[country]))
    number = int("".join(str(int(c, 36)) for c in account + country + "00"))
    iban = f"{country}{98 - number % 97:02d}{account}"
    return " ".join(iban[i : i + 4] for i in range(0, len(iban), 4)) if rng.random() < 0.6 else iban


def _card(rng: random.Random) -> str:
    start = rng.choice(CARD_PREFIXES)
    length = 15 if start == "34" else 16
    digits = start + "".join(rng.choice("0123456789") for _ in range(length - len(start) - 1))
    total = sum(sum(divmod(int(d) * (2 - i % 2), 10)) for i, d in enumerate(reversed(digits)))
    digits += str(-total % 10)
    gap = rng.choice(("", " ", "-"))
    return gap.join(digits[i : i + 4] for i in range(0, len(digits), 4))


def _key(rng: random.Random) -> str:
    form = rng.choice(KEY_FORMS)
    body = form.rstrip("aA") if form[0] != "A" else form[:4]
    rest = form[len(body) :]
    letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
    return body + "".join(rng.choice(letters if c == "A" else letters + letters.lower()) for c in rest)


def _code(rng: random.Random) -> str:
    return _filled(rng, rng.choice(("######", "####", "######", "### ###", "###-###", "########")))
