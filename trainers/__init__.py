"""Training: settings (`config`), batches (`data`), optimizers (`optim`), the loop (`run`)."""
