"""The inspector beside the text: made when it is first shown, and folded in a narrow window."""

from __future__ import annotations

from collections.abc import Callable

from textual.screen import Screen

from tui_lm.tui.widgets.inspector import Inspector

NARROW = 100  # columns below which the panel is folded


class InspectorPanel:
    """`screen` holds it in its #body; `make` makes the widget; `look` shows it what is written now.

    The setting "panel" says whether it is open, "folded", or "auto" by the width; a key overrules that until the width
    is crossed at which it folds itself.
    """

    def __init__(self, screen: Screen[None], make: Callable[[], Inspector], look: Callable[[], None]) -> None:
        self._screen, self._make, self._look = screen, make, look
        self._narrow: bool | None = None
        self._overruled: bool | None = None

    @property
    def inspector(self) -> Inspector | None:
        """The widget; None if it was never shown."""
        found = self._screen.query(Inspector)
        return found.first() if found else None

    @property
    def shown(self) -> Inspector | None:
        """The widget if it is open."""
        inspector = self.inspector
        return inspector if inspector is not None and inspector.display else None

    def is_open(self, setting: str) -> bool:
        if self._overruled is not None:
            return self._overruled
        return setting == "open" or (setting == "auto" and self._screen.size.width >= NARROW)

    def resized(self, width: int) -> None:
        """Crossing the width at which the panel folds itself forgets what the key said."""
        narrow = width < NARROW
        if self._narrow not in (None, narrow):
            self._overruled = None
        self._narrow = narrow

    def toggle(self, setting: str) -> None:
        self._overruled = not self.is_open(setting)
        self.fold(setting)

    def follow(self, setting: str) -> None:
        """The setting has changed: it counts again."""
        self._overruled = None
        self.fold(setting)

    def fold(self, setting: str) -> None:
        """Show or hide the panel. Before it is first shown it costs nothing."""
        inspector = self.inspector
        if inspector is not None:
            inspector.display = self.is_open(setting)
            self._look()
        elif self.is_open(setting) and self._screen.is_mounted and self._screen.query("#body"):
            self._screen.query_one("#body").mount(self._make())
            self._screen.call_after_refresh(self._look)
        self._screen.refresh_bindings()
