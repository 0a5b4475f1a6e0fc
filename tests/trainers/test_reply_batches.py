"""Training on replies: each message once an epoch, with the context its author saw, resumed runs bit for bit."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from tests.trainers.conftest import require_same_after_a_cut
from trainers import job
from trainers.data import IGNORED
from trainers.pairs import PairBatch
from trainers.plan import Budget, Wishes
from trainers.reply_batches import Replies
from trainers.run import run
from tui_lm import checkpoint, tokenizers
from tui_lm.completion import Completer
from tui_lm.corpus import Corpus, Utterance, read_corpus
from tui_lm.engine import Engine
from tui_lm.events import Evaluated, Event
from tui_lm.runtime.reply import CONTEXT
from tui_lm.sampling import Sampler
from tui_lm.threads import context_of
from tui_lm.tokenizers import Specials
from tui_lm.tokenizers.specials import BEGIN, END, OTHER
from tui_lm.tokenizers.stream import WritingContext, history_ids, latest_messages

COLOURS = {"sky": "blue", "grass": "green", "snow": "white", "sun": "gold", "coal": "black", "rose": "red"}
TALK = [
    Utterance("Ann", "who has the key?", 0.0),
    Utterance("Bob", "Ann: which one?", 60.0),
    Utterance("Cid", "I am off", 120.0),
    Utterance("Ann", "the small one", 180.0),
    Utterance("Ann", "of the shed", 200.0),
    Utterance("Dora", "Cid, " + "and so on " * 20, 220.0),
    Utterance("Bob", "good morning", 90_000.0),
    Utterance("Ann", "yes?", 90_060.0),
]
TOKENIZER = tokenizers.train("char", [message.text for message in TALK], Specials(("Ann", "Bob", "Cid")))


def chance() -> np.random.Generator:
    return np.random.default_rng(0)


def read_by(batches: list[PairBatch]) -> list[list[int]]:
    """The context of each message, in the order of the batches."""
    return [batch.source[:n, i].tolist() for batch in batches for i, n in enumerate(batch.lengths.tolist())]


def written(batches: list[PairBatch]) -> list[str]:
    """The target texts."""
    columns = (column for batch in batches for column in batch.targets.T)
    return [TOKENIZER.decode(ids.tolist()) for column in columns if (ids := column[column != IGNORED])[-1] == END]


@pytest.mark.parametrize("tokens", [30, 100, 10_000])
def test_an_epoch_holds_every_message_once(tokens: int) -> None:
    replies = Replies.of(TALK * 3, TOKENIZER, author_dropout=0.3, no_context=0.3)
    batches = list(replies.batches(tokens, chance()))
    assert sorted(written(batches)) == sorted(3 * [message.text for message in TALK])
    largest = [max(batch.source.numel(), batch.inputs.numel()) for batch in batches if batch.inputs.shape[1] > 1]
    assert all(size <= tokens for size in largest)


def test_inputs_are_targets_one_step_later_and_authors_are_given() -> None:
    (batch,) = Replies.of(TALK, TOKENIZER).batches(10_000, None)
    assert (batch.inputs[0] == BEGIN).all()
    assert (batch.targets[0] == IGNORED).all()
    authors = [TOKENIZER.specials.author_id(message.author) for message in TALK]
    assert sorted(batch.inputs[1].tolist()) == sorted(authors)
    later = batch.targets[1:-1]
    assert torch.equal(batch.inputs[2:][later != IGNORED], later[later != IGNORED])


def test_contexts_equal_those_of_the_engine() -> None:
    """Without random omissions, each message has the context that an engine gives it, which does not know times."""
    untimed = [Utterance(message.author, message.text) for message in TALK]
    batches = list(Replies.of(untimed, TOKENIZER).batches(10_000, None))
    found = dict(zip(written(batches), read_by(batches), strict=True))
    for index, message in enumerate(untimed):
        history = [(earlier.author, earlier.text) for earlier in untimed[:index]]
        context = history_ids(TOKENIZER, context_of(history, message.author))
        assert found[message.text] == list(latest_messages(context, CONTEXT) or [END])


def test_a_conversation_that_begins_has_no_context() -> None:
    batches = list(Replies.of(TALK, TOKENIZER).batches(10_000, None))
    found = dict(zip(written(batches), read_by(batches), strict=True))
    assert found["who has the key?"] == found["good morning"] == [END]
    assert len(found["yes?"]) > 1


def test_half_of_the_contexts_are_the_messages_referred_to() -> None:
    """After her own message, to which Bob's belongs, or after the one that she sees."""
    talk = [Utterance("Ann", "hi"), Utterance("Cid", "I am off"), Utterance("Bob", "Ann: so")]
    replies, generator = Replies.of(talk, TOKENIZER), chance()
    seen = set()
    for _ in range(40):
        batches = list(replies.batches(10_000, generator))
        source = dict(zip(written(batches), read_by(batches), strict=True))["Ann: so"]
        seen.add(TOKENIZER.decode(source))
    assert seen == {"hi", "hiI am off"}


def test_contexts_and_authors_can_be_omitted() -> None:
    alone = list(Replies.of(TALK, TOKENIZER, no_context=1.0).batches(10_000, chance()))
    assert all(ids == [END] for ids in read_by(alone))
    unnamed = list(Replies.of(TALK, TOKENIZER, author_dropout=1.0).batches(10_000, chance()))
    everything = torch.cat([side.flatten() for batch in unnamed for side in (batch.source, batch.inputs)])
    assert not ((everything >= OTHER) & (everything < len(TOKENIZER.specials))).any()
    assert sorted(written(unnamed)) == sorted(message.text for message in TALK)


@pytest.fixture(scope="module")
def questions(tmp_path_factory: pytest.TempPathFactory) -> Corpus:
    """Ann asks for colours and Bob knows them: only who reads the question can tell the answer."""
    path = tmp_path_factory.mktemp("questions") / "WhatsApp Chat with Bob.txt"
    generator, things, rows = chance(), list(COLOURS), []
    for i in range(300):
        thing = things[int(generator.integers(len(things)))]
        at = f"{i // 3 % 28 + 1:02d}/{i // 84 + 1:02d}/2024, {i % 3 * 8 + 1:02d}:00"  # hours after the one before
        rows += [f"{at} - Ann: what colour is the {thing}?", f"{at} - Bob: {COLOURS[thing]}"]
    path.write_text("\n".join(rows) + "\n", encoding="utf-8")
    return read_corpus([path])


def train(corpus: Corpus, folder: Path, steps: int, **settings: object) -> list[Event]:
    wishes = Wishes(family="seq2seq", size="tiny", budget=Budget(steps=steps), device="cpu", settings=settings)
    torch.set_num_threads(1)
    return list(run(job.new(corpus, folder, "Bob", wishes)))


def test_answers_are_learned(questions: Corpus, home: Path) -> None:
    folder = home / "models" / "m"
    events = train(
        questions, folder, 350, batch_tokens=256, dim=32, hidden_size=64, learning_rate=0.005, ema=20, evaluations=3
    )
    losses = [event.loss for event in events if isinstance(event, Evaluated)]
    assert losses[-1] < losses[0]
    engine = Engine(checkpoint.load(folder))
    assert engine.answers
    completer = Completer.open(folder, engine, private=True)
    right = best = 0
    for thing, colour in COLOURS.items():
        asked = WritingContext(author="Bob", history=[("Ann", f"what colour is the {thing}?")])
        right += engine.generate(asked, sampler=Sampler(temperature=0.0)).text == colour
        best += completer.replies(asked)[0].text == colour
    assert right >= 5
    assert best >= 5


@pytest.mark.usefixtures("one_thread")
def test_an_interrupted_run_resumes_bit_for_bit(questions: Corpus, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("trainers.best.SAVE_EVERY", 0.0)
    settings = {"batch_tokens": 256, "evaluations": 6, "dim": 12, "hidden_size": 16}
    wishes = Wishes(family="seq2seq", size="tiny", budget=Budget(steps=24), device="cpu", settings=settings)
    require_same_after_a_cut(questions, "Bob", wishes, home / "models")
