"""Runs one operation on a data folder again and again, killed with SIGKILL before each of its steps in turn.

    python -m tests.torture.kills SCENARIO FOLDER [EVERY]

A step is an audited call that changes files: open, rename, mkdir, remove, rmdir, chmod, link, truncate. After each
kill the folder must be in the state before the operation or in the state after it. Prints the number of kills that it
survived; exits with 1 at the first one that it did not.
"""

from __future__ import annotations

import os
import shutil
import signal
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from itertools import count
from pathlib import Path
from typing import Any

import numpy as np

from tui_lm import checkpoint, paths, tokenizers
from tui_lm.architecture import Llama, Recurrent
from tui_lm.checkpoint import Card, SavedModel
from tui_lm.completion import Completer, ngram_files
from tui_lm.completion.training_counts import build
from tui_lm.exchange.huggingface import export_folder
from tui_lm.exchange.pretrained import import_folder
from tui_lm.settings import Settings, load_settings, save_settings
from tui_lm.tokenizers import Specials, Tokenizers
from tui_lm.tokenizers.stream import WritingContext
from tui_lm.utterances import Utterance

STEPS = {
    "open",
    "os.rename",
    "os.mkdir",
    "os.remove",
    "os.rmdir",
    "os.chmod",
    "os.link",
    "os.truncate",
    "shutil.rmtree",
}
MESSAGES = [
    Utterance(("Ann", "Bob")[i % 2], text) for i, text in enumerate(["see you at six", "ok, see you there"] * 20)
]


def a_model(name: str, seed: int, family: str = "lstm") -> SavedModel:
    kind = "subword" if family == "llama" else "char"  # both can be exported and imported without further packages
    fitted = tokenizers.train(kind, [m.text for m in MESSAGES], Specials(("Ann", "Bob")), 600)
    shape = (
        Llama(fitted.vocab_size, 16, 32, 1, 2, 1, 64)
        if family == "llama"
        else Recurrent(family, fitted.vocab_size, dim=8, hidden_size=8, num_layers=1)
    )
    draw = np.random.default_rng(seed)
    weights = {name: draw.standard_normal(size).astype(np.float32) for name, size in shape.weights().items()}
    return SavedModel(Card(name, "chat", shape, kind, authors=("Ann", "Bob")), Tokenizers.shared(fitted), weights)


def save(model: SavedModel, name: str = "small") -> None:
    ngrams = build(MESSAGES)
    folder = paths.models_dir() / name
    checkpoint.save(folder, model, ["{}"], lambda folder: ngram_files.save(ngrams, folder))


def learn(word: str) -> None:
    completer = Completer.open(paths.models_dir() / "small")
    completer.learn(WritingContext(f"the {word}", "Ann"))
    completer.save()


def is_model(name: str, *allowed: SavedModel) -> None:
    """Asserts that the folder is complete and holds one of the allowed models."""
    folder = checkpoint.find(name)
    checkpoint.require_intact(folder, checkpoint.describe(folder))
    found = checkpoint.load(folder)
    assert any(
        found.weights.keys() == other.weights.keys()
        and all(np.array_equal(found.weights[key], other.weights[key]) for key in other.weights)
        for other in allowed
    ), "neither the old model nor the new one"
    ngram_files.load(folder)


def no_leftovers(*allowed: str) -> None:
    left = {path.name for path in paths.models_dir().iterdir()} if paths.models_dir().is_dir() else set()
    assert left <= set(allowed), f"left behind: {left - set(allowed)}"


@dataclass(frozen=True)
class Scenario:
    """An operation. `check` must pass after `prepare`, wherever `act` was killed."""

    prepare: Callable[[], object]
    act: Callable[[], object]
    check: Callable[[], object]


OLD, NEW = a_model("small", 1), a_model("small", 2, "gru")
OTHER = a_model("small", 3, "llama")


def check_replaced() -> None:
    assert checkpoint.names() == ["small"]
    is_model("small", OLD, NEW)
    no_leftovers("small")


def check_first() -> None:
    for name in checkpoint.names():
        is_model(name, NEW)
    no_leftovers("small")


def check_renamed() -> None:
    assert checkpoint.names() in (["small"], ["tiny"])
    is_model(checkpoint.names()[0], OLD)
    no_leftovers("small", "tiny")


def check_removed() -> None:
    if checkpoint.names():
        is_model("small", OLD)
    no_leftovers("small")


def known_words() -> set[str]:
    vocabulary = ngram_files.load(checkpoint.find("small")).vocabulary
    return {word for word in ("aubergine", "bicycle") if vocabulary.find(f" {word}") is not None}


def check_forgotten() -> None:
    is_model("small", OLD)
    assert known_words() in (set(), {"aubergine"})


def check_learned() -> None:
    is_model("small", OLD)
    assert known_words() in ({"aubergine"}, {"aubergine", "bicycle"})


BEFORE, AFTER = Settings(temperature=0.5), Settings(temperature=0.7, last_models={"language": "small"})


def check_settings() -> None:
    settings, notices = load_settings()
    assert settings in (BEFORE, AFTER) and not notices


@cache
def as_exported() -> SavedModel:
    """The model OTHER after an undisturbed export and import, which lose the authors' tokens."""
    with tempfile.TemporaryDirectory() as scratch:
        export_folder(OTHER, Path(scratch) / "whole")
        return import_folder(Path(scratch) / "whole", "back")


def check_exported() -> None:
    is_model("small", OTHER)
    exported = paths.data_dir() / "exported"
    if exported.exists():
        found = import_folder(exported, "back").weights
        assert all(np.array_equal(found[key], weight) for key, weight in as_exported().weights.items())
    else:
        export()  # leftovers of the killed export must not block a new one
    assert not [*paths.data_dir().glob(".exported*")], "left behind"


def check_imported() -> None:
    assert set(checkpoint.names()) <= {"small", "back"}
    for name in checkpoint.names():
        found, whole = checkpoint.load(checkpoint.find(name)), OTHER if name == "small" else as_exported()
        assert all(np.array_equal(found.weights[key], weight) for key, weight in whole.weights.items())
    no_leftovers("small", "back")


def import_back() -> None:
    model = import_folder(paths.data_dir() / "exported", "back")
    checkpoint.save(paths.models_dir() / "back", model)


def export() -> None:
    export_folder(checkpoint.load(checkpoint.find("small")), paths.data_dir() / "exported")


def save_other() -> None:
    save(OTHER)


def with_export() -> None:
    save_other()
    export()


CHAT = "".join(
    f"{i % 28 + 1:02d}/03/2024, {i // 28 + 8:02d}:00 - {m.author}: {m.text}\n" for i, m in enumerate(MESSAGES * 8)
)


def job() -> Any:
    from trainers import job
    from trainers.plan import Budget, Wishes
    from tui_lm.corpus import read_corpus
    from tui_lm.source_options import SourceOptions

    source = paths.data_dir() / "chat.txt"
    options = SourceOptions(redact=1)
    corpus = read_corpus([source], options=options)
    folder = paths.models_dir() / "m"
    if checkpoint.names() and checkpoint.is_unfinished(checkpoint.find("m")):
        return job.resumed(corpus, folder)
    by_hand = {"evaluations": 4, "hidden_size": 8, "dim": 8, "batch_size": 4, "sequence_length": 16}
    wishes = Wishes(size="tiny", budget=Budget(steps=12), settings=by_hand)
    return job.new(corpus, folder, None, wishes, options=options)


def prepare_training() -> None:
    import trainers.best

    trainers.best.SAVE_EVERY = 0.0  # save every better model, not one every ten seconds
    paths.make_private(paths.data_dir())
    (paths.data_dir() / "chat.txt").write_text(CHAT, "utf-8")


def train() -> None:
    from trainers.run import run

    for _ in run(job()):
        pass


REFERENCE: dict[str, Any] = {}


def check_training() -> None:
    """A killed run, resumed, ends with the same weights as one that was not killed."""
    no_leftovers("m") if checkpoint.names() else None
    if checkpoint.names():
        checkpoint.load(checkpoint.find("m"))
    if not checkpoint.names() or checkpoint.is_unfinished(checkpoint.find("m")):
        train()
    found = checkpoint.load(checkpoint.find("m")).weights
    if not REFERENCE:
        REFERENCE.update(found)
    assert all(np.array_equal(found[key], REFERENCE[key]) for key in REFERENCE), "the resumed run has other weights"
    no_leftovers("m")


def learned_before() -> None:
    save(OLD)
    learn("aubergine")


SCENARIOS = {
    "save": Scenario(lambda: save(OLD), lambda: save(NEW), check_replaced),
    "first save": Scenario(lambda: None, lambda: save(NEW), check_first),
    "rename": Scenario(lambda: save(OLD), lambda: checkpoint.rename("small", "tiny"), check_renamed),
    "remove": Scenario(lambda: save(OLD), lambda: checkpoint.remove("small"), check_removed),
    "forget": Scenario(learned_before, lambda: ngram_files.forget(checkpoint.find("small")), check_forgotten),
    "learn": Scenario(learned_before, lambda: learn("bicycle"), check_learned),
    "settings": Scenario(lambda: save_settings(BEFORE), lambda: save_settings(AFTER), check_settings),
    "export": Scenario(save_other, export, check_exported),
    "import": Scenario(with_export, import_back, check_imported),
    "train": Scenario(prepare_training, train, check_training),
}


def killed_before(step: int, act: Callable[[], object]) -> bool:
    """Run `act` in a child process that is killed before its step number `step`. False if it has fewer steps."""
    child = os.fork()
    if child == 0:
        steps = count(1)

        def hear(event: str, _: tuple[Any, ...]) -> None:
            if event in STEPS and next(steps) == step:
                os.kill(os.getpid(), signal.SIGKILL)

        sys.addaudithook(hear)
        try:
            act()
        except BaseException as error:
            print(f"{type(error).__name__}: {error}", file=sys.stderr)
            os._exit(3)
        os._exit(0)
    _, status = os.waitpid(child, 0)
    if os.WIFEXITED(status):
        assert os.WEXITSTATUS(status) == 0, "the operation failed without a kill"
        return False
    return True


def main(name: str, folder: Path, every: int) -> None:
    scenario, base, home = SCENARIOS[name], folder / "base", folder / "home"
    os.environ["TUI_LM_HOME"] = str(base)
    scenario.prepare()
    os.environ["TUI_LM_HOME"] = str(home)
    if name == "train":
        shutil.copytree(base, home)
        check_training()  # sets REFERENCE from a run without a kill
        shutil.rmtree(home)
    kills = 0
    for step in count(1, every):
        shutil.rmtree(home, ignore_errors=True)
        if base.exists():
            shutil.copytree(base, home)
        killed = killed_before(step, scenario.act)
        try:
            scenario.check()
        except BaseException:
            print(f"{name}: wrong state after a kill before step {step}", file=sys.stderr)
            raise
        if not killed:
            break
        kills += 1
    print(kills)


if __name__ == "__main__":
    os.umask(0o077)
    main(sys.argv[1], Path(sys.argv[2]), int(sys.argv[3]) if len(sys.argv) > 3 else 1)
