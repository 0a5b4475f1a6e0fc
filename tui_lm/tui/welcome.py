"""The first thing one sees without a model: what this is, and how to get one."""

from __future__ import annotations

import asyncio
import signal
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, ClassVar

from textual import work
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.screen import Screen
from textual.widgets import Footer, ProgressBar, Static

from tui_lm import events
from tui_lm.tui import keys
from tui_lm.tui.plain import visible, visible_line

if TYPE_CHECKING:
    from tui_lm.tui.app import TuiLmApp
    from tui_lm.tui.backend import Backend

DEMO = [sys.executable, "-m", "tui_lm", "demo", "--no-app", "--json"]
_TEXT = Content.assemble(
    ("tui-lm", "bold $text-primary"),
    "\n\nYour own language model, trained on your own chats, on your own machine,\n"
    "in your terminal, and you can see inside it.\n\n"
    "There is no model yet. Two ways to one:\n\n",
    ("  Enter", "bold"),
    "   trains on the chat that comes along, in about a minute.\n          The same from a shell: ",
    ("tui-lm demo", "$text-accent"),
    "\n\n",
    ("  A chat of yours", "bold"),
    ": export it without media, leave with Ctrl+Q, then\n          ",
    ("tui-lm train chat.txt", "$text-accent"),
    "\n\nNothing leaves this machine.",
)


def describe(event: events.Event) -> str | None:
    """One line about a training event, or None where it is none for the eyes."""
    match event:
        case events.RunStarted(description=description, device=device):
            return f"{description} on {device}"
        case events.Evaluated(step=step, bits_per_char=bits) if bits is not None:
            return f"step {step}: {bits:.2f} bits a character"
        case events.Sampled(author=author, text=text):
            return f"{visible_line(author or 'it')} writes: {visible_line(text)}"
        case events.RunFinished(seconds=seconds):
            return f"done in {seconds:.0f} s"
    return None


class WelcomeScreen(Screen[None]):
    CSS_PATH = "welcome.tcss"
    BINDINGS: ClassVar[list[BindingType]] = keys.WELCOME
    app: TuiLmApp

    def __init__(self, load_new: Callable[[], Backend] | None) -> None:
        super().__init__()
        self._load_new = load_new
        self._child: asyncio.subprocess.Process | None = None
        self._lines: list[str] = []
        self._trained = False

    def compose(self) -> ComposeResult:
        with VerticalScroll(id="page"):
            yield Static(_TEXT, id="text")
            with Vertical(id="training"):
                yield Static("Training on the chat that comes along. Esc stops it.", markup=False)
                yield ProgressBar(1.0, show_eta=False)
                yield Static(id="log")
        yield Footer(show_command_palette=False)

    def on_mount(self) -> None:
        self._show_training(False)

    def on_unmount(self) -> None:
        if self._child is not None and self._child.returncode is None:
            self._child.terminate()

    def action_demo(self) -> None:
        if self._child is None:
            self._train()

    def action_stop(self) -> None:
        """Stop the training; it keeps the best model so far, as after Ctrl+C."""
        if self._child is not None and self._child.returncode is None:
            self._child.send_signal(signal.SIGINT)

    @work(exclusive=True, exit_on_error=False)
    async def _train(self) -> None:
        """Run the demo as a child process and show what it tells."""
        self._lines.clear()
        self._trained = False
        self._say("starting")
        self._show_training(True)
        pipe = asyncio.subprocess.PIPE
        try:
            self._child = await asyncio.create_subprocess_exec(
                *DEMO, stdin=asyncio.subprocess.DEVNULL, stdout=pipe, stderr=pipe, limit=1 << 20
            )
        except OSError as error:
            self._show_training(False)
            self.notify(f"The demo did not start: {error.strerror}", severity="error", markup=False)
            return
        assert self._child.stdout is not None and self._child.stderr is not None
        errors = asyncio.create_task(self._child.stderr.read())
        async for line in self._child.stdout:
            self._show(line.decode("utf-8", "replace"))
        await self._child.wait()
        told = (await errors).decode("utf-8", "replace").strip()
        self._child = None
        if not self._trained:
            self._show_training(False)
            self.notify(visible(told[-500:]), title="The demo did not finish", severity="error", markup=False)
        elif self._load_new is None:
            self._say("The model is ready. Leave with Ctrl+Q and start tui-lm again.")
        else:
            from tui_lm.tui.chat import ChatScreen

            self.app.push_screen(ChatScreen(self._load_new, None))

    def _show(self, line: str) -> None:
        try:
            event = events.from_json(line)
        except ValueError:
            return
        self._trained |= isinstance(event, events.CheckpointSaved | events.RunFinished)
        if isinstance(event, events.StepDone):
            self.query_one(ProgressBar).update(total=event.steps, progress=event.step)
        elif (text := describe(event)) is not None:
            self._say(text)

    def _show_training(self, shown: bool) -> None:
        self.query_one("#training").display = shown
        self.query_one("#text").display = not shown

    def _say(self, line: str) -> None:
        self._lines.append(visible(line))
        self.query_one("#log", Static).update(Content("\n".join(self._lines[-10:])))
