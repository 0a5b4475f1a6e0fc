"""`tui-lm inspect --find`: where else in a chat these units fired."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from tui_lm.errors import TuiLmError

if TYPE_CHECKING:
    from tui_lm.inspection.concordance import Concordance
    from tui_lm.inspection.cursor import Cursor
    from tui_lm.inspection.frame import Frame
    from tui_lm.inspection.recording import Recording
    from tui_lm.utterances import Utterance


def find(folder: Path, source: Path, recording: Recording, cursor: Cursor, most: int) -> Frame:
    """Where in `source` the unit of the cursor fired, or the units that matter most at its step fired together.

    Raises TuiLmError for a translator.
    """
    from tui_lm.corpus import read_corpus
    from tui_lm.inspection import concordance, notation, units
    from tui_lm.split import PARTS

    if recording.source:
        raise TuiLmError("--find does not work with a translator", "give a language model with -m", exit_code=2)
    corpus = read_corpus([source])
    utterances = [utterance for part in PARTS for utterance in corpus.utterances[part]]
    resolved = cursor.on(recording)
    name = cursor.name or "hidden_state"
    index = concordance.load(folder, layer=resolved.layer, name=name, source=corpus.fingerprint, most=most)
    if index is None:
        index = _build(folder, utterances, resolved.layer, name, corpus.fingerprint, most)
        concordance.save(index, folder)
    what = f"{notation.title(name, cursor.notation, recording.cell)} of layer {resolved.layer}"
    if cursor.unit is not None:
        hits = concordance.of_unit(index, cursor.unit, cursor.top)
        return concordance.found(recording, index, hits, utterances, f"Unit {cursor.unit}, {what}", "value")
    chosen = units.telling(recording, resolved, cursor.top)
    values = recording.at(resolved.time, resolved.layer, name)[chosen]
    hits = concordance.of_pattern(index, chosen.tolist(), values, cursor.top)
    said = f"The {len(chosen)} units that matter most at step {resolved.time}, {what}, active together"
    return concordance.found(recording, index, hits, utterances, said, "active units")


def forget(folder: Path) -> bool:
    from tui_lm.inspection import concordance

    return concordance.forget(folder)


def _build(folder: Path, utterances: list[Utterance], layer: int, name: str, source: str, most: int) -> Concordance:
    """Build the index, with a progress bar if stderr is a terminal."""
    from rich.console import Console
    from rich.progress import Progress

    from tui_lm.engine import Engine
    from tui_lm.inspection import concordance

    console = Console(stderr=True)
    with Progress(console=console, disable=not console.is_terminal, transient=True) as bar:
        task = bar.add_task("reading", total=None)

        def progress(done: int, total: int) -> bool:
            bar.update(task, completed=done, total=total)
            return True

        return concordance.build(
            Engine.open(folder), utterances, layer=layer, name=name, source=source, most=most, progress=progress
        )
