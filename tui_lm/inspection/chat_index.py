"""The index of a chat for a recording's network: loaded if it is there, else built and kept in the model's folder."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from dataclasses import dataclass

from tui_lm.errors import TuiLmError
from tui_lm.inspection import concordance, notation
from tui_lm.inspection.concordance import Concordance
from tui_lm.inspection.cursor import ResolvedCursor
from tui_lm.inspection.recording import Recording
from tui_lm.inspection.view import Progress
from tui_lm.utterances import Utterance

DEFAULT = "hidden_state"  # what is searched without a choice


@dataclass(frozen=True, slots=True)
class ChatIndex:
    """An index and the messages it was made of. `what` names the layer and the gate or state in words."""

    index: Concordance
    utterances: Sequence[Utterance]
    name: str
    what: str


def can_search(recording: Recording) -> bool:
    """Whether a chat can be read by the network: not by a translator, nor by a network without a folder."""
    return not recording.source and recording.folder is not None


def chat_index(recording: Recording, cursor: ResolvedCursor) -> Generator[Progress, None, ChatIndex]:
    """The index of `cursor.search` for the layer and the gate or state of the cursor; yields its progress.

    Raises TuiLmError if no chat is given, or if it cannot be read.
    """
    from tui_lm.corpus import read_corpus
    from tui_lm.split import PARTS

    folder, search = recording.folder, cursor.search
    if search is None or folder is None:
        raise TuiLmError("there is no chat to search", "give one with --find", exit_code=2)
    yield Progress("Reading the chat")
    corpus = read_corpus([search.chat])
    utterances = [utterance for part in PARTS for utterance in corpus.utterances[part]]
    name = cursor.name if cursor.name in recording.names else DEFAULT
    layer, source, most = cursor.layer, corpus.fingerprint, search.tokens
    index = concordance.load(folder, layer=layer, name=name, source=source, most=most)
    if index is None:
        building = concordance.building(recording, utterances, layer=layer, name=name, source=source, most=most)
        while True:
            try:
                done, total = next(building)
            except StopIteration as end:
                index = end.value
                break
            yield Progress("Reading with the network", done, total)
        concordance.save(index, folder)
    what = f"{notation.title(name, cursor.notation, recording.cell)} of layer {cursor.layer}"
    return ChatIndex(index, utterances, name, what)
