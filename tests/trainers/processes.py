"""The processes of test_ranks: `python -m tests.trainers.processes FOLDER`, with torchrun's variables."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import torch

from tests.trainers.conftest import CONFIG as CHAT_CONFIG
from tests.trainers.conftest import CORPUS, TOKENIZER
from trainers import device
from trainers.config import TrainingConfig
from trainers.job import TrainingJob
from trainers.launch import STORE
from trainers.pace import Pace
from trainers.run import run
from trainers.task_settings import TranslationSettings, WindowSettings
from tui_lm import tokenizers
from tui_lm.architecture import Llama, Seq2Seq
from tui_lm.checkpoint import Card
from tui_lm.corpus import Corpus
from tui_lm.errors import TuiLmError
from tui_lm.events import RunFinished
from tui_lm.models.rates import DropoutRates
from tui_lm.sentence_pairs import Pair
from tui_lm.split import Fractions
from tui_lm.tokenizers import Tokenizer, Tokenizers

WORDS = ["one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"]
PAIRS = [Pair(" ".join(WORDS[i % 7 :][: i % 4 + 1]), " ".join(WORDS[i % 5 :][: i % 3 + 1])) for i in range(90)]
WORD_TOKENIZER = tokenizers.train("word", [side for p in PAIRS for side in (p.source, p.target)], tokenizers.Specials())
PAIR_CORPUS = Corpus("pairs", Fractions(), "pairs", pairs={"train": PAIRS[:80], "val": PAIRS[80:], "test": []})
SIZE = TOKENIZER.vocab_size
CONFIG = replace(CHAT_CONFIG, steps=16, evaluations=3, optimizer="momentum")
UNEVEN = replace(CONFIG, task=CONFIG.task.with_batch(7))  # streams that two processes cannot share equally


@dataclass(frozen=True)
class Scenario:
    config: TrainingConfig
    corpus: Corpus = CORPUS
    tokenizer: Tokenizer = TOKENIZER

    def run(self, folder: Path, stop: Callable[[], bool] = lambda: False, *, resume: bool = False) -> RunFinished:
        card = Card("run", self.corpus.kind, self.config.architecture, self.tokenizer.name, sources=("text",))
        *_, last = run(
            TrainingJob(self.corpus, Tokenizers.shared(self.tokenizer), self.config, card, folder, resume), stop=stop
        )
        assert isinstance(last, RunFinished)
        return last


SCENARIOS = {
    "lstm": Scenario(UNEVEN),
    "llama": Scenario(replace(CONFIG, architecture=Llama(SIZE, 16, 32, 2, 2, 1, 16), task=WindowSettings(8, 16, 0.04))),
    "pairs": Scenario(
        replace(
            CONFIG,
            architecture=Seq2Seq(WORD_TOKENIZER.vocab_size, WORD_TOKENIZER.vocab_size, 8, 12),
            task=TranslationSettings(128, 0.0),
            ema=10,
        ),
        PAIR_CORPUS,
        WORD_TOKENIZER,
    ),
    "one stream": Scenario(replace(CONFIG, task=CONFIG.task.with_batch(1), optimizer="adam")),
    "dropout": Scenario(replace(UNEVEN, dropout=DropoutRates(input=0.1, recurrent=0.1, output=0.2), optimizer="adam")),
}


def in_float32() -> None:
    """Half the streams a process must not be half as exact."""
    device._bfloat16_pays = lambda: False  # type: ignore[assignment]
    torch.set_num_threads(1)


def main(folder: Path) -> None:
    rank = int(os.environ["RANK"])
    in_float32()
    own = folder if rank == 0 else folder / "others"  # where nothing may be written

    def attempt(name: str, scenario: Scenario, stop: Callable[[], bool] = lambda: False, *, again: str = "") -> None:
        """Run it and write down how it ended."""
        os.environ[STORE] = (folder / f"{name}{again}.store").as_uri()
        try:
            last = scenario.run((folder if again else own) / name, stop, resume=bool(again))
            ended = [last.reason, last.steps]
        except TuiLmError as error:
            ended = [error.message]
        (folder / f"{name}{again}.{rank}.json").write_text(json.dumps(ended))

    for name, scenario in SCENARIOS.items():
        attempt(name, scenario)
    # the second process is the one that is interrupted
    asked = iter(range(1000))
    attempt("interrupted", SCENARIOS["dropout"], lambda: next(asked) >= 5 and rank == 1)
    attempt("interrupted", SCENARIOS["dropout"], again="resumed")
    asked = iter(range(1000))
    attempt("left alone", SCENARIOS["lstm"], lambda: next(asked) >= 5 and rank == 1)

    def fail() -> bool:
        if rank == 1:
            raise TuiLmError("the second process has had enough", "")
        return False

    attempt("failing", SCENARIOS["lstm"], fail)
    # ... and keeps running: the group that it left must not seem to be still there
    attempt("unlike", replace(SCENARIOS["lstm"], config=replace(CONFIG, grad_clip=1.0 + rank)))
    Pace.calibrated = lambda self, step, evaluated, most: (12 + 10 * rank, most) if step > 6 else None  # type: ignore[method-assign]
    attempt("budget", replace(SCENARIOS["lstm"], config=replace(CONFIG, steps=None, seconds=1e6)))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
