"""A user's first quarter of an hour: from an empty data folder to a model of a chat, through the screens and back.

`training`, `first_day` and `next_day`, in this order, drive the real program and check its screens. Each yields the
name of a screen worth a picture while it is shown; the documentation uses these pictures.
"""

from __future__ import annotations

import itertools
import os
import random
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from tests.terminal.tmux import Tmux

ROOT = Path(__file__).parents[2]
PROGRAM = [sys.executable, "-m", "tui_lm"]
A_TRAINING = 280.0  # seconds: deadline for a training of a few seconds on a busy machine
SURE = 2.0  # seconds after which no more ghost text is expected
GHOST = re.compile(r"\x1b\[(?:\d+;)*3[;m]")  # italic
WAY = r" \d way[.!?,]? +\d+%"
SUBJECTS = {
    "my sister": "ma sœur",
    "the teacher": "le professeur",
    "our friend": "notre ami",
    "the doctor": "le médecin",
}
VERBS = {"buys": "achète", "sees": "voit", "draws": "dessine", "washes": "lave", "sells": "vend", "finds": "trouve"}
NOUNS = {"car": "voiture", "shirt": "chemise", "lamp": "lampe", "chair": "chaise", "bag": "valise", "flower": "fleur"}
COLOURS = {"red": "rouge", "green": "verte", "white": "blanche", "black": "noire", "yellow": "jaune", "grey": "grise"}
QUESTIONS = (
    "who is cooking tonight?",
    "can someone buy milk on the way home?",
    "and whose turn is it to take the bins out?",
)
SENTENCE = "our friend sells a green lamp"


def write_pairs(path: Path) -> None:
    """Sentence pairs that a small network learns in seconds; the last two words are swapped in translation."""
    words = itertools.product(SUBJECTS.items(), VERBS.items(), NOUNS.items(), COLOURS.items())
    pairs = [f"{s} {v} a {c} {n}\t{s_} {v_} une {n_} {c_}" for (s, s_), (v, v_), (n, n_), (c, c_) in words]
    random.Random(0).shuffle(pairs)
    path.write_text("\n".join(pairs) + "\n", "utf-8")


def environment(home: Path) -> dict[str, str]:
    return {"TUI_LM_HOME": str(home), "PYTHONPATH": str(ROOT)}


def train_translator(home: Path, pairs: Path, steps: int) -> None:
    """Train a translator called "french" by the command line."""
    write_pairs(pairs)
    train = [*PROGRAM, "train", str(pairs), "--name", "french", "--size", "tiny", "--steps", str(steps), "--json"]
    variables = {**os.environ, **environment(home)}
    subprocess.run(train, env=variables, stdout=subprocess.DEVNULL, timeout=A_TRAINING, check=True)


def go_to(terminal: Tmux, name: str) -> None:
    terminal.press("C-g")
    terminal.wait_for("─ Go to ─")
    terminal.type(name)
    terminal.press("Enter")
    terminal.wait_for_no("─ Go to ─")


def type_until(terminal: Tmux, letters: str, pattern: str) -> None:
    """Type letter by letter until the model suggests the rest; the number of letters depends on its training."""
    for letter in letters:
        terminal.type(letter)
        with suppress(AssertionError):
            terminal.wait_for(pattern, patience=SURE)
            return
    terminal.wait_for(pattern)


def training(terminal: Tmux, chat: Path, minutes: float, patience: float = A_TRAINING) -> Iterator[str]:
    """From Welcome to a model called "chat". The export `chat` is in the folder in which the program was started."""
    terminal.wait_for("Your own language model", "Learn from", r"F12 Demo", chat.name)
    yield "welcome"

    terminal.type(chat.name[:3])
    terminal.wait_for(rf"│ {chat.name}")  # the rest of the name is grey
    terminal.press("Tab")
    terminal.wait_for(r"whatsapp", r"9,350 messages", r"You are .*nobody")
    terminal.press("F4")
    terminal.wait_for(r"─ You are ─")
    terminal.press("Down", "Enter")
    terminal.wait_for(r"You are .*Callum")
    terminal.click("Minutes")
    terminal.type(f"{minutes:g}")
    terminal.press("Enter")
    terminal.wait_for(rf"Minutes .* {minutes:.2f}\b")
    yield "source"

    terminal.press("C-r")
    terminal.wait_for(r"training chat \d+%", r"loss \d", r"tokens/s", r"best \d\.\d+ bits/char", patience=patience)
    terminal.wait_for(r"│ +\d+ +(Callum|Bea|Priya|Marta|Joel|it writes):", patience=patience)
    terminal.wait_for(r"│ *done ", patience=patience)
    yield "train"


def on_my_way(terminal: Tmux) -> None:
    """Type “on my way” in one burst and key by key, and look at the screen at every key; leaves an empty draft.

    In a burst nothing is read, so the word that is meant is offered. Typed slowly it is offered before its first
    letter, and left out after it, because it was read and more was typed. The grey text never contradicts the first
    word.
    """
    terminal.type("on my w")
    terminal.wait_for(r"│ on my w", WAY)
    terminal.press("C-u")
    terminal.wait_for_no(r"│ on my")
    typed = ""
    for letter in "on my way":
        terminal.type(letter)
        typed += letter
        terminal.wait_for(rf"│ {re.escape(typed.rstrip())}")
        terminal.wait_until_still(moment=0.8)  # longer than it takes to read a word
        screen = terminal.screen
        if typed == "on my ":
            assert re.search(WAY, screen), screen
        if typed == "on my w":
            assert not re.search(WAY, screen), screen
        assert_grey_text_agrees(screen, typed)
    terminal.press("C-u")
    terminal.wait_for_no(r"│ on my")


def assert_grey_text_agrees(screen: str, typed: str) -> None:
    """The word that the grey text after `typed` continues to is the first of the words, unless there are none."""
    (line,) = re.findall(rf"│ ({re.escape(typed.rstrip())}.*?) *│", screen)[-1:]
    grey, first = line[len(typed) :], re.search(r"^ *1 (.+?) +\d+%", screen, re.MULTILINE)
    if grey.strip() and not grey[0].isspace() and first:
        assert (typed.rpartition(" ")[2] + grey).startswith(first[1]), screen


def first_day(terminal: Tmux) -> Iterator[str]:
    """Use that model as Callum, then the translator "french"; quits the program at the end."""
    go_to(terminal, "Chat")
    terminal.wait_for("● ready", "Write as Callum", "anyone answers", r"Next token .* bits")
    terminal.wait_for("a sample, written by the model", r"▌ (Bea|Priya|Marta|Joel) +│.*\n.*▌ \S")
    terminal.press("F3")
    terminal.type("bea")
    terminal.press("Enter")
    terminal.wait_for("Bea answers")
    on_my_way(terminal)
    terminal.type("see you t")
    terminal.wait_for(r" 1 \S+ +\d+% +2 \S+ +\d+% ")
    type_until(terminal, "omorr", r"│ see you tomorrow")
    assert GHOST.search(terminal.painted), "ghost text is italic"
    yield "ghost"
    terminal.press("Tab")
    terminal.wait_for(r"│ see you tomorrow ")
    terminal.wait_for(r"\d+ keys for \d+: \d+% saved")

    terminal.type(" th")
    before = terminal.wait_for(r"Next token +\d", r"Temperature .* 0\.80$")
    terminal.press("F7", "F7", "F7")
    terminal.wait_for(r"Temperature .* 0\.50$")
    terminal.wait_for_change(r"Next token +(\S+) bits", before)
    terminal.type("en")
    terminal.press("Enter")
    terminal.wait_for(
        r"▌ Callum +│.*\n.*▌ see you tomorrow then +│(.*\n)*.*▌ Bea +│.*\n.*▌ \S", "● ready", r"\^R Again", "Up Edit"
    )
    assert "\N{REPLACEMENT CHARACTER}" not in terminal.screen
    terminal.type("shall we ")
    terminal.wait_for(r"│ shall we")
    yield "chat"

    terminal.press("C-t")
    terminal.wait_for(r"forget gate", r"512 units|units of the only layer")
    yield "gates"

    go_to(terminal, "Translate")
    terminal.wait_for("● ready +french")
    terminal.type(SENTENCE)
    terminal.wait_for(SENTENCE, r"(notre|ma|le) \S+")
    yield "translate"
    terminal.press("C-q")
    assert terminal.wait_for_exit() == 0


def conversation(terminal: Tmux) -> Iterator[str]:
    """Talk to a base that was fine-tuned on the bundled chat, as Priya."""
    terminal.wait_for("● ready", "Write as Priya", "a sample, written by the model")
    terminal.press("C-n")
    terminal.wait_for("Write below")
    for question in QUESTIONS:
        said = rf"▌ {re.escape(question)} +│(?s:.*)"
        answered = r"▌ (Bea|Callum|Marta|Joel) +│.*\n.*▌ \S"
        terminal.type(question)
        terminal.press("Enter")
        if "nobody answers" in terminal.wait_for(rf"{said}({answered}|nobody answers)", "● ready"):
            terminal.press("C-r")
        terminal.wait_for(said + answered, "● ready")
        terminal.wait_until_still()
    terminal.type("I will be home")
    terminal.wait_for(r"│ I will be home", r"│ ␣\w+ +█")  # the bars of the next word
    terminal.wait_until_still()
    yield "chat"
    terminal.press("C-q")
    assert terminal.wait_for_exit() == 0


def next_day(terminal: Tmux) -> Iterator[str]:
    """Start again after `first_day`: the program opens the last screen and restores the drafts."""
    terminal.wait_for("● ready +french", SENTENCE)
    go_to(terminal, "Chat")
    terminal.wait_for(
        "● ready +chat", r"│ shall we", r"Temperature .* 0\.50$", "─ Callum ─", "Bea answers", "forget gate"
    )
    yield "again"


def act(terminal: Tmux, words: str) -> None:
    """Find an action by its name in the palette, and do it."""
    terminal.press("C-p")
    terminal.wait_for("─ What to do ─")
    terminal.type(words)
    terminal.press("Enter")
    terminal.wait_for_no("─ What to do ─")


def settled(terminal: Tmux) -> None:
    """Private mode, editing, several chats, their search and their file: nothing is lost and nothing lies."""
    terminal.wait_for("● ready +chat")
    act(terminal, "private mode")
    terminal.wait_for(r"private *$")
    act(terminal, "private mode")
    terminal.wait_for_no(r"private *$")
    terminal.press("C-a", "C-k")
    terminal.type("where shall we meet")
    terminal.press("Enter")
    terminal.wait_for(r"▌ where shall we meet", r"▌ Bea +│.*\n.*▌ \S", "● ready", "Up Edit")
    terminal.press("Up")
    terminal.wait_for(r"│ where shall we meet +│", "editing your last message")
    terminal.press("Escape")
    terminal.wait_for(r"▌ where shall we meet", "Bea answers")
    terminal.press("C-n")
    terminal.wait_for("A new chat begins")
    terminal.wait_for_no(r"▌ where shall we meet")
    terminal.type("another")
    terminal.press("Enter")
    terminal.wait_for(r"▌ another +│", "● ready", "Up Edit")
    terminal.press("C-o")
    terminal.wait_for("─ Chats ─")
    terminal.type("meet")
    terminal.press("Enter")
    terminal.wait_for(r"▌ where shall we meet")
    terminal.press("C-s")
    terminal.wait_for("Write the chat where", r"where-shall-we-meet\.md")
    terminal.press("Enter")
    terminal.wait_for("The chat was written to")


def second_look(terminal: Tmux, newer: Path) -> None:
    """Lists that filter, models side by side, training on with a newer export, and a model that is removed."""
    terminal.press("C-g")
    terminal.wait_for("─ Go to ─")
    terminal.press("C-g")
    terminal.wait_for(r"^  \w Callum ─")
    terminal.press("a")
    terminal.wait_for("─ Callum ─")
    terminal.press("C-l")
    terminal.wait_for("─ Model ─")
    terminal.type("zzz")
    terminal.wait_for("zzz: nothing")
    terminal.press("Escape")
    terminal.wait_for_no("zzz: nothing")
    go_to(terminal, "Models")
    terminal.wait_for(r"name +network +bits/char", r"chat +LSTM +\d\.\d\d", "Enter Use")
    terminal.press("t")
    terminal.wait_for("chat will be trained on it|Goes on from")
    terminal.press("C-a", "C-k")
    terminal.type(str(newer))
    terminal.wait_for("Goes on from .*chat", "messages")
    terminal.click("Minutes")
    terminal.type("0.1")
    terminal.press("Enter")
    terminal.wait_for(r"Minutes .* 0\.10")
    terminal.press("C-r")
    terminal.wait_for(r"training \S+ \d+%", "Esc stops it", patience=A_TRAINING)
    terminal.press("Escape")
    terminal.wait_for("Stop the training")
    terminal.press("Enter")
    terminal.wait_for(r"│ *done ", patience=A_TRAINING)
    go_to(terminal, "Models")
    terminal.wait_for("newer +LSTM")
    terminal.press("Home", "Space", "Down", "Down", "Space", "c")
    terminal.wait_for("Compare on one text", r"\d\.\d{3}")
    terminal.press("C-r")
    terminal.wait_for(r"─ chat ─", r"─ newer ─", patience=A_TRAINING)
    terminal.wait_for(r"│ (Bea|Priya|Marta|Joel|Callum): \S+ .*│ (Bea|Priya|Marta|Joel|Callum): \S+")
    terminal.press("Escape")
    terminal.wait_for_no("Compare on one text")
    go_to(terminal, "Chat")
    terminal.wait_for("● ready +chat")
    terminal.type("see you tom")
    terminal.wait_for(r" 1 \S+ +\d+%")
    go_to(terminal, "Models")
    terminal.press("Home", "d")
    terminal.wait_for("Remove chat")
    terminal.press("Down", "Enter")
    terminal.wait_for_no(r"chat +LSTM")
    go_to(terminal, "Chat")
    terminal.wait_for_no(r" 1 \S+ +\d+%")
    assert "while the model loads" not in terminal.screen
    terminal.press("C-q")
    assert terminal.wait_for_exit() == 0
