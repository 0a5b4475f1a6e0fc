"""Where something may begin or end inside a text, also in scripts that put no spaces between words."""

# A letter, digit or _ of a script with spaces; in Thai, kana, Han and Hangul numbers are glued to what is before them.
LETTER = r"[^\W\u0e00-\u0eff\u3005-\u30ff\u3400-\u9fff\uac00-\ud7af\uf900-\ufaff]"
START = rf"(?<!{LETTER})"
END = rf"(?!{LETTER})"
