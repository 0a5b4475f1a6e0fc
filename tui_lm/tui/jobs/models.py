"""The models in use: the language model and the translator."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from tui_lm.errors import TuiLmError
from tui_lm.tui.host import Host, News
from tui_lm.tui.jobs import inference
from tui_lm.tui.jobs.backend import Backend, Open, Purpose
from tui_lm.tui.jobs.inference import Inference
from tui_lm.tui.jobs.writing import KeepPrivate
from tui_lm.tui.keeping.preferences import Preferences
from tui_lm.tui.terminal.notices import Notices

ModelState = Literal["none", "loading", "ready", "failed"]


@dataclass(frozen=True)
class ModelChanged(News):
    """A model was loaded or could not be; with None, the language model in use is another one, or none."""

    news: inference.Loaded | inference.NotLoaded | None = None


@dataclass(frozen=True)
class TranslatorChosen(News):
    """Another translator is to be used."""

    folder: Path


class Models:
    """`folder` is that of the language model to begin with; `backend` is None until it is loaded."""

    def __init__(
        self, host: Host, notices: Notices, preferences: Preferences, open_model: Open, folder: Path | None
    ) -> None:
        self.folder = folder
        self.backend: Backend | None = None
        self.state: ModelState = "none" if folder is None else "loading"
        self.inference = Inference(open_model, host)
        self._host, self._notices, self._preferences = host, notices, preferences
        self._purposes: dict[str, tuple[int, str]] = {}  # by name: modification time of the card, purpose

    @property
    def name(self) -> str:
        """The name of the language model in use, or ""."""
        return self.folder.name if self.folder is not None else ""

    # Which there are

    def language_models(self) -> list[str]:
        return self._names("language")

    def translators(self) -> list[str]:
        return self._names("translation")

    def _names(self, purpose: Purpose) -> list[str]:
        """Cards are cached by modification time, because this is called at every redraw."""
        from tui_lm import checkpoint, paths

        found = []
        for name in checkpoint.names():
            with suppress(TuiLmError, OSError):
                written = (paths.models_dir() / name / checkpoint.CONFIG).stat().st_mtime_ns
                if self._purposes.get(name, (0, ""))[0] != written:
                    self._purposes[name] = (written, checkpoint.describe(checkpoint.find(name)).purpose)
                if self._purposes[name][1] == purpose:
                    found.append(name)
        return found

    # Which is used

    def begin(self) -> None:
        """Load the first model. Called after the first frame."""
        if self.folder is not None:
            self.inference.load("language", self.folder)

    def use(self, folder: Path) -> None:
        """Write with the language model in `folder` from now on."""
        self._save_learned()
        self.folder = folder
        self.backend, self.state = None, "loading"
        self.inference.load("language", folder)
        self._remember_last("language", folder)
        self._host.tell(ModelChanged())

    def use_none(self) -> None:
        """The language model in use is about to be deleted."""
        self.folder, self.backend, self.state = None, None, "none"
        self._host.tell(ModelChanged())

    def use_translator(self, folder: Path) -> None:
        """Translate with the model in `folder` from now on."""
        self._remember_last("translation", folder)
        self._host.tell(TranslatorChosen(folder))

    def _remember_last(self, purpose: Purpose, folder: Path) -> None:
        self._preferences.change(
            last_models={**self._preferences.settings.last_models, purpose: name_in_settings(folder)}
        )

    def loaded(self, message: inference.Loaded) -> None:
        if message.purpose == "language" and message.folder == self.folder:
            self.backend, self.state = message.model, "ready"
            if self._preferences.private:
                self.follow_private()
        self._host.tell(ModelChanged(message))

    def not_loaded(self, message: inference.NotLoaded) -> None:
        if message.purpose == "language" and message.folder == self.folder:
            self.state = "failed"
        self._notices.complain(message.error)
        self._host.tell(ModelChanged(message))

    # What it learns while the user types

    def follow_private(self) -> None:
        """Turn learning on or off, as private mode says."""
        self.inference.put(KeepPrivate(self._host, 0, self._preferences.private))

    def drop_learned(self, name: str) -> None:
        """The model in use, if it is `name`, forgets what it has learned and not saved."""
        if self.folder is not None and self.folder.name == name:
            self.backend = None
            self.inference.load("language", self.folder)

    def forget(self) -> None:
        """Delete what every model learned from typing. Raises OSError or TuiLmError if that fails."""
        from tui_lm import checkpoint
        from tui_lm.completion import ngram_files

        for name in checkpoint.names():
            ngram_files.forget(checkpoint.find(name))

    def load_again(self) -> None:
        """Load the model in use anew; what it learned and has not saved is not saved."""
        self.backend = None
        if self.folder is not None:
            self.use(self.folder)

    def _save_learned(self) -> None:
        if self.backend is not None and not self._preferences.private:
            try:
                self.backend.completer.save()
            except (TuiLmError, OSError) as error:
                self._notices.say_once(f"The learned words could not be saved: {error}")

    def end(self) -> None:
        """Save what was learned. Called when the app has ended."""
        self.inference.close()
        if self.backend is not None and not self._preferences.private:
            with suppress(TuiLmError, OSError):
                self.backend.completer.save()


def name_in_settings(folder: Path) -> str:
    """How settings call a model: by its name if it is in the user's folder of models, else by its path."""
    from tui_lm import paths

    return folder.name if folder.parent == paths.models_dir() else str(folder.resolve())
