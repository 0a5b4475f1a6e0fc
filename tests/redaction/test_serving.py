"""A model never samples, suggests or shows a placeholder, however probable it is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from tui_lm import tokenizers
from tui_lm.architecture import Recurrent
from tui_lm.checkpoint import SavedModel
from tui_lm.completion import Completer
from tui_lm.completion.suggestion import Candidate
from tui_lm.completion.training_counts import build
from tui_lm.engine import Engine
from tui_lm.redaction import begins_placeholder, holds_placeholder
from tui_lm.redaction.placeholder import PLACEHOLDERS, PrivateKind
from tui_lm.sampling import Sampler
from tui_lm.tokenizers import Specials, Tokenizers
from tui_lm.tokenizers.stream import WritingContext
from tui_lm.utterances import Utterance

PHONE = PLACEHOLDERS[PrivateKind.PHONE]
TEXTS = [f"call me on {PHONE}, ok", f"my number: {PHONE}", "see you tomorrow at six"] * 20
MESSAGES = [Utterance(("Ann", "Bob")[i % 2], text) for i, text in enumerate(TEXTS)]


@pytest.fixture(params=["char", "subword", "word"])
def eager(request: pytest.FixtureRequest, make_model: Callable[..., SavedModel]) -> Engine:
    """An engine whose model gives nearly all probability to placeholders."""
    model = make_model()
    fitted = tokenizers.train(request.param, TEXTS, Specials(("Ann", "Bob")), 600)
    shape = Recurrent("lstm", fitted.vocab_size, dim=12, hidden_size=16, num_layers=1)
    generator = np.random.default_rng(0)
    weights = {name: generator.standard_normal(s).astype(np.float32) * 0.1 for name, s in shape.weights().items()}
    wanted = [token for token, surface in enumerate(fitted.surfaces) if begins_placeholder(surface)]
    assert wanted
    weights["head.bias"][wanted] = 9.0
    card = replace(model.card, architecture=shape, tokenizer=request.param, reading={"redact": 1})
    return Engine(SavedModel(card, Tokenizers.shared(fitted), weights))


def test_no_placeholder_is_sampled_or_shown(eager: Engine) -> None:
    for seed in range(5):
        for temperature in (0.0, 1.0, 2.0):
            answer = eager.generate(
                WritingContext("call me on "), sampler=Sampler(temperature=temperature), max_new_tokens=60, seed=seed
            )
            assert not holds_placeholder(answer.text)
    shown = eager.next_token(WritingContext("call me on "))
    assert not any("\ue9f6" in label or "E9F6" in label for label, _ in shown.candidates)


@pytest.mark.parametrize("text", ["", "call me on ", "my number:", "my number: ", "call me on \ue9f6", "see y"])
def test_no_placeholder_is_suggested(text: str, eager: Engine) -> None:
    for engine in (eager, None):
        completer = Completer(engine, build(MESSAGES), sure=0.01)
        completer.learn(WritingContext(f"{PHONE} {PHONE}"))
        suggestion = completer.complete(WritingContext(text, "Ann"), n=50)
        added = [candidate.text.removeprefix(text.rpartition(" ")[2]) for candidate in suggestion.candidates]
        assert not any(map(holds_placeholder, [*added, suggestion.ghost]))
        replies = completer.replies(WritingContext(author="Ann", history=[("Bob", text)]), n=50)
        assert not any(holds_placeholder(reply.text) for reply in replies)


def test_removing_placeholders_does_not_make_other_words_probable(eager: Engine) -> None:
    suggestion = Completer(eager, None).complete(WritingContext("call me on ", "Ann"))
    assert sum(candidate.probability for candidate in suggestion.candidates) < 0.05
    assert suggestion.ghost == ""


def test_other_words_are_still_suggested() -> None:
    completer = Completer(None, build(MESSAGES))
    assert [candidate.text for candidate in completer.candidates(WritingContext("see "))][:1] == ["you"]


def test_a_sent_message_is_redacted_before_it_is_learned(eager: Engine) -> None:
    completer = Completer(eager, build(MESSAGES))
    completer.learn(WritingContext("the plumber is Wolfgang, 07700 900123", "Ann"))
    offered = [
        word.text for text in ("the plumber is ", "is W", "", "0", "07700 ", "9") for word in _all(completer, text)
    ]
    assert any("Wolfgang" in word for word in offered)
    assert not any("07700" in word or "900123" in word for word in offered)


def test_a_model_trained_without_redaction_learns_messages_as_sent(eager: Engine) -> None:
    eager.card = replace(eager.card, reading={})
    completer = Completer(eager, build(MESSAGES))
    completer.learn(WritingContext("07700 900123", "Ann"))
    assert any("900123" in word.text for word in _all(completer, "07700 "))


def _all(completer: Completer, text: str) -> tuple[Candidate, ...]:
    return completer.candidates(WritingContext(text, "Ann"), n=50)
