"""Names of columns that hold sentences: a language, its code, or a side of a pair."""

from __future__ import annotations

_SIDES = (
    *("source", "target", "src", "tgt", "trg", "original", "translation", "translated", "sentence", "text"),
    *("input", "output", "id"),
)
_LANGUAGES = (
    *("english", "german", "deutsch", "french", "français", "spanish", "español", "italian", "italiano", "portuguese"),
    *("português", "dutch", "nederlands", "russian", "русский", "polish", "polski", "turkish", "türkçe", "japanese"),
    *("日本語", "chinese", "中文", "korean", "한국어", "hindi", "हिन्दी", "arabic", "العربية", "persian", "hebrew"),
    *("greek", "czech", "slovak", "hungarian", "romanian", "bulgarian", "croatian", "serbian", "ukrainian", "swedish"),
    *("norwegian", "danish", "finnish", "estonian", "latvian", "lithuanian", "vietnamese", "thai", "indonesian"),
    *("malay", "swahili", "bengali", "tamil", "telugu", "urdu", "catalan", "basque", "welsh", "irish", "esperanto"),
    *("latin", "icelandic", "yoruba", "igbo", "hausa", "zulu", "amharic", "somali", "tagalog"),
)
_CODES = (
    *("af", "am", "ar", "az", "be", "bg", "bn", "bs", "ca", "cs", "cy", "da", "de", "el", "en", "eo", "es", "et"),
    *("eu", "fa", "fi", "fil", "fr", "ga", "gl", "gu", "he", "hi", "hr", "hu", "hy", "id", "is", "it", "ja", "jv"),
    *("ka", "kk", "km", "kn", "ko", "ku", "ky", "la", "lb", "lo", "lt", "lv", "mg", "mi", "mk", "ml", "mn", "mr"),
    *("ms", "mt", "my", "nb", "ne", "nl", "nn", "no", "ny", "or", "pa", "pl", "ps", "pt", "ro", "ru", "rw", "sd"),
    *("si", "sk", "sl", "sm", "sn", "so", "sq", "sr", "st", "su", "sv", "sw", "ta", "te", "tg", "th", "ti", "tk"),
    *("tl", "tr", "tt", "ug", "uk", "ur", "uz", "vi", "wo", "xh", "yi", "yo", "zh", "zu", "ara", "ben", "bul"),
    *("cat", "ces", "chi", "cmn", "dan", "deu", "dut", "ell", "eng", "est", "eus", "fas", "fin", "fra", "fre"),
    *("ger", "heb", "hin", "hrv", "hun", "ind", "isl", "ita", "jpn", "kor", "lat", "lav", "lit", "mar", "nld"),
    *("nor", "pes", "pol", "por", "ron", "rus", "slk", "slv", "spa", "srp", "swe", "swa", "tam", "tel", "tha"),
    *("tgl", "tur", "ukr", "urd", "vie", "yor", "zho", "zul"),
)
_NAMES = frozenset((*_SIDES, *_LANGUAGES))


def names_sentences(name: str) -> bool:
    """Whether a lower-case name may be one of such a column: "english", "de", "pt-br", "eng_latn", "source"."""
    return name in _NAMES or name.replace("_", "-").partition("-")[0] in _CODES
