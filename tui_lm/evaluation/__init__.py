"""The quality of a model: bits per character and keystroke savings."""

from tui_lm.evaluation.bits import Price, price
from tui_lm.evaluation.keystrokes import Typist, limit
from tui_lm.evaluation.report import MOST_MESSAGES, evaluate, typing

__all__ = ["MOST_MESSAGES", "Price", "Typist", "evaluate", "limit", "price", "typing"]
