"""A transcript of "Name: text" lines is a chat; fields of records, logs and prose are not."""

from __future__ import annotations

from pathlib import Path

import pytest

from tui_lm.chats import detect, open_chat


@pytest.mark.parametrize(
    "text",
    [
        "Ana: hola\nPé 🌸: qué tal: bien?\nAna: https://example.org\notra línea\n\nPé 🌸: ok\n",
        "ANNA: Guten Tag.\n\nBERND: Guten Tag.\n\nANNA: Wie geht es?\n\nBERND: Gut.\n",
        "Q: what?\nA: that\n" * 5,
        "Rosa Lee: a\nMo: b\nIda: c\nMo: d\nRosa Lee: e\nIda: f\nIda: g\n",
    ],
)
def test_transcripts_are_chats(text: str, tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_text(text, "utf-8")
    assert detect(path) == "lines"
    assert sum(1 for _ in open_chat([path])) >= 4


@pytest.mark.parametrize(
    "text",
    [
        "name: a\nid: 1\nvalue: b\n\n" * 10,
        "Host: a\nAccept: b\nUser-Agent: c\n" * 5,
        "INFO: started\nDEBUG: x\nINFO: y\nERROR: z\n" * 5,
        "colour: red\nsize: 4\nname: x\nkind: y\n",
        "She said: no.\nIt rained.\nHe said: yes.\nIt rained on.\nShe said: well.\nNothing more was said.\n",
    ],
)
def test_other_texts_are_none(text: str, tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_text(text, "utf-8")
    assert detect(path) is None
