"""`tui-lm evaluate` of a translator: the pairs that are scored, and the output."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from tests.cli.conftest import Run
from tui_lm import checkpoint
from tui_lm.corpus import fingerprint

PAIRS = [(f"see you at {i % 40}", f"à {i}") for i in range(60)]  # twenty sources have two translations


@pytest.fixture
def pairs_file(tmp_path: Path) -> Path:
    path = tmp_path / "pairs.tsv"
    path.write_text(
        "".join(f"{source}\t{target}\tvers {i % 40 // 2}\n" for i, (source, target) in enumerate(PAIRS)),
        encoding="utf-8",
    )
    return path


def scored(tui_lm: Run, *arguments: object) -> dict[str, object]:
    code, out, err = tui_lm("evaluate", "french", *arguments, "--beam", 1, "--json")
    assert (code, err) == (0, "")
    report: dict[str, object] = json.loads(out)
    return report


def test_a_new_file_is_scored_whole_each_source_once(tui_lm: Run, saved_translator: Path, pairs_file: Path) -> None:
    report = scored(tui_lm, pairs_file)
    assert report["sentences"] == 40
    assert "nrefs:var" in str(report["signature"]) and "case:mixed" in str(report["signature"])
    assert isinstance(report["bleu"], float) and isinstance(report["chrf"], float)
    assert "case:lc" in str(scored(tui_lm, pairs_file, "--lower-case")["signature"])
    assert "sentences" in tui_lm("evaluate", "french", pairs_file, "--beam", 1)[1]


def test_more_columns_are_more_references(tui_lm: Run, saved_translator: Path, pairs_file: Path) -> None:
    assert "nrefs:1|" in str(scored(tui_lm, pairs_file, "--columns", "1,3")["signature"])
    report = scored(tui_lm, pairs_file, "--columns", "1,2,3")
    assert report["sentences"] == 40 and "nrefs:var" in str(report["signature"])
    assert scored(tui_lm, pairs_file, "--columns", "3,1")["sentences"] != 40


def test_the_test_split_of_the_training_file_is_scored(
    tui_lm: Run,
    saved_translator: Path,
    make_pairs_model,
    pairs_file: Path,  # type: ignore[no-untyped-def]
) -> None:
    model = make_pairs_model()
    card = replace(model.card, sources=(fingerprint([pairs_file]),), split=(60, 20, 20), reading={"seed": 3})
    checkpoint.save(saved_translator, replace(model, card=card))
    sizes = {part: scored(tui_lm, pairs_file, "--split", part)["sentences"] for part in ("train", "val", "test", "all")}
    assert scored(tui_lm, pairs_file)["sentences"] == sizes["test"]
    assert sizes["train"] + sizes["val"] + sizes["test"] == sizes["all"] == 40  # type: ignore[operator]
    assert sizes["test"] < 20  # type: ignore[operator]


def test_parallel_files_are_scored_line_by_line(tui_lm: Run, saved_translator: Path, tmp_path: Path) -> None:
    for name, column in (("a.en", 0), ("a.fr", 1)):
        (tmp_path / name).write_text("".join(f"{pair[column]}\n" for pair in PAIRS), encoding="utf-8")
    assert scored(tui_lm, "--parallel", tmp_path / "a.en", tmp_path / "a.fr")["sentences"] == 40


def test_a_split_without_pairs_gives_nulls(
    tui_lm: Run,
    saved_translator: Path,
    make_pairs_model,
    pairs_file: Path,  # type: ignore[no-untyped-def]
) -> None:
    model = make_pairs_model()
    checkpoint.save(
        saved_translator,
        replace(model, card=replace(model.card, split=(100, 0, 0))),
    )
    report = scored(tui_lm, pairs_file, "--split", "test")
    assert (report["bleu"], report["chrf"], report["sentences"]) == (None, None, 0)
    assert "no sentence pairs" in tui_lm("evaluate", "french", pairs_file, "--split", "test")[1]


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["french"], 2),
        (["french", "pairs.tsv", "--window", "5"], 2),
        (["french", "pairs.tsv", "--columns", "1"], 2),
        (["french", "pairs.tsv", "--columns", "1,7"], 1),
        (["french", "missing.tsv"], 1),
        (["french", "chat.txt"], 1),
        (["small", "pairs.tsv", "--lower-case"], 2),
        (["small", "pairs.tsv"], 1),
    ],
)
def test_evaluate_errors_have_a_message_and_a_hint(
    tui_lm: Run,
    saved: Path,
    saved_translator: Path,
    pairs_file: Path,
    chat_file: Path,
    arguments: list[str],
    code: int,
) -> None:
    files = {"pairs.tsv": pairs_file, "chat.txt": chat_file}
    told, out, err = tui_lm("evaluate", *(files.get(argument, argument) for argument in arguments))
    assert (told, out) == (code, "") and len(err.splitlines()) == 2
