"""Word boundaries, for scripts with and without spaces between words."""

# A letter, digit or _ of a script with spaces. In Thai, kana, Han and Hangul, a number may follow a letter directly.
LETTER = r"[^\W\u0e00-\u0eff\u3005-\u30ff\u3400-\u9fff\uac00-\ud7af\uf900-\ufaff]"
START = rf"(?<!{LETTER})"
END = rf"(?!{LETTER})"
