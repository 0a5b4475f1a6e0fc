"""The settings as they change: every screen hears of a change, and it is saved."""

from __future__ import annotations

from collections.abc import Callable, Set
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from tui_lm.errors import TuiLmError
from tui_lm.tui.host import Host, News
from tui_lm.tui.terminal.notices import Notices

if TYPE_CHECKING:
    from tui_lm.settings import Settings


@dataclass(frozen=True)
class SettingsChanged(News):
    """The settings `names` have other values now."""

    names: Set[str]


class Preferences:
    """`save` writes the settings; it may raise OSError or TuiLmError. `private_by_order` is the option --private."""

    def __init__(
        self,
        host: Host,
        notices: Notices,
        settings: Settings,
        save: Callable[[Settings], None],
        *,
        private_by_order: bool = False,
    ) -> None:
        self.settings = settings
        self.private_by_order = private_by_order
        self._host, self._notices, self._save = host, notices, save

    @property
    def private(self) -> bool:
        """Whether nothing is learned from what is typed and nothing of it is kept."""
        return self.private_by_order or self.settings.private

    def change(self, **values: Any) -> None:
        before, self.settings = self.settings, replace(self.settings, **values)
        if self.settings == before:
            return
        self._host.tell(SettingsChanged(frozenset(values)))
        try:
            self._save(self.settings)
        except (OSError, TuiLmError) as error:
            self._notices.say_once(f"The settings could not be saved: {getattr(error, 'strerror', None) or error}")

    def switch(self, name: str) -> None:
        """Turn a setting on or off, and say which it is."""
        from tui_lm.settings import ABOUT

        self.change(**{name: not getattr(self.settings, name)})
        self._host.notify(f"{ABOUT[name].title}: {'on' if getattr(self.settings, name) else 'off'}", markup=False)
