"""The program, started as `tui-lm` or `python -m tui_lm`."""

import gc

# Everything loaded at the start stays in memory; collecting garbage at the default rate takes a sixth of the start.
gc.set_threshold(50_000, 20, 20)

from tui_lm.cli import main  # noqa: E402

if __name__ == "__main__":
    main()
