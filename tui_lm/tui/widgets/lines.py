"""A list of lines to choose from."""

from __future__ import annotations

from contextlib import suppress

from textual.widgets import OptionList

from tui_lm.tui.widgets.calm import Calm


class Lines(Calm, OptionList):
    """An option list on which a page key before the first layout does not fail, as it does in Textual."""

    def action_page_up(self) -> None:
        with suppress(KeyError):
            super().action_page_up()  # type: ignore[no-untyped-call]

    def action_page_down(self) -> None:
        with suppress(KeyError):
            super().action_page_down()  # type: ignore[no-untyped-call]
