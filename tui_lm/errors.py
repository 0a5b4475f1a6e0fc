"""The one exception for what a user can mend. The command line alone turns it into an exit code."""

from __future__ import annotations

DAMAGE = (LookupError, ValueError, TypeError, AttributeError, ArithmeticError, RecursionError)
"""What making sense of a damaged file may raise: absent keys, values of another kind, numbers that fit nowhere."""


class TuiLmError(Exception):
    """Something the user can mend: `message` says what is wrong, `hint` what to do about it.

    Neither may hold text of a chat: errors end up in terminals, logs and bug reports. `about` is the setting that the
    hint speaks of, such as "tokenizer"; the command line knows by which option it is set.
    """

    def __init__(self, message: str, hint: str, exit_code: int = 1, *, about: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        self.exit_code = exit_code
        self.about = about
