"""Training: an `order` becomes a `job` of one of the `tasks`, with a `plan`; `run` trains it in a `loop`."""
