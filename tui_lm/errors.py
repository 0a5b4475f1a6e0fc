"""The exception for errors that a user can fix. Only the command line turns it into an exit code."""

from __future__ import annotations

DAMAGE = (LookupError, ValueError, TypeError, AttributeError, ArithmeticError, RecursionError)
"""The exceptions that a damaged file can cause: missing keys, values of the wrong type, numbers out of range."""


class TuiLmError(Exception):
    """An error that the user can fix: `message` says what is wrong, `hint` what to do.

    Neither may contain text of a chat, because errors end up in terminals, logs and bug reports. `about` names the
    setting that the hint is about, such as "tokenizer"; the command line adds the option that sets it.
    """

    def __init__(self, message: str, hint: str, exit_code: int = 1, *, about: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        self.exit_code = exit_code
        self.about = about
