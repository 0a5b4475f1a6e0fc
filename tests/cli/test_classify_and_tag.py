"""`tui-lm classify` and `tag`: lines in, lines out, and `evaluate` of their models."""

from __future__ import annotations

import io
import json
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from tests.cli.conftest import Run
from tests.test_imports import RUN, child
from trainers import job
from trainers.plan import Budget, Wishes
from trainers.run import run
from tui_lm import checkpoint
from tui_lm.architecture import Classifier
from tui_lm.classification.tokens import text_ids
from tui_lm.corpus import Corpus
from tui_lm.labelled_texts import LabelledText
from tui_lm.runtime.classifier import ClassifierRuntime
from tui_lm.split import Fractions
from tui_lm.tagged_sentences import TaggedSentence

MOODS = {"joy": ["what a lovely day", "so happy today", "we won at last"], "anger": ["go away now", "I hate this rain"]}
TEXTS = [LabelledText(text, label) for label, texts in MOODS.items() for text in texts] * 12
SENTENCES = [
    TaggedSentence(("Ann", "met", "Bob", "."), ("B-person", "O", "B-person", "O")),
    TaggedSentence(("Bob", "went", "to", "New", "York"), ("B-person", "O", "O", "B-place", "I-place")),
    TaggedSentence(("it", "rained"), ("O", "O")),
] * 15
WISHES = Wishes(size="tiny", budget=Budget(steps=12), device="cpu")


def trained(corpus: Corpus, folder: Path, wishes: Wishes = WISHES) -> Path:
    list(run(job.new(corpus, folder, None, wishes)))
    return folder


@pytest.fixture(scope="module")
def classifier(tmp_path_factory: pytest.TempPathFactory) -> Path:
    parts = {"train": TEXTS[:40], "val": TEXTS[40:], "test": []}
    return trained(Corpus("labelled", Fractions(), "moods", labelled=parts), tmp_path_factory.mktemp("models") / "mood")


@pytest.fixture(scope="module")
def tagger(tmp_path_factory: pytest.TempPathFactory) -> Path:
    parts = {"train": SENTENCES[:36], "val": SENTENCES[36:], "test": []}
    return trained(Corpus("tagged", Fractions(), "names", tagged=parts), tmp_path_factory.mktemp("models") / "names")


def piped(monkeypatch: pytest.MonkeyPatch, data: bytes) -> None:
    monkeypatch.setattr("sys.stdin", SimpleNamespace(buffer=io.BytesIO(data), isatty=lambda: False))


def test_a_text_gets_its_label(tui_lm: Run, classifier: Path) -> None:
    assert tui_lm("classify", "so", "happy", "today", "-m", classifier) == (0, "joy\n", "")


def test_json_has_every_probability(tui_lm: Run, classifier: Path) -> None:
    code, out, _ = tui_lm("classify", "I hate this rain", "-m", classifier, "--json")
    answer = json.loads(out)
    assert code == 0 and answer["label"] == "anger" and answer["text"] == "I hate this rain"
    assert list(answer["probabilities"]) == ["anger", "joy"]
    assert sum(answer["probabilities"].values()) == pytest.approx(1, abs=1e-3)


def test_both_answer_without_torch(classifier: Path, tagger: Path, home: Path) -> None:
    for command, model in (("classify", classifier), ("tag", tagger)):
        result = child(RUN.format(arguments=[command, "-m", str(model), "--json"]), home, "so happy\n\nAnn\n")
        assert result.returncode == 0 and result.stdout.count("\n") == 3, result.stderr


def test_the_words_that_mattered_are_shown_by_each_method(tui_lm: Run, classifier: Path) -> None:
    answer = json.loads(tui_lm("classify", "so happy, at last", "-m", classifier, "--words", "--json")[1])
    words = {word["word"]: word for word in answer["words"]}
    assert list(words) == ["so", "happy", ",", "at", "last"]
    assert sum(word["attention"] for word in words.values()) <= 1
    assert words["happy"]["linear"] > words[","]["linear"] and words["happy"]["erasure"] > words[","]["erasure"]
    code, out, _ = tui_lm("classify", "so happy", "-m", classifier, "--words", "--gradients")
    assert code == 0 and all(name in out for name in ("attention", "gradient", "erasure", "linear", "happy"))


def test_gradient_times_input_is_the_derivative_of_the_log_probability(classifier: Path) -> None:
    from tui_lm.inspection.autograd import label_saliency

    model = checkpoint.load(classifier)
    shape, table = model.card.architecture, model.weights["embedding.weight"]
    assert isinstance(shape, Classifier)
    tokens = text_ids(model.tokenizer, "so happy today")
    token, step = tokens[2], 1e-3  # a small stretch of one token's embedding

    def log_probability(stretch: float) -> float:
        stretched = table.astype(np.float64)
        stretched[token] *= 1 + stretch
        weights = {name: weight.astype(np.float64) for name, weight in model.weights.items()}
        logits = ClassifierRuntime(shape, {**weights, "embedding.weight": stretched}).logits([tokens])[0]
        return float(logits[0] - np.logaddexp.reduce(logits))

    slope = (log_probability(step) - log_probability(-step)) / (2 * step)
    assert label_saliency(model, tokens, 0)[2] == pytest.approx(slope, abs=1e-3)


def test_a_classifier_begins_from_a_language_model(tui_lm: Run, saved: Path, tmp_path: Path) -> None:
    path = tmp_path / "moods.tsv"
    path.write_text("text\tlabel\n" + "".join(f"{text.text} {i}\t{text.label}\n" for i, text in enumerate(TEXTS)))
    code, _, err = tui_lm("train", path, "--from", "small", "--steps", 6, "--name", "tuned")
    assert code == 0, err
    assert tui_lm("classify", "so happy today", "-m", "tuned")[1] == "joy\n"


def test_as_many_lines_come_out_as_went_in(
    tui_lm: Run, classifier: Path, tagger: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lines = [
        b"so happy today",
        b"",
        b"  ",
        b"\xff\xfe broken",
        "naïve 日本 👍".encode(),
        b"x" * 5000,
        b"a\tb\x00c",
    ] * 20
    for command, model, options in (
        ("classify", classifier, ()),
        ("classify", classifier, ("--json",)),
        ("tag", tagger, ()),
        ("tag", tagger, ("--json",)),
    ):
        piped(monkeypatch, b"\n".join(lines) + b"\n")
        assert tui_lm(command, "-m", model, "-o", tmp_path / "out.txt", *options) == (0, "", "")
        assert (tmp_path / "out.txt").read_bytes().count(b"\n") == len(lines)


def test_a_file_and_a_pipe_give_the_same(
    tui_lm: Run, classifier: Path, tagger: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lines = "\n".join(text.text for text in TEXTS[:10]) + "\nAnn went to New York\n"
    (tmp_path / "in.txt").write_text(lines, "utf-8")
    for command, model in (("classify", classifier), ("tag", tagger)):
        piped(monkeypatch, lines.encode())
        _, of_pipe, _ = tui_lm(command, "-m", model)
        code, out, _ = tui_lm(command, "-m", model, "-i", tmp_path / "in.txt", "-o", tmp_path / "out.txt")
        assert (code, out) == (0, "") and (tmp_path / "out.txt").read_text("utf-8") == of_pipe


def test_words_get_their_tags(tui_lm: Run, tagger: Path) -> None:
    assert tui_lm("tag", "Ann met Bob.", "-m", tagger)[1] == "Ann/B-person met/O Bob/B-person ./O\n"
    assert tui_lm("tag", "Ann met", "-m", tagger, "--conll")[1] == "Ann\tB-person\nmet\tO\n\n"
    answer = json.loads(tui_lm("tag", "Bob went to New York", "-m", tagger, "--json")[1])
    assert answer["tags"] == ["B-person", "O", "O", "B-place", "I-place"]
    assert [answer["text"][begin:end] for begin, end in answer["spans"]] == answer["tokens"]
    assert all(0 < p <= 1 for p in answer["probabilities"])


def test_a_terminal_gets_entities_with_their_type(tagger: Path) -> None:
    from tui_lm.cli.tag import _coloured
    from tui_lm.tagging.tagger import SentenceTagger

    opened = SentenceTagger.open(tagger)
    (answer,) = opened.tag(["Bob went to New York!"])
    shown = _coloured(opened.labels)(answer)
    assert "\x1b[" in shown and "place" in shown and shown.endswith("!\n")


def test_a_model_of_another_purpose_is_refused(tui_lm: Run, classifier: Path, tagger: Path) -> None:
    code, out, err = tui_lm("tag", "hello", "-m", classifier)
    assert (code, out) == (1, "") and "mood is not a tagger" in err and err.count("\n") == 2
    code, _, err = tui_lm("complete", "hello", "-m", tagger)
    assert code == 1 and "names is not a language model" in err
    code, _, err = tui_lm("classify", "hello")
    assert code == 1 and "no classifier yet" in err


def test_a_classifier_is_evaluated_beside_simpler_ones(tui_lm: Run, classifier: Path, tmp_path: Path) -> None:
    path = tmp_path / "new.tsv"
    path.write_text("text\tlabel\n" + "".join(f"{text.text}\t{text.label}\n" for text in TEXTS[:5]) + "hm\tother\n")
    report = json.loads(tui_lm("evaluate", classifier, path, "--json")[1])
    assert report["texts"] == 6 and report["unknown_labels"] == 1
    assert report["accuracy"] == pytest.approx(100 * 5 / 6, abs=0.01)
    assert sum(map(sum, report["confusion"]["counts"])) == 5
    assert report["baselines"].keys() == {"majority", "linear"} and 0 <= report["calibration_error"] <= 100
    code, out, _ = tui_lm("evaluate", classifier, path)
    assert code == 0 and "most frequent label" in out and "F1 of joy" in out


def test_a_tagger_is_evaluated_beside_simpler_ones(tui_lm: Run, tagger: Path, tmp_path: Path) -> None:
    path = tmp_path / "new.conll"
    rows = ("\n".join(map("\t".join, zip(s.tokens, s.tags, strict=True))) for s in SENTENCES[:6])
    path.write_text("\n\n".join(rows) + "\n\n", "utf-8")
    report = json.loads(tui_lm("evaluate", tagger, path, "--json")[1])
    assert report["f1"] == report["accuracy"] == 100 and report["types"]["place"]["entities"] == 2
    assert report["baselines"]["majority"]["f1"] == 0
    code, out, _ = tui_lm("evaluate", tagger, path)
    assert code == 0 and "entity F1" in out and "linear CRF" in out


def test_options_of_other_models_are_refused(tui_lm: Run, classifier: Path, tmp_path: Path) -> None:
    assert tui_lm("evaluate", classifier, tmp_path, "--window", 5)[0] == 2
    assert tui_lm("evaluate", classifier, tmp_path, "--beam", 5)[0] == 2


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("text\tlabel\n" + "one text\tjoy\n" * 20, "all texts have the same label"),
        ("text\tlabel\n" + "".join(f"text {i}\tlabel {i}\n" for i in range(40)), "different labels in"),
        ("text\tlabel\nonly\tjoy\nfew\tanger\n", "there are only"),
    ],
)
def test_labels_that_cannot_be_learned_are_refused(tui_lm: Run, tmp_path: Path, content: str, message: str) -> None:
    path = tmp_path / "labels.tsv"
    path.write_text(content, "utf-8")
    code, out, err = tui_lm("train", path, "--split", "100,0,0", "--name", "x")
    assert (code, out) == (1, "") and message in err and err.count("\n") == 2


def test_read_counts_labels_and_tags(tui_lm: Run, tmp_path: Path) -> None:
    (tmp_path / "a.tsv").write_text("text\tlabel\nso happy\tjoy\ngo away\tanger\n", "utf-8")
    (tmp_path / "b.conll").write_text("Ann\tB-x\nsang\tO\n\nBob\tB-x\nsat\tO\n\n" * 3, "utf-8")
    texts, sentences = (json.loads(tui_lm("read", tmp_path / name, "--json")[1]) for name in ("a.tsv", "b.conll"))
    assert (texts["format"], texts["texts"], texts["labels"]) == ("labelled", 2, 2)
    assert (sentences["format"], sentences["sentences"], sentences["words"], sentences["tags"]) == ("tagged", 6, 12, 2)
