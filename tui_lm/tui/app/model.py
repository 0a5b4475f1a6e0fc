"""Which models are used: the language model that one writes with, and the translator."""

from __future__ import annotations

from collections.abc import Set
from contextlib import suppress
from pathlib import Path
from typing import Any, Literal

from textual import on

from tui_lm.errors import TuiLmError
from tui_lm.tui.app.state import KeepingApp
from tui_lm.tui.jobs import inference
from tui_lm.tui.jobs.backend import Backend, Open, Purpose
from tui_lm.tui.jobs.inference import Inference

ModelState = Literal["none", "loading", "ready", "failed"]


class ModelApp(KeepingApp):
    """`folder` is that of the language model to begin with."""

    def __init__(self, folder: Path | None, open_model: Open, **kept: Any) -> None:
        super().__init__(**kept)
        self.folder = folder
        self.backend: Backend | None = None
        self.model_state: ModelState = "none" if folder is None else "loading"
        self.inference = Inference(open_model, self)
        self._purposes: dict[str, tuple[int, str]] = {}

    def language_models(self) -> list[str]:
        return self._models("language")

    def translators(self) -> list[str]:
        return self._models("translation")

    def _models(self, purpose: Purpose) -> list[str]:
        """By name. A card is read once, and again when its file has changed: this is asked at every redrawing."""
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

    def use_model(self, folder: Path) -> None:
        """Write with the language model in `folder` from now on."""
        self._save_learned()
        self.folder = folder
        self.backend, self.model_state = None, "loading"
        self.inference.load("language", folder)
        self.change(last_models={**self.settings.last_models, "language": model_name(folder)})
        self._tell_of_model()

    def use_no_model(self) -> None:
        """The model that was used is about to be deleted."""
        self.session.talks.pop(self.folder.name if self.folder is not None else "", None)
        self.folder, self.backend, self.model_state = None, None, "none"
        self._tell_of_model()

    def drop_learned(self, name: str) -> None:
        """The model in use, if it is `name`, forgets what it has learned and not saved."""
        if self.folder is not None and self.folder.name == name:
            self.backend = None
            self.inference.load("language", self.folder)

    def use_translator(self, folder: Path) -> None:
        """Translate with the model in `folder` from now on."""
        self.change(last_models={**self.settings.last_models, "translation": model_name(folder)})
        for screen in self.screens_made():
            screen.translator_chosen(folder)

    def settings_changed(self, names: Set[str]) -> None:
        super().settings_changed(names)
        if "private" in names:
            self._keep_private()

    def _keep_private(self) -> None:
        from tui_lm.tui.jobs.writing import KeepPrivate

        self.inference.put(KeepPrivate(self, 0, self.private))

    def _save_learned(self) -> None:
        if self.backend is not None and not self.private:
            try:
                self.backend.completer.save()
            except (TuiLmError, OSError) as error:
                self.say_once(f"What was learned could not be kept: {error}")

    @on(inference.Loaded)
    def _loaded(self, message: inference.Loaded) -> None:
        if message.purpose == "language" and message.folder == self.folder:
            self.backend, self.model_state = message.model, "ready"
            if self.private:
                self._keep_private()
        self._tell_of_model(message)

    @on(inference.NotLoaded)
    def _not_loaded(self, message: inference.NotLoaded) -> None:
        if message.purpose == "language" and message.folder == self.folder:
            self.model_state = "failed"
        self.complain(message.error)
        self._tell_of_model(message)

    def _tell_of_model(self, message: inference.Loaded | inference.NotLoaded | None = None) -> None:
        for screen in self.screens_made():
            screen.model_changed(message)


def model_name(folder: Path) -> str:
    """How settings call a model: by its name where it is one of the user's folder."""
    from tui_lm import paths

    return folder.name if folder.parent == paths.models_dir() else str(folder.resolve())
