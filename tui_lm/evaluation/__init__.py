"""The quality of a model: bits per character and keystroke savings."""

from tui_lm.evaluation.bits import Price, price
from tui_lm.evaluation.keystrokes import Typist, limit
from tui_lm.evaluation.report import evaluate, typing

__all__ = ["Price", "Typist", "evaluate", "limit", "price", "typing"]
