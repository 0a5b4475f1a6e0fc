"""Training: what a run is told (`config`), what comes when (`data`), how weights move (`optim`), the loop (`run`)."""
