"""tui-lm: your own language model, trained on your own chats, in your terminal, and you can see inside it."""

import os

# Set before numpy is loaded. The matrix products of a step are so small that a second BLAS thread gains nothing,
# and on a busy machine waiting for it takes 10 to 200 times as long as the step (docs/decisions.md). Training in torch
# is not affected.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

# Set before torch is loaded. Threads spin only briefly at a barrier before they sleep. Long spinning is a little
# faster on an idle machine and 15 times slower beside other work (docs/decisions.md).
os.environ.setdefault("GOMP_SPINCOUNT", "10000")

__version__ = "0.2.0"
