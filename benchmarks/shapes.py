"""How good are classifiers and taggers, beside scikit-learn and sklearn-crfsuite where they are installed?

    python benchmarks/shapes.py DATA [--only emotion,irony,wnut17,author] [--epochs N] [--peers PYTHON]

DATA has labels/ with the folders tweeteval-emotion, tweeteval-irony (train.tsv, val.tsv, test.tsv) and wnut17
(train.conll, dev.conll, test.conll), and chat/dev_whatsapp.txt. Ours is trained with the command line in a home of its
own, chooses on the validation part and is scored once on the test part; each part of the mixture is shown alone. The
peers choose their regularisation on the same validation part. PYTHON is an interpreter that has them installed; by
default this one is tried. Prints a table: figure on test, seconds of wall clock and of processor time.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

TWEETS = {"emotion": "macro_f1", "irony": "irony"}  # set: macro-F1, or the F1 of this label

PEER_TEXTS = """
import json, sys
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import accuracy_score, f1_score
from sklearn.pipeline import make_union
from sklearn.svm import LinearSVC
parts = json.load(sys.stdin)
def score(wanted, given):
    if parts["figure"] == "accuracy":
        return accuracy_score(wanted, given)
    if parts["figure"] == "macro_f1":
        return f1_score(wanted, given, average="macro")
    return f1_score(wanted, given, labels=[parts["figure"]], average=None)[0]
features = {
    "words": TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True),
    "words and characters": make_union(
        TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True),
        TfidfVectorizer(analyzer="char_wb", ngram_range=(2, 5), sublinear_tf=True, min_df=2)),
}
for name, vectorizer in features.items():
    (texts, labels), (val, val_labels), (test, test_labels) = (parts[part] for part in ("train", "val", "test"))
    train, val, test = vectorizer.fit_transform(texts), vectorizer.transform(val), vectorizer.transform(test)
    for title, models in {
        "logistic regression": [LogisticRegression(C=c, max_iter=300) for c in (1, 10)],
        "linear SVM": [LinearSVC(C=c) for c in (0.1, 0.5)],
    }.items():
        fitted = [model.fit(train, labels) for model in models]
        best = max(fitted, key=lambda model: score(val_labels, model.predict(val)))
        print(json.dumps([f"TF-IDF of {name}, {title}", 100 * score(test_labels, best.predict(test))]))
"""

PEER_TAGS = """
import json, sys
import sklearn_crfsuite
from seqeval.metrics import f1_score
parts = json.load(sys.stdin)
def features(words, at):
    word = words[at]
    found = {"bias": 1.0, "lower": word.lower(), "suffix": word[-3:], "prefix": word[:3], "upper": word.isupper(),
             "title": word.istitle(), "digit": word.isdigit(), "at": word[:1] == "@", "hash": word[:1] == "#"}
    for step in (-1, 1):
        if 0 <= at + step < len(words):
            other = words[at + step]
            found |= {f"{step} lower": other.lower(), f"{step} title": other.istitle()}
    return found
def matrix(part):
    return [[features(words, at) for at in range(len(words))] for words in parts[part][0]]
train, val, test = matrix("train"), matrix("val"), matrix("test")
models = []
for c2 in (0.01, 0.1):
    model = sklearn_crfsuite.CRF(algorithm="lbfgs", c1=0.1, c2=c2, max_iterations=100)
    model.fit(train, parts["train"][1])
    models.append(model)
best = max(models, key=lambda model: f1_score(parts["val"][1], model.predict(val)))
print(json.dumps(["CRF with hand-made features", 100 * f1_score(parts["test"][1], best.predict(test))]))
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path)
    parser.add_argument("--only", default="emotion,irony,wnut17,author")
    parser.add_argument("--epochs", type=int, help="passes over the training part; default: the plan's")
    parser.add_argument("--peers", default=sys.executable, help="an interpreter with scikit-learn and sklearn-crfsuite")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as home:
        os.environ["TUI_LM_HOME"] = home
        for name in options.only.split(","):
            print(f"\n{name}")
            ours(name, options.data, options.epochs)
            peers(name, options.data, options.peers)


def files_of(name: str, data: Path) -> tuple[Path, Path | None, Path | None]:
    """Training, validation and test files; of a chat there is one file."""
    if name == "author":
        return data / "chat/dev_whatsapp.txt", None, None
    if name == "wnut17":
        folder = data / "labels/wnut17"
        return folder / "train.conll", folder / "dev.conll", folder / "test.conll"
    folder = data / f"labels/tweeteval-{name}"
    return folder / "train.tsv", folder / "val.tsv", folder / "test.tsv"


def ours(name: str, data: Path, epochs: int | None) -> None:
    train, val, test = files_of(name, data)
    extra = [] if val is None else ["--valid", str(val), "--test", str(test)]
    extra += ["--task", "author"] if name == "author" else []
    extra += ["--set", f"positive_label={TWEETS[name]}"] if TWEETS.get(name) not in (None, "macro_f1") else []
    extra += [] if epochs is None else ["--epochs", str(epochs)]
    began, used = time.monotonic(), processor_seconds()
    call(["train", str(train), "--name", name, *extra])
    wall, processor = time.monotonic() - began, processor_seconds() - used
    report = json.loads(call(["evaluate", name, str(test or train), "--json"]))
    for title, row in (
        ("ours", report),
        ("ours, network alone", report["network"]),
        ("ours, linear alone", report["baselines"]["linear"]),
        ("most frequent", report["baselines"]["majority"]),
    ):
        print(f"  {title:<50}{figure_of(name, row):6.1f}")
    print(f"  {'training':<50}{wall:6.0f} s, {processor:.0f} s of processor time")


def figure_of(name: str, row: dict[str, Any]) -> float:
    """The set's figure in per cent."""
    if name in ("author", "wnut17"):
        return float(row["accuracy" if name == "author" else "f1"])
    return float(row["macro_f1"] if TWEETS[name] == "macro_f1" else row["f1"][TWEETS[name]] or 0)


def peers(name: str, data: Path, python: str) -> None:
    program = PEER_TAGS if name == "wnut17" else PEER_TEXTS
    began, used = time.monotonic(), processor_seconds()
    done = subprocess.run(
        [python, "-c", program], input=json.dumps(parts_of(name, data)), capture_output=True, text=True
    )
    for line in done.stdout.splitlines():
        title, figure = json.loads(line)
        print(f"  {title:<50}{figure:6.1f}")
    if done.returncode:
        print(f"  the peers did not run: {done.stderr.strip().splitlines()[-1:]}")
    wall, processor = time.monotonic() - began, processor_seconds() - used
    print(f"  {'all peers together':<50}{wall:6.0f} s, {processor:.0f} s of processor time")


def parts_of(name: str, data: Path) -> dict[str, Any]:
    """The same three parts for the peers: texts and labels, or words and tags."""
    from tui_lm.corpus import read_corpus

    train, val, test = files_of(name, data)
    if val is None or test is None:
        corpus = read_corpus([train])
        chat = {part: [(m.text, m.author) for m in corpus.utterances[part]] for part in ("train", "val", "test")}
        return {"figure": "accuracy", **{part: list(zip(*rows, strict=True)) for part, rows in chat.items()}}
    found: dict[str, Any] = {"figure": TWEETS.get(name, "f1")}
    for part, path in (("train", train), ("val", val), ("test", test)):
        corpus = read_corpus([path])
        examples = [example for own in ("train", "val", "test") for example in corpus.examples(own)]
        sides = ("tokens", "tags") if name == "wnut17" else ("text", "label")
        found[part] = [[getattr(example, side) for example in examples] for side in sides]
    return found


def call(arguments: Sequence[str]) -> str:
    return subprocess.run(
        [sys.executable, "-m", "tui_lm", *arguments], check=True, stdout=subprocess.PIPE, text=True
    ).stdout


def processor_seconds() -> float:
    """Of all child processes that have ended."""
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


if __name__ == "__main__":
    main()
