"""The program, started as `tui-lm` or `python -m tui_lm`."""

import gc

# What a start loads stays. To look through it over and over for what could be freed takes a sixth of the start.
gc.set_threshold(50_000, 20, 20)

from tui_lm.cli import main  # noqa: E402

if __name__ == "__main__":
    main()
