"""tui-lm: your own language model, trained on your own chats, in your terminal, and you can see inside it."""

import os

# Before numpy is loaded: the products of one step are so small that a second BLAS thread gains nothing, and on a busy
# machine waiting for it costs 10 to 200 times the step (docs/decisions.md). Training is torch's and is not affected.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

# Before torch is loaded: its threads spin a little, not long, before they sleep at a barrier. Spinning long is a little
# faster on an idle machine and 15 times slower where anything else runs (docs/decisions.md).
os.environ.setdefault("GOMP_SPINCOUNT", "10000")

__version__ = "0.1.0"
