"""Word candidates, ghost text and whole replies: the network, the n-grams that learn, their mixture."""

from tui_lm.completion.completer import Completer
from tui_lm.completion.suggestion import Candidate, Suggestion

__all__ = ["Candidate", "Completer", "Suggestion"]
