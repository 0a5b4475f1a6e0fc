"""An order becomes a job: sources, redaction, the run to resume. Mistakes are errors before training."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from tests.conftest import TEXTS
from trainers.order import Order
from trainers.plan import Budget, Wishes
from trainers.run import run
from tui_lm import checkpoint, paths
from tui_lm.errors import TuiLmError
from tui_lm.source_options import SourceOptions
from tui_lm.split import Fractions

QUICK = Wishes(size="tiny", budget=Budget(steps=4), device="cpu")


@pytest.fixture
def chat(chat_file: Path) -> Order:
    return Order((chat_file,), QUICK)


@pytest.fixture
def pairs(tmp_path: Path) -> Order:
    path = tmp_path / "pairs.tsv"
    path.write_text("".join(f"{TEXTS[i % 3]} {i}\tmot {i} 07700 900{i:03d}\n" for i in range(60)), "utf-8")
    return Order((path,), QUICK)


def test_a_chat_is_redacted_unless_the_order_says_no(chat: Order) -> None:
    text = chat.read()
    assert text is not None and text.order.options.redact > 0
    text = replace(chat, redact=False).read()
    assert text is not None and text.order.options.redact == 0


def test_sentence_pairs_are_not_redacted_and_cannot_be(pairs: Order) -> None:
    text = pairs.read()
    assert text is not None
    assert text.job().card.reading == {}
    for order in (replace(pairs, redact=True), replace(pairs, options=SourceOptions(canaries=2))):
        text = order.read()
        assert text is not None
        with pytest.raises(TuiLmError, match="are not redacted"):
            text.job()


def test_a_second_file_is_the_whole_validation_part(pairs: Order, tmp_path: Path) -> None:
    valid = tmp_path / "valid.tsv"
    valid.write_text("".join(f"line {i}\tligne {i}\n" for i in range(20)), "utf-8")
    text = replace(pairs, valid=(valid,), test=(valid,)).read()
    assert text is not None
    assert [len(text.corpus.pairs[part]) for part in ("train", "val", "test")] == [60, 20, 20]


def test_authors_of_a_second_file_get_no_aliases(chat: Order) -> None:
    order = replace(chat, options=SourceOptions(alias_authors=True), valid=chat.sources)
    with pytest.raises(TuiLmError) as error:
        order.read()
    assert error.value.about == "alias_authors"


def test_the_user_is_an_author_or_is_asked(chat: Order) -> None:
    text = chat.read()
    assert text is not None
    assert text.job().card.me is None
    assert text.job(lambda corpus: corpus.authors[1]).card.me == "Bob"
    assert replace(text, order=replace(chat, me="Ann")).job(lambda corpus: None).card.me == "Ann"
    with pytest.raises(TuiLmError) as error:
        replace(text, order=replace(chat, me="Zoë")).job(lambda corpus: None)
    assert error.value.about == "me"


def test_a_resumed_run_keeps_its_own_options(chat: Order) -> None:
    first = replace(chat, name="m", fractions=Fractions(80, 10, 10), redact=False)
    text = first.read()
    assert text is not None
    list(run(text.job(), stop=lambda: True))
    assert checkpoint.is_unfinished(paths.models_dir() / "m")
    resumed = replace(chat, resume=True).read()
    assert resumed is not None
    assert resumed.corpus.fractions == Fractions(80, 10, 10)
    assert resumed.order.options.redact == 0
    list(run(resumed.job()))
    assert replace(chat, resume=True, name="m").read() is None, "there is nothing to resume"


@pytest.mark.parametrize(
    ("changed", "about"),
    [
        ({"wishes": Wishes(family="transformer")}, "arch"),
        ({"wishes": Wishes(size="giant")}, "size"),
        ({"wishes": Wishes(tokenizer="byte")}, "tokenizer"),
        ({"wishes": Wishes(task="chess")}, "task"),
        ({"wishes": Wishes(size="tiny"), "base": "m"}, "base"),
    ],
)
def test_an_impossible_order_is_refused_before_the_sources_are_read(changed: dict[str, object], about: str) -> None:
    with pytest.raises(TuiLmError) as error:
        replace(Order((Path("nowhere.txt"),)), **changed).check()  # type: ignore[arg-type]
    assert (error.value.about, error.value.exit_code) == (about, 2)


def test_a_name_that_is_taken_is_an_error_unless_it_may_be_replaced(saved: Path) -> None:
    order = Order((Path("chat.txt"),), name=saved.name)
    with pytest.raises(TuiLmError, match="already a model"):
        order.check()
    order.check(writes=False)
    replace(order, overwrite=True).check()
    replace(order, resume=True).check()
