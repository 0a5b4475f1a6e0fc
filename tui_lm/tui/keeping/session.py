"""The state that the next start restores: screen, authors, drafts, and transcripts if the user keeps them.

One private file. It is written a moment after each change, so that what was typed survives a crash; in private mode it
is not written at all. Chat text is in it only as an unsent draft, or as a transcript where the user wants that.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from tui_lm import atomic_file, paths
from tui_lm.errors import DAMAGE

MOST_TURNS = 500  # messages kept of a transcript
MOST_CHATS = 50  # other chats kept for each model
LONGEST_NAME = 40  # characters of the first message that name a chat
MOST_TALKS = 20  # models whose chat is kept


Turns = list[tuple[str, str, bool]]
"""(author, text, whether the model wrote it) of each message."""


@dataclass
class Chat:
    """A chat that is kept. Without a title it is called by its first message."""

    title: str = ""
    turns: Turns = field(default_factory=list)

    @property
    def name(self) -> str:
        first = self.turns[0][1] if self.turns else ""
        return self.title or " ".join(first.split())[:LONGEST_NAME] or "Chat"


@dataclass
class Talk:
    """The chats with one model: the one that goes on, and `others`, the latest first.

    `answerer` is "" if nobody answers, None if the model says who does.
    """

    me: str | None = None
    answerer: str | None = None
    draft: str = ""
    title: str = ""
    turns: Turns = field(default_factory=list)
    others: list[Chat] = field(default_factory=list)


@dataclass
class KeptPage:
    """The Write screen: the path of its file, the cursor, and in `draft` the text if it is not saved."""

    path: str = ""
    row: int = 0
    column: int = 0
    draft: str | None = None


@dataclass
class Session:
    """The state of the app. `pressed` keys have written `typed` characters, for the count of saved keys."""

    screen: str = ""
    tab: str = ""
    pressed: int = 0
    typed: int = 0
    source: str = ""  # the path on the Train screen
    translation: str = ""  # the source text of the Translate screen
    page: KeptPage = field(default_factory=KeptPage)
    talks: dict[str, Talk] = field(default_factory=dict)
    inspected: str = ""  # the text of the Inspect screen

    def talk(self, model: str) -> Talk:
        """The chat with `model`, which becomes the last of `talks`. The oldest is dropped beyond MOST_TALKS."""
        talk = self.talks.pop(model, None) or Talk()
        self.talks[model] = talk
        while len(self.talks) > MOST_TALKS:
            del self.talks[next(iter(self.talks))]
        return talk


def session_file() -> Path:
    return paths.data_dir() / "session.json"


def load_session(path: Path | None = None) -> tuple[Session, list[str]]:
    """Load the last session. Returns a new one and a notice if it cannot be read."""
    path = path or session_file()
    try:
        return _from_json(json.loads(path.read_text("utf-8", "surrogatepass"))), []
    except FileNotFoundError:
        return Session(), []
    except (OSError, *DAMAGE):
        return Session(), ["the last session cannot be read; a new one begins"]


def save_session(session: Session, *, transcripts: bool, path: Path | None = None) -> None:
    """Write the session, without transcripts unless they are kept. Raises OSError or TuiLmError if that fails."""
    values = asdict(session)
    for talk in values["talks"].values():
        talk["turns"] = talk["turns"][-MOST_TURNS:] if transcripts else []
        talk["title"] = talk["title"] if transcripts else ""
        talk["others"] = [
            {"title": chat["title"], "turns": chat["turns"][-MOST_TURNS:]}
            for chat in talk["others"][: MOST_CHATS if transcripts else 0]
        ]
    path = path or session_file()
    paths.make_private(path.parent)
    data = json.dumps(values, ensure_ascii=False).encode("utf-8", "surrogatepass")
    atomic_file.write(path, data, durable=False)  # every few seconds while somebody types: not worth a wait


def forget_session(path: Path | None = None) -> None:
    (path or session_file()).unlink(missing_ok=True)


def _from_json(values: dict[str, Any]) -> Session:
    page, talks = values["page"], values["talks"]
    return Session(
        screen=str(values["screen"]),
        tab=str(values["tab"]),
        pressed=int(values["pressed"]),
        typed=int(values["typed"]),
        source=str(values["source"]),
        translation=str(values["translation"]),
        inspected=str(values.get("inspected", "")),  # sessions of version 0.1 have none
        page=KeptPage(
            str(page["path"]),
            int(page["row"]),
            int(page["column"]),
            None if page["draft"] is None else str(page["draft"]),
        ),
        talks={
            str(model): Talk(
                None if talk["me"] is None else str(talk["me"]),
                None if talk["answerer"] is None else str(talk["answerer"]),
                str(talk["draft"]),
                str(talk.get("title", "")),  # sessions of version 0.1 hold one chat for each model
                _turns(talk["turns"]),
                [Chat(str(chat["title"]), _turns(chat["turns"])) for chat in talk.get("others", [])],
            )
            for model, talk in talks.items()
        },
    )


def _turns(values: list[Any]) -> Turns:
    return [(str(author), str(text), bool(by_model)) for author, text, by_model in values]
