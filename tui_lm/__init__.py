"""tui-lm: your own language model, trained on your own chats, in your terminal, and you can see inside it."""

import os

# Before numpy is loaded: the products of one step are so small that a second BLAS thread gains nothing, and on a busy
# machine waiting for it costs 10 to 200 times the step (docs/decisions.md). Training is torch's and is not affected.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

# Before torch is loaded: its threads sleep while they wait for each other, and do not spin. Where anything else runs on
# the machine, a training step is then 7 to 10 times as fast (docs/decisions.md).
os.environ.setdefault("OMP_WAIT_POLICY", "passive")

__version__ = "0.1.0"
