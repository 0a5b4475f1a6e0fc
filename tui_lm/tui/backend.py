"""What the app is given to think with: an engine and a completer on the same model."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tui_lm.completion import Completer
    from tui_lm.engine import Engine


@dataclass(frozen=True, slots=True)
class Backend:
    engine: Engine
    completer: Completer
