"""Phrases that Meta's exports insert in the language of the account: placeholders, reactions, notices.

Photos or a link beside the text decide most cases, and a name at the start of the text marks a notice; these phrases
decide the rest.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

# "You sent a photo." in the account's own rows; those of other people start with their name.
_YOU_SENT = re.compile(
    r"(?:You sent|Du hast|Sie haben|Du sendte|Du skickade|Lähetit|Vous avez envoyé|Tu as envoyé|Has enviado|Enviaste"
    r"|Hai inviato|Você enviou|Je hebt|U hebt|Jij hebt|Wysłano|Wysłałeś|Wysłałaś|Вы отправили|Odeslali jste|Ați trimis"
    r"|Ai trimis|Στείλατε|Bạn đã gửi|Anda mengirim|Kamu mengirim|あなたが|已发送|你傳送了|您傳送了|أرسلت)\b[^\n]{0,80}"
    r"|[^\n]{0,60}(?:gönderdin|gönderdiniz|küldtél|を送信しました|을 보냈습니다|를 보냈습니다)\.?"
)
# A reaction names its emoji and ends with a space.
_REACTED = re.compile(
    r"(?:Reacted \S+ to your message|Hat mit \S+ auf deine Nachricht reagiert|A réagi avec \S+ à votre message"
    r"|A réagi \S+ à votre message|Reaccionó con \S+ a tu mensaje|Ha reaccionado con \S+ a tu mensaje"
    r"|Ha reagito con \S+ al tuo messaggio|Reagiu com \S+ à sua mensagem|Reagiu com \S+ à tua mensagem"
    r"|Heeft met \S+ gereageerd op je bericht|Heeft \S+ gereageerd op je bericht|Mesajına \S+ ifadesini bıraktı"
    r"|Отреагировал\S* \S+ на ваше сообщение|Zareagował\S* \S+ na twoją wiadomość) ?",
    re.IGNORECASE,
)
_SHAPE_OF_REACTION = re.compile(r"(?=[^\n]{3,70}$)(?:[\w']+ )+[^\w\s.,;:!?'\"()-]+(?: [\w']+){2,} ")
_LIKED = frozenset(
    (
        "Liked a message",
        "Gefällt eine Nachricht",
        "Hat eine Nachricht mit „Gefällt mir“ markiert",
        "A aimé un message",
        "Le gustó un mensaje",
        "Le ha gustado un mensaje",
        "Ha messo Mi piace a un messaggio",
        "Curtiu uma mensagem",
        "Gostou de uma mensagem",
        "Vindt een bericht leuk",
        "Bir mesajı beğendi",
        "Polubił(a) wiadomość",
        "Нравится сообщение",
    )
)
_ATTACHED = re.compile(r"(?:.+|You) sent (?:an attachment|a photo|a video|a voice message|a sticker|a GIF)\.?")
_YOU_DID = re.compile(
    r"You (?:named|set|changed|created|added|removed|missed|joined|left|called|started|ended|pinned|unsent|are now)\b"
    r"|(?:Du hast|Vous avez|Has|Hai|Você|Je hebt|Вы)\b[^\n]{0,80}\b(?:Gruppe|Spitznamen|Emoji|Anruf|Umfrage|groupe"
    r"|pseudo|surnom|appel|grupo|apodo|llamada|gruppo|soprannome|chiamata|apelido|chamada|groep|bijnaam|oproep|групп\w*|прозвище)\b"
)


_STARTS = ("You ", "Du hast", "Vous avez", "Has", "Hai", "Você", "Je hebt", "Вы")  # of _YOU_DID


def is_reaction(text: str) -> bool:
    if text in _LIKED:
        return True
    if text.isascii():
        return False  # a reaction has its emoji
    return _REACTED.fullmatch(text) is not None or _SHAPE_OF_REACTION.fullmatch(text) is not None


def is_own_notice(text: str) -> bool:
    """Whether a row of the account itself is a notice about the group."""
    return text.startswith(_STARTS) and _YOU_DID.match(text) is not None


@dataclass(frozen=True, slots=True)
class Placeholders:
    """The phrases of a file beside photos, links and other media, learned from the file itself."""

    repeated: frozenset[str]  # whole texts
    last_words: frozenset[str]  # of texts after a name: "gesendet." in "Rosa hat ein Foto gesendet."

    @classmethod
    def of(cls, beside_media: Iterable[tuple[str, str]]) -> Placeholders:
        """Learns from the author and text of each row with media."""
        counts: Counter[str] = Counter()
        last_words = set()
        for author, text in beside_media:
            counts[text] += 1
            if text.startswith(f"{author} "):
                last_words.add(text.rsplit(" ", 1)[-1])
        return cls(
            frozenset(text for text, count in counts.items() if count > 1 and text.endswith(".")), frozenset(last_words)
        )

    def hold(self, author: str, text: str) -> bool:
        """Whether Meta wrote the text of a row with media."""
        by_name = text.startswith(f"{author} ") or text in self.repeated
        ends_alike = text.rsplit(" ", 1)[-1] in self.last_words and text.endswith((".", "。"))
        return by_name or ends_alike or _ATTACHED.fullmatch(text) is not None or _YOU_SENT.fullmatch(text) is not None


def is_attachment(text: str) -> bool:
    """Whether a text says in English that something was sent."""
    return " sent a" in text and _ATTACHED.fullmatch(text) is not None
