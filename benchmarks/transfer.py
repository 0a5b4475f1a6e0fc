"""What is a background chat worth? The same few messages learned from scratch, and after another chat.

    python benchmarks/transfer.py DATA [--arch llama] [--size small] [--steps 400] [--background-steps 4000]

DATA/chat holds irc_whatsapp.txt (the background) and dev_whatsapp.txt. The runs learn the first 2,000 messages of the
latter, with the last hundred of them as validation, and are scored on its usual test part: bits per character of the
network alone, read as one stream. The runs on the 2,000 messages have the same steps, batches and seed.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from pathlib import Path

import torch

from trainers import job
from trainers.plan import Budget, Wishes
from trainers.run import run
from tui_lm import checkpoint
from tui_lm.checkpoint import SavedModel
from tui_lm.corpus import Corpus, read_corpus
from tui_lm.engine import Engine
from tui_lm.evaluation import price
from tui_lm.events import RunFinished
from tui_lm.split import PARTS

FEW, VALIDATION = 2000, 100


def few(corpus: Corpus) -> Corpus:
    """A corpus of the chat's first messages, and the test part of the whole chat."""
    messages = [utterance for part in PARTS for utterance in corpus.utterances[part]][:FEW]
    parts = {"train": messages[:-VALIDATION], "val": messages[-VALIDATION:], "test": corpus.utterances["test"]}
    return Corpus("chat", corpus.fractions, corpus.fingerprint, utterances=parts)


def learn(corpus: Corpus, folder: Path, wishes: Wishes, base: SavedModel | None = None) -> SavedModel:
    begun = time.monotonic()
    finished = next(e for e in run(job.new(corpus, folder, None, wishes, base)) if isinstance(e, RunFinished))
    model = checkpoint.load(folder)
    print(
        f"  {folder.name}: {model.card.description}, best at step {finished.best_step} of {finished.steps}, "
        f"validation {finished.bits_per_char:.3f} bits/char, {time.monotonic() - begun:.0f} s",
        flush=True,
    )
    return model


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("data", type=Path)
    parser.add_argument("--arch", default="llama")
    parser.add_argument("--size", default="small")
    parser.add_argument("--tokenizer", default="char")
    parser.add_argument("--steps", type=int, default=400)
    parser.add_argument("--background-steps", type=int, default=4000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--frozen", type=int, nargs="*", default=[0], help="numbers of layers to freeze, one run each")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--keep", type=Path, help="keep the models in this folder, to reuse the background")
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    models_folder = options.keep or Path(tempfile.mkdtemp())

    def wishes(steps: int, **settings: object) -> Wishes:
        chosen = (options.arch, options.tokenizer, options.size)  # a base model keeps its own
        return Wishes(*chosen, Budget(steps=steps), "cpu", options.seed, settings)

    dev = few(read_corpus([options.data / "chat/dev_whatsapp.txt"]))
    if (models_folder / "background").is_dir():
        background = checkpoint.load(models_folder / "background")
    else:
        corpus = read_corpus([options.data / "chat/irc_whatsapp.txt"])
        background = learn(corpus, models_folder / "background", wishes(options.background_steps))
    models = {"alone": learn(dev, models_folder / "alone", wishes(options.steps))}
    for frozen in options.frozen:
        name = f"after the background, {frozen} layers frozen" if frozen else "after the background"
        models[name] = learn(
            dev, models_folder / f"tuned-{frozen}", wishes(options.steps, frozen_layers=frozen), background
        )
    for name, model in models.items():
        cost = price(Engine(model), dev.utterances["test"])
        print(f"{name}: {cost.bits_per_char:.3f} bits/char on test", flush=True)


if __name__ == "__main__":
    main()
