"""Word candidates, ghost text and whole replies, from a mixture of the network and n-grams that learn."""

from tui_lm.completion.completer import Completer
from tui_lm.completion.suggestion import Candidate, Shown, Stage, Suggestion

__all__ = ["Candidate", "Completer", "Shown", "Stage", "Suggestion"]
