"""The arguments of every screen: the objects that do the work of the app, and the app itself as a host."""

from __future__ import annotations

from dataclasses import dataclass

from tui_lm.tui.host import Host
from tui_lm.tui.jobs.models import Models
from tui_lm.tui.jobs.training_watch import TrainingWatch
from tui_lm.tui.keeping.preferences import Preferences
from tui_lm.tui.keeping.session_keeper import SessionKeeper
from tui_lm.tui.terminal.notices import Notices


@dataclass(frozen=True)
class Services:
    host: Host
    notices: Notices
    preferences: Preferences
    keeper: SessionKeeper
    models: Models
    trainings: TrainingWatch
