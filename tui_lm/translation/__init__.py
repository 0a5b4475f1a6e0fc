"""Translation: beam search, word alignment, copying of unknown words, lines of any length."""

from tui_lm.translation.answer import Translation
from tui_lm.translation.beam import BeamOptions, Hypothesis, search
from tui_lm.translation.translator import Translator

__all__ = ["BeamOptions", "Hypothesis", "Translation", "Translator", "search"]
