"""The kind of a WhatsApp row: written words, or something that WhatsApp inserted."""

from __future__ import annotations

import re
from functools import cache

from tui_lm.chats.message import Kind
from tui_lm.chats.whatsapp_sample import Sample
from tui_lm.chats.whatsapp_strings import MARK, strings, without_marks

# Names of media files, the same in every language.
_ANDROID_FILE = r"(?:IMG|VID|AUD|PTT|STK|DOC)-\d{8}-WA\d+\.\w+"
_IOS_FILE = r"(?:PHOTO|VIDEO|AUDIO|GIF|STICKER|DOCUMENT)-[\d-]+\.\w+"
_FILE = f"(?:{_ANDROID_FILE}|{_IOS_FILE})"
_NUMBERED_FILE = r"\d{8}-[^<>\n]+\.\w{1,8}"  # iOS numbers the files of an export
_EDITED_SOMEHOW = re.compile(rf" ?{MARK}<[^<>:.\n]+\.?>$")
# A caption and its file, recognised in any language by the mark or by the number before the name.
_WITH_CAPTION = re.compile(
    rf"{MARK}<[^<>\n:]{{1,25}}: ?[^<>\n]+\.\w{{1,8}} ?>\Z|<[^<>\n:]{{1,25}}: ?{_NUMBERED_FILE} ?>\Z"
)
# Stems of "edited", for languages whose phrase is not in the list.
_EDITED_STEMS = (
    *("edit", "bewerk", "bearbeit", "modifi", "redig", "redaguo", "rediģ", "düzenlen", "измен", "отредакт", "редаг"),
    *("змінен", "muokat", "muudet", "zmienion", "uprav", "szerkeszt", "chỉnh sửa", "sunting", "編集", "编辑", "編輯"),
    *("편집", "수정", "تعديل", "ویرایش", "एडिट", "संपाद", "επεξεργ", "τροποποι", "נערכה", "แก้ไข"),
)
_EDITED_BY_STEM = re.compile(
    rf" {MARK}?<(?=[^<>\n]{{0,40}}(?:{'|'.join(_EDITED_STEMS)}))[^<>\n=/]{{4,50}}>$", re.IGNORECASE
)
# Words in angle brackets and nothing else.
_PLACEHOLDER = re.compile(
    r"<(?![a-z])[^\W\d_]{2,20}(?: [^\W\d_]{1,20}){1,5}>|<[^\x00-\x7f]{4,30}>"
)  # words in angle brackets, and nothing else; some languages have no spaces
_ANY_ATTACHMENT = re.compile(r"[^\n]{1,200}\.\w{2,5} \(([^()\n]{4,40})\)(?:\n|$)")
_LAST_BRACKETS = re.compile(rf" ?{MARK}?(<[^<>\n]{{4,60}}>)$")
_NOTHING = Sample()
_LOCATION = re.compile(r"(?:[^\n:]{1,30}: )?https://maps\.google\.com/\?q=[-\d.,]+")
_POLL = re.compile(r"[^\n]{2,20}:\n(?:.*\n)+[^\n:]{2,20}: .*")


@cache
def _whole_bodies() -> dict[str, Kind]:
    """Placeholders, case-folded for `kind_of`."""
    kinds = {"media": Kind.MEDIA, "deleted": Kind.DELETED, "contact": Kind.CONTACT, "call": Kind.CALL}
    kinds["location"] = Kind.LOCATION
    return {_fold(text): kind for name, kind in kinds.items() for text in strings(name)}


@cache
def exact_bodies() -> frozenset[str]:
    """Placeholders in their usual spelling, for a cheap test before `kind_of`."""
    names = ("media", "deleted", "contact", "call", "location")
    return frozenset(text + end for name in names for text in strings(name) for end in ("", "."))


@cache
def _edited() -> re.Pattern[str]:
    return re.compile(f" ?{MARK}?(?:{'|'.join(map(re.escape, strings('edited_suffix')))})$")


@cache
def _attachment() -> re.Pattern[str]:
    words = "|".join(map(re.escape, strings("attached")))
    name = r"[^<>\n]*\.\w{2,5}"
    forms = (
        rf"[\d-]*{_FILE}(?:$|\s)",
        rf"[^\n]*\.\w{{2,5}} \((?:{words})\)(?:$|\n)",  # Android; a caption may follow
        rf"<[^<>:\n]{{1,20}}: {name} ?>(?:$|\n)",
        rf"<{name} \w+>$",
        rf"{name} <attached>$",
    )
    return re.compile("|".join(forms))


def _fold(text: str) -> str:
    return text.casefold().strip().removesuffix(".")


def kind_of(text: str, sample: Sample = _NOTHING) -> tuple[Kind, str]:
    """The kind of a body, and its text without WhatsApp's additions.

    A placeholder must be the whole body, because people quote them. Kind.SYSTEM means that the row is a notice.
    `sample` holds the phrases of the file's language that were learned from the file.
    """
    edited = _edited().search(text) or _EDITED_SOMEHOW.search(text) or _edited_in_any_language(text, sample)
    if edited is None or edited.start() == 0:
        return _unedited(text, sample)
    kind, kept = _unedited(text[: edited.start()], sample)
    return (Kind.EDITED if kind is Kind.TEXT else kind), kept


def _edited_in_any_language(text: str, sample: Sample) -> re.Match[str] | None:
    if not text.endswith(">"):
        return None
    if by_stem := _EDITED_BY_STEM.search(text):
        return by_stem
    found = _LAST_BRACKETS.search(text)
    return found if found is not None and found[1] in sample.edited else None


def _unedited(text: str, sample: Sample) -> tuple[Kind, str]:
    unmarked = without_marks(text)
    if (kind_found := _whole_bodies().get(_fold(unmarked))) is not None:
        return kind_found, unmarked
    if unmarked in sample.placeholders or _PLACEHOLDER.fullmatch(unmarked):
        return Kind.MEDIA, unmarked
    marked = text.startswith(MARK)
    is_file = _attachment().match(unmarked) or _WITH_CAPTION.search(text) or _attached_as_learned(unmarked, sample)
    if is_file or (MARK in text and _is_file_placeholder(unmarked)):
        return (Kind.CONTACT if ".vcf" in unmarked else Kind.MEDIA), unmarked
    if _LOCATION.fullmatch(unmarked) or (marked and _LOCATION.match(unmarked)):
        return Kind.LOCATION, unmarked
    if unmarked.startswith("POLL:\n") or (marked and _POLL.fullmatch(unmarked)):
        return Kind.POLL, unmarked
    if marked and unmarked.startswith(strings("call_prefix")):
        return Kind.CALL, unmarked
    if marked and unmarked.startswith(strings("notice_prefix")):
        return Kind.SYSTEM, unmarked
    return Kind.TEXT, text


def _attached_as_learned(text: str, sample: Sample) -> bool:
    if not sample.attached:
        return False
    found = _ANY_ATTACHMENT.match(text)
    return found is not None and found[1] in sample.attached


def _is_file_placeholder(text: str) -> bool:
    """ "report.pdf • 3 pages document omitted", and a caption before "<attached: photo.jpg>"."""
    return _fold(text).endswith(_omissions()) or bool(re.search(rf"<[^<>\n]*{_FILE}[^<>\n]*>$", text))


@cache
def _omissions() -> tuple[str, ...]:
    return tuple(" " + _fold(text) for text in strings("media") if not text.startswith("<"))


_STRONG = 25  # minimum length of a sentence that nobody writes by chance


@cache
def long_notices() -> tuple[str, ...]:
    return tuple(text for text in strings("notice_prefix") if len(text) >= _STRONG)


@cache
def _deeds() -> re.Pattern[str]:
    return re.compile("|".join(map(re.escape, strings("notice_deeds"))))


def is_unmarked_notice(author: str, text: str) -> bool:
    """Whether a row of an iPhone export without invisible marks is a notice: its text names its own author."""
    if text.startswith(long_notices()):
        return True
    return text.startswith(f"{author} ") and _deeds().match(text, len(author) + 1) is not None
