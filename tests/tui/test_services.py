"""The objects that do the work of the app, each alone, with a stand-in for the app."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tui_lm.errors import TuiLmError
from tui_lm.settings import Settings
from tui_lm.tui.host import News
from tui_lm.tui.jobs.inference import Loaded, NotLoaded
from tui_lm.tui.jobs.models import ModelChanged, Models
from tui_lm.tui.jobs.training_watch import TrainingTold, TrainingWatch
from tui_lm.tui.keeping.preferences import Preferences, SettingsChanged
from tui_lm.tui.keeping.session import Session
from tui_lm.tui.keeping.session_keeper import SessionKeeper, SessionWanted
from tui_lm.tui.terminal.notices import Notices


class StandIn:
    """A host that records the calls."""

    NOTIFICATION_TIMEOUT = 600.0
    current_mode = "chat"

    def __init__(self) -> None:
        self.notified: list[str] = []
        self.told: list[News] = []
        self.timers: list[Callable[[], Any]] = []

    def notify(self, message: str, *, title: str = "", **_: Any) -> None:
        self.notified.append(f"{title}: {message}")

    def tell(self, news: News) -> None:
        self.told.append(news)

    def set_timer(self, delay: float, callback: Callable[[], Any]) -> None:
        self.timers.append(callback)

    def set_interval(self, interval: float, callback: Callable[[], Any]) -> Any:
        self.timers.append(callback)
        return self

    def stop(self) -> None:
        self.timers.clear()

    def post_message(self, message: Any) -> bool:
        return True


@pytest.fixture
def host() -> Any:
    return StandIn()


@pytest.fixture
def notices(host: Any) -> Notices:
    return Notices(host)


@pytest.fixture
def preferences(host: Any, notices: Notices) -> Preferences:
    return Preferences(host, notices, Settings(), lambda settings: None)


@pytest.fixture
def models(host: Any, notices: Notices, preferences: Preferences, home: Path) -> Models:
    return Models(host, notices, preferences, lambda purpose, folder: None, home / "models" / "first")


def test_the_same_error_is_shown_once_until_something_works(host, notices) -> None:
    for _ in range(3):
        notices.complain(TuiLmError("it failed", "try again"))
    assert host.notified == ["it failed: try again"]
    notices.all_is_well()
    notices.complain(TuiLmError("it failed", "try again"))
    assert len(host.notified) == 2


def test_too_many_errors_at_once_end_the_app(host, notices) -> None:
    survived = [notices.survive(ValueError("text of a chat")) for _ in range(30)]
    assert survived[0] and not survived[-1]
    assert "text of a chat" not in "".join(host.notified)


def test_a_change_of_settings_is_told_and_saved(host, notices) -> None:
    saved: list[Settings] = []
    preferences = Preferences(host, notices, Settings(), saved.append)
    preferences.change(temperature=0.3)
    preferences.change(temperature=0.3)
    assert host.told == [SettingsChanged(frozenset({"temperature"}))]
    assert [settings.temperature for settings in saved] == [0.3]


def test_settings_that_cannot_be_saved_are_changed_with_a_notice(host, notices) -> None:
    def full(settings: Settings) -> None:
        raise OSError(28, "No space left on device")

    preferences = Preferences(host, notices, Settings(), full)
    preferences.switch("ghost")
    assert not preferences.settings.ghost
    assert any("No space left on device" in notice for notice in host.notified)


def test_many_changes_of_the_session_are_written_once(host, notices, preferences, home) -> None:
    keeper = SessionKeeper(host, notices, preferences, Session())
    for _ in range(5):
        keeper.keep()
    (write,) = host.timers
    write()
    assert host.told == [SessionWanted(keeper.session)]
    assert (home / "session.json").is_file()


def test_no_session_is_written_in_private_mode(host, notices, home) -> None:
    private = Preferences(host, notices, Settings(), lambda settings: None, private_by_order=True)
    keeper = SessionKeeper(host, notices, private, Session())
    keeper.keep()
    keeper.write()
    keeper.end()
    assert not host.timers and not host.told
    assert not (home / "session.json").exists()


def test_a_model_that_is_no_longer_wanted_is_not_taken_when_it_arrives(host, models, home) -> None:
    other = home / "models" / "other"
    models.loaded(Loaded("language", other, object()))
    assert models.backend is None and models.state == "loading"
    models.loaded(Loaded("language", models.folder, object()))
    assert models.backend is not None and models.state == "ready"
    assert all(isinstance(news, ModelChanged) for news in host.told)


def test_a_model_that_fails_to_load_is_reported_with_its_reason(host, models) -> None:
    models.not_loaded(NotLoaded("language", models.folder, TuiLmError("it is damaged", "remove it")))
    assert models.state == "failed"
    assert host.notified == ["it is damaged: remove it"]


class Training:
    """A training that ends at the second look, without a model."""

    running, folder, complaint, is_translator = True, None, "out of memory", False

    def __init__(self) -> None:
        self.looks = 0

    def find(self) -> bool:
        return True

    def poll(self) -> list[Any]:
        self.looks += 1
        self.running = self.looks < 2
        return []


def test_the_end_of_a_training_is_reported_once(host, models) -> None:
    training: Any = Training()
    training.running = False
    watch = TrainingWatch(host, models, training)
    watch.find()
    training.running = True
    (look,) = host.timers
    look()
    look()
    assert host.notified == ["The training did not finish: out of memory"]
    assert host.told == [TrainingTold([])] * 3
    assert not host.timers, "the watch has ended"
