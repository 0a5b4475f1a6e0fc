"""The app itself, in layers: each module's class adds one thing that the app does to the class of the module before.

`notices` tells; `state` keeps settings and session; `model` is what one writes with; `training` follows a training;
`actions` are what keys and the palette do; `app` begins and ends it, and has the screens.
"""

from tui_lm.tui.app.app import SCREENS, TuiLmApp, run_app

__all__ = ["SCREENS", "TuiLmApp", "run_app"]
