"""`tui-lm train --arch word2vec` and `tui-lm similar`, as a user types them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.conftest import Run


@pytest.fixture
def text(tmp_path: Path) -> Path:
    path = tmp_path / "kinds.txt"
    drinks, animals = ("tea", "coffee", "milk"), ("cat", "dog", "horse")
    lines = []
    for i in range(300):
        lines.append(f"I drink a cup of hot {drinks[i % 3]} now.\n")
        lines.append(f"The furry {animals[i % 3]} runs over the grass.\n")
    path.write_text("".join(lines), "utf-8")
    return path


def test_neighbours_of_a_word_are_listed_with_their_cosine(tui_lm: Run, text: Path) -> None:
    code, _, err = tui_lm("train", text, "--arch", "ppmi", "--name", "kinds", "--set", "dim=8")
    assert code == 0, err
    assert "tui-lm similar -m kinds WORD" in err
    code, out, err = tui_lm("similar", "tea", "-n", "2")
    assert code == 0, err
    rows = [line.split() for line in out.splitlines()]
    assert {word for _, word in rows} == {"coffee", "milk"}
    assert all(-1 <= float(cosine) <= 1 for cosine, _ in rows)


def test_a_sum_is_answered_as_json_quoted_or_not(tui_lm: Run, text: Path) -> None:
    tui_lm("train", text, "--arch", "ppmi", "--name", "kinds", "--set", "dim=8")
    _, quoted, _ = tui_lm("similar", "-m", "kinds", "tea - coffee + cat", "--json")
    _, apart, _ = tui_lm("similar", "tea", "-", "coffee", "+", "cat", "--json")
    assert quoted == apart
    answer = json.loads(quoted)
    assert answer["expression"] == "tea - coffee + cat"
    assert {"tea", "coffee", "cat"}.isdisjoint(near["word"] for near in answer["neighbours"])
    _, own, _ = tui_lm("similar", "tea", "-", "coffee", "+", "cat", "--own", "--json", "-n", "1")
    assert json.loads(own)["neighbours"][0]["word"] in ("tea", "cat")


def test_an_unknown_word_is_an_error_with_near_spellings(tui_lm: Run, text: Path) -> None:
    tui_lm("train", text, "--arch", "ppmi", "--name", "kinds", "--set", "dim=8")
    code, out, err = tui_lm("similar", "coffe")
    assert (code, out) == (1, "")
    assert err.splitlines()[0] == "error: there is no vector for coffe"
    assert "coffee" in err


def test_without_vectors_the_user_is_told_how_to_learn_some(tui_lm: Run) -> None:
    code, _, err = tui_lm("similar", "tea")
    assert code == 1
    assert "--arch word2vec" in err


def test_word_vectors_write_no_text(tui_lm: Run, text: Path) -> None:
    tui_lm("train", text, "--arch", "ppmi", "--name", "kinds", "--set", "dim=8")
    code, _, err = tui_lm("generate", "-m", "kinds")
    assert code == 1
    assert "kinds is not a language model" in err


def test_explain_lists_the_settings_of_the_vectors_and_no_others(tui_lm: Run, text: Path) -> None:
    code, out, err = tui_lm("train", text, "--arch", "fasttext", "--explain")
    assert code == 0, err
    settings = {line.split(" = ")[0].strip() for line in out.splitlines() if " = " in line}
    assert {"window", "negatives", "subsampling", "min_count", "dim", "buckets", "learning_rate"} <= settings
    assert not {"optimizer", "betas", "dropout_input", "warmup"} & settings


VECTORS = "4 2\nman 0 1\nwoman 1 1\nking 0.1 3\nqueen 1.1 3\n"


def test_vectors_of_another_program_are_imported_used_and_exported_again(tui_lm: Run, tmp_path: Path) -> None:
    (tmp_path / "toy.vec").write_text(VECTORS, "utf-8")
    code, _, err = tui_lm("models", "import", tmp_path / "toy.vec")
    assert code == 0, err
    code, out, err = tui_lm("similar", "king", "-", "man", "+", "woman", "-n", "1")
    assert code == 0, err
    assert out.split()[1] == "queen"
    code, _, err = tui_lm("models", "export", "toy", tmp_path / "again.txt", "--to", "word2vec")
    assert code == 0, err
    assert (tmp_path / "again.txt").read_text("utf-8").startswith("4 2\nman 0 1\nwoman 1 1\nking 0.1")


def test_a_file_of_vectors_is_trained_on_and_starts_a_word_model(tui_lm: Run, text: Path, tmp_path: Path) -> None:
    file = tmp_path / "toy.vec"
    file.write_text("3 4\ntea 1 0 0 1\ncoffee 1 0 0 0.9\nxyzzy 0 1 0 0\n", "utf-8")
    code, _, err = tui_lm("train", text, "--from", file, "--steps", "3", "--name", "more")
    assert code == 0, err
    code, out, _ = tui_lm("similar", "-m", "more", "xyzzy", "-n", "1")
    assert (code, len(out.splitlines())) == (0, 1)
    options = ("--arch", "gru", "--size", "tiny", "--steps", "2", "--name", "words")
    code, _, err = tui_lm("train", text, "--embeddings", file, *options)
    assert code == 0, err
    assert "2 of" in err
    code, out, err = tui_lm("similar", "-m", "words", "tea", "-n", "3")
    assert code == 0, err
    assert out.split()[1] == "coffee"


def test_a_map_is_printed_or_written_as_a_picture(tui_lm: Run, tmp_path: Path) -> None:
    (tmp_path / "toy.vec").write_text(VECTORS, "utf-8")
    tui_lm("models", "import", tmp_path / "toy.vec")
    code, out, err = tui_lm("similar", "king", "--map", "--axes", "man:woman,man:king")
    assert code == 0, err
    assert "●king" in out
    assert "man → woman to the right, man → king upwards" in " ".join(out.split())
    code, _, err = tui_lm("similar", "king", "--svg", tmp_path / "map.svg")
    assert code == 0, err
    assert (tmp_path / "map.svg").read_text("utf-8").count("<circle") == 4
