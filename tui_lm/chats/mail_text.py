"""What somebody wrote in a mail: its text without quotes, forwarded mails and signature."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import nullcontext
from email.message import Message as Mail
from io import BytesIO

from tui_lm.chats.document import Document
from tui_lm.chats.html_rows import rows

_NOT_OWN = (
    *("blockquote", "gmail_quote", "gmail_signature", "moz-cite-prefix", "moz-signature", "yahoo_quoted"),
    *("moz-forward-container", "protonmail_quote", "protonmail_signature_block", "style", "script", "head", "title"),
)
# "-----Original Message-----", "---------- Forwarded message ---------", in any language
_DIVIDER = re.compile(
    r"-{5,40} ?[^-\n]{3,60}? ?-{5,40}|Begin forwarded message:|Anfang der weitergeleiteten Nachricht:"
    r"|Début du message (?:réexpédié|transféré) ?:|Inicio del mensaje reenviado:|Inizio messaggio inoltrato:"
    r"|Begin doorgestuurd bericht:|Início da mensagem encaminhada:|Начало переадресованного сообщения:"
)
_FIELD = re.compile(r"\*?[^\W\d][^:\n]{0,25}:\*?[ \t]+\S")  # of the mail below a line of Outlook
_EVIDENCE = re.compile(r"\S@\S|\d{1,2}[:.h]\d\d|\b(?:19|20)\d\d\b")  # an address, a time or a year
_ATTRIBUTION = re.compile(
    r"(?:On|Am|Le|El|Il|Em|Op|Den|Dnia|W dniu) [^\n]{8,300}(?:wrote|schrieb[^\n]{0,100}|a écrit|escribió|ha scritto"
    r"|escreveu|schreef[^\n]{0,100}|skrev[^\n]{0,100}|napisał(?:\(a\)|a)?):|[^\n]{8,300}(?:пишет|написал|yazdı|写道|寫道)[:：]"
    r"|[^\n]{8,300}(?:のメール|님이 작성):"
)
_BY_THE_APP = re.compile(
    r"(?:Sent (?:from my|from|via) |Get Outlook for |Von meine[mr] |Gesendet (?:von|mit) |Diese Nachricht wurde von "
    r"|Envoyé (?:de|depuis|à partir de) |Enviado (?:desde|do|de) |Inviato da|Verstuurd vanaf|Verzonden vanaf"
    r"|Отправлено с |Wysłan[eo] z |Sendt fra |Skickat från |Lähetetty |Odesláno z |发自我的|從我的)[^\n]{1,60}"
    r"|[^\n]{1,20}から送信|[^\n]{1,20}에서 보냄"
)
_SIGNED = re.compile(r"\s*-----BEGIN PGP SIGNED MESSAGE-----\n(?:\w+: [^\n]*\n)*\n")
_GAP = re.compile(r"\n{3,}")  # where a quote stood
_DASHES = ("--", "-- ")
_LONGEST_ATTRIBUTION = 3  # lines


def own_words(mail: Mail) -> str:
    """The text of a mail that its sender wrote."""
    plain, markup = [], ""
    for part in _text_parts(mail):
        if part.get_content_subtype() == "html":
            markup = markup or _decoded(part)
        else:
            plain.append(_unfolded(_decoded(part), part))
    text = "\n".join(plain)
    return without_quotes(text if text.strip() else _text_of_html(markup))


def _text_parts(mail: Mail) -> Iterator[Mail]:
    """The parts that a reader shows. Attached mails and files are none."""
    if mail.get_content_disposition() == "attachment" or mail.get_filename():
        return
    if mail.get_content_maintype() == "multipart":
        for part in mail.get_payload() if mail.is_multipart() else ():
            if isinstance(part, Mail):
                yield from _text_parts(part)
    elif mail.get_content_type() in ("text/plain", "text/html"):
        yield mail


def _decoded(part: Mail) -> str:
    payload = part.get_payload(decode=True)
    data = payload if isinstance(payload, bytes) else b""
    charset = part.get_content_charset("utf-8")
    try:
        text = data.decode(charset, "replace")
    except (LookupError, ValueError):  # an unknown charset, or one that is no text encoding
        text = data.decode("utf-8", "replace")
    return text.replace("\r\n", "\n").replace("\r", "\n").replace("\ufeff", "")


def _unfolded(text: str, part: Mail) -> str:
    """Joins the lines that format=flowed (RFC 3676) has broken."""
    if str(part.get_param("format", "")).lower() != "flowed":
        return text
    keep = 1 if str(part.get_param("delsp", "")).lower() == "yes" else 0
    lines: list[str] = []
    open_line = False
    for line in text.split("\n"):
        if open_line and not line.startswith(">"):
            lines[-1] = (lines[-1][:-1] if keep else lines[-1]) + line
        else:
            lines.append(line)
        open_line = lines[-1].endswith(" ") and lines[-1] not in _DASHES and not lines[-1].startswith(">")
    return "\n".join(lines)


def _text_of_html(markup: str) -> str:
    if not markup.strip():
        return ""
    data = markup.encode("utf-8", "replace")
    page = Document("mail", len(data), lambda: nullcontext(BytesIO(data)), encoding="utf-8")
    bodies = rows(page, lambda tag, _: tag == "body")
    return "\n".join(body.text(without=_NOT_OWN) for body in bodies)


def without_quotes(text: str) -> str:
    """A text up to its signature or a quoted mail below, without the lines that begin with ">"."""
    lines = _SIGNED.sub("", text, count=1).split("\n")
    kept: list[str] = []
    for number, line in enumerate(lines):
        if line.startswith(">"):
            if kept and not (number and lines[number - 1].startswith(">")):
                _drop_attribution(kept)
        elif _ends(lines, number):
            break
        else:
            kept.append(line.rstrip())
    while kept and (not kept[-1].strip() or _BY_THE_APP.fullmatch(kept[-1].strip())):
        kept.pop()
    return _GAP.sub("\n\n", "\n".join(kept)).strip("\n")


def _ends(lines: list[str], number: int) -> bool:
    """Whether what a mail's sender wrote ends before a line."""
    line = lines[number].strip()
    if lines[number] in _DASHES or _DIVIDER.fullmatch(line):
        return True
    start = number + 1 if set(line) == {"_"} and len(line) > 10 else number
    fields = lines[start : start + 3]
    if len(fields) == 3 and all(map(_FIELD.match, fields)) and any(map(_EVIDENCE.search, fields)):
        return True
    if start > number and len(fields) == 3 and sum(map(bool, map(_FIELD.match, fields))) > 1:
        return True
    for count in range(1, _LONGEST_ATTRIBUTION + 1):
        joined = " ".join(each.strip() for each in lines[number : number + count])
        if len(joined) < 500 and _ATTRIBUTION.fullmatch(joined):
            below = next((each for each in lines[number + count :] if each.strip()), ">")
            return not below.startswith(">")
    return False


def _drop_attribution(kept: list[str]) -> None:
    """Removes "On Monday Rosa wrote:" above a quote: a short paragraph or a line with a time, and a final colon."""
    end = len(kept)
    while end and not kept[end - 1].strip():
        end -= 1
    start = end
    while start and kept[start - 1].strip() and end - start <= _LONGEST_ATTRIBUTION:
        start -= 1
    is_line = end - start > _LONGEST_ATTRIBUTION  # the last one of a longer paragraph
    paragraph = " ".join(kept[end - 1 if is_line else start : end])
    if paragraph.rstrip().endswith((":", "：")) and (not is_line or _EVIDENCE.search(paragraph)):
        start = end - 1 if is_line else start
        del kept[start:]
