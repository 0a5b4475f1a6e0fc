"""Draw the pictures of the app that stand beside this file.

    python docs/pictures/draw.py MODEL_FOLDER

They are drawn by the app itself, without a terminal, with a model that is really asked; so they change with both.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable
from pathlib import Path

from tui_lm.settings import Settings
from tui_lm.tui.app import TuiLmApp
from tui_lm.tui.backend import Backend
from tui_lm.tui.chat import ChatScreen
from tui_lm.tui.next_token import NextTokenBars
from tui_lm.tui.transcript import Turn

HERE = Path(__file__).parent
SENT, DRAFT = "hey, are you coming tomorrow?", "see you at the al"
PICTURES = {"chat-120x36": ((120, 36), "textual-dark"), "chat-80x24": ((80, 24), "textual-light")}


async def draw(name: str, size: tuple[int, int], theme: str, load: Callable[[], Backend]) -> None:
    app = TuiLmApp(load, model_name=None, settings=Settings(theme=theme, temperature=0.6))

    async with app.run_test(size=size) as pilot:

        async def until(seen: Callable[[], bool]) -> None:
            while not seen():
                await pilot.pause(0.05)

        async def type(text: str) -> None:
            for key in text:
                await pilot.press({" ": "space", ",": "comma", "?": "question_mark"}.get(key, key))

        screen = app.screen
        assert isinstance(screen, ChatScreen)
        await until(lambda: screen.query_one(NextTokenBars).next_token is not None)
        await type(SENT)
        await pilot.press("enter")
        await until(lambda: len(screen.query(Turn)) == 2 and screen.state == "ready")
        await type(DRAFT)
        await pilot.pause(1.0)
        (HERE / f"{name}.svg").write_text(app.export_screenshot(title="tui-lm"), "utf-8")


def main() -> None:
    if len(sys.argv) != 2:
        sys.exit(__doc__)

    def load() -> Backend:
        from tui_lm.completion import Completer
        from tui_lm.engine import Engine

        engine = Engine.open(Path(sys.argv[1]))
        return Backend(engine, Completer.open(Path(sys.argv[1]), engine, private=True))

    for name, (size, theme) in PICTURES.items():
        asyncio.run(draw(name, size, theme, load))


if __name__ == "__main__":
    main()
