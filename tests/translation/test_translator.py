"""One translation per line for any input, independent of batching."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.translation.conftest import Chances, Ids, noisy
from tui_lm import tokenizers
from tui_lm.safe_text import without_controls
from tui_lm.tokenizers import Specials, Tokenizers
from tui_lm.tokenizers.specials import END, UNKNOWN
from tui_lm.translation import BeamOptions, Translation, Translator
from tui_lm.translation.answer import cleaned

Make = Callable[..., Translator]
EVERY_LINE = st.text(st.characters(codec=None, exclude_characters="\n"), max_size=40)


def test_a_translation_holds_its_tokens_and_their_probabilities(make_translator: Make) -> None:
    found = make_translator().translate("  see you, ann ")
    assert (found.source, found.text) == ("  see you, ann ", "see you, ann")
    assert "".join(found.tokens) == found.text
    assert len(found.probabilities) == len(found.tokens)
    assert found.probabilities == pytest.approx([1.0] * len(found.tokens))
    assert found.alignment is not None
    assert found.alignment.shape == (len(found.tokens), len(found.source_tokens))
    assert found.alignment.sum(axis=1) == pytest.approx(1.0)
    assert "".join(found.source_tokens) == "see you, ann</s>"


def test_words_are_aligned_with_words(make_translator: Make) -> None:
    weights = make_translator().translate("see you there").words()
    assert weights is not None
    assert weights.argmax(axis=1).tolist() == [0, 1, 2]


def test_without_attention_there_is_no_alignment(make_translator: Make) -> None:
    found = make_translator(looks=None).translate("see you")
    assert (found.text, found.alignment, found.words()) == ("see you", None, None)


def test_a_blank_line_is_not_decoded(make_translator: Make) -> None:
    def never(source: Ids, prefix: Ids) -> Chances:
        raise AssertionError

    for line in ("", "  ", "\t\r", "\0", "\ufeff", "\u2028"):
        assert make_translator(says=never).translate(line) == Translation(line, "")


@settings(deadline=None, max_examples=60)
@given(st.lists(EVERY_LINE, max_size=6))
def test_every_line_gives_one_line(lines: list[str]) -> None:
    for kind in ("char", "subword", "word"):
        translator = ECHOES[kind]
        found = list(translator.translate_many(lines, BeamOptions(beam=2)))
        assert [answer.source for answer in found] == lines
        for answer in found:
            assert answer.text == without_controls(answer.text)
            assert answer.text == answer.text.strip()
            assert "".join(answer.tokens) == answer.text
            if kind != "word":
                assert answer.text == cleaned(answer.source)


def test_a_translation_does_not_depend_on_batches_or_threads(make_translator: Make) -> None:
    translator = make_translator(says=noisy(290))
    lines = ["see you", "", "a", "tomorrow at six, or so", "see you", "x" * 30, "why?"] * 3
    options = BeamOptions(beam=3, answers=2)
    alone = [translator.translate(line, options) for line in lines]
    for window, threads in ((1024, 1), (4, 1), (1024, 3)):
        together = list(translator.translate_many(lines, options, window=window, threads=threads))
        for one, other in zip(alone, together, strict=True):
            assert (one.text, one.probabilities, one.score) == (other.text, other.probabilities, other.score)
            assert [a.text for a in one.others] == [a.text for a in other.others]


def test_a_window_is_translated_before_the_next_line_is_taken(make_translator: Make) -> None:
    read = 0

    def lines() -> Iterator[str]:
        nonlocal read
        for line in ("a", "b", "c"):
            read += 1
            yield line

    for count, _ in enumerate(make_translator().translate_many(lines(), window=1), start=1):
        assert read == count


def test_nbest_translations_have_different_texts(make_translator: Make) -> None:
    found = make_translator(says=noisy(290)).translate("see", BeamOptions(beam=4, answers=4))
    texts = [found.text, *(other.text for other in found.others)]
    assert len(texts) == len(set(texts)) > 1
    scores = [found.score, *(other.score for other in found.others)]
    assert scores == sorted(scores, reverse=True)


def test_a_long_line_is_translated_in_pieces_and_joined(make_translator: Make) -> None:
    line = "see you there. " * 40
    found = make_translator().translate(line)
    assert found.text == line.strip()
    assert "".join(found.tokens) == found.text
    assert found.alignment is not None
    assert found.alignment.shape == (len(found.tokens), len(found.source_tokens))
    assert found.alignment.sum(axis=1) == pytest.approx(1.0)
    weights = found.words()
    assert weights is not None
    assert np.array_equal(weights.argmax(axis=1), np.arange(120))


def test_the_attention_of_a_very_long_line_is_kept_per_piece(make_translator: Make) -> None:
    found = make_translator().translate("see you there. " * 1000)
    assert found.attention is not None
    assert len(found.attention) == 1000
    assert sum(block.nbytes for block in found.attention) < 5e6, "the whole matrix has 15,000 rows and columns"
    assert found.alignment is None, "it would fill the memory"


def test_lone_surrogates_are_removed_from_the_source(make_translator: Make) -> None:
    assert make_translator().translate("see \ud83d you\udc00").text == "see  you"
    assert make_translator().translate("\ud800") == Translation("\ud800", "")


def test_a_translation_cut_at_max_length_ends_with_a_whole_character(make_translator: Make) -> None:
    fitted = tokenizers.train("char", ["abc "] * 3, Specials())
    family = fitted.encode("👨\u200d👩")
    translator = make_translator(fitted, lambda source, prefix: {family[len(prefix) % len(family)]: 1.0})
    for length in range(1, len(family) + 1):
        text = translator.translate("abc", BeamOptions(beam=1, max_length=length)).text
        assert text in ("", "👨", "👨\u200d👩")


def test_invalid_bytes_and_line_breaks_are_removed_from_a_translation(make_translator: Make) -> None:
    fitted = tokenizers.train("char", ["abc "] * 3, Specials())
    says = [*fitted.encode("a"), len(fitted.specials) + 0xE0, *fitted.encode("b\n\x1b\u2028c"), END]
    found = make_translator(fitted, lambda source, prefix: {says[len(prefix)]: 1.0}).translate("abc")
    assert found.text == "ab  c"


def test_an_unknown_word_is_copied_from_the_most_attended_source_word(make_translator: Make) -> None:
    fitted = tokenizers.train("word", ["see you there"] * 3, Specials())
    translator = make_translator(fitted)
    assert translator.translate("see Zoë there").text == "see Zoë there"
    assert translator.translate("Zoë").text == "Zoë"


def test_without_attention_unk_is_never_generated(make_translator: Make) -> None:
    fitted = tokenizers.train("word", ["see you there"] * 3, Specials())
    known = fitted.encode("you")[0]
    translator = make_translator(
        fitted, lambda source, prefix: {END: 1.0} if prefix else {UNKNOWN: 0.9, known: 0.1}, None
    )
    assert translator.translate("Zoë").text == "you"


def test_the_source_may_have_its_own_tokenizer(make_translator: Make) -> None:
    target = tokenizers.train("char", ["नमस्ते "] * 3, Specials())
    source = tokenizers.train("word", ["hello you"] * 3, Specials())
    says = [*target.encode("नमस्ते"), END]
    translator = make_translator(target, lambda _, prefix: {says[len(prefix)]: 1.0}, source=source)
    found = translator.translate("hello you")
    assert (found.text, found.source_tokens) == ("नमस्ते", ("hello", " you", "</s>"))


def _echo(kind: str) -> Translator:
    from tests.translation.conftest import Scripted, echo, same_place
    from tui_lm.architecture import Seq2Seq
    from tui_lm.checkpoint import Card, SavedModel

    fitted = tokenizers.train(kind, ["see you, tomorrow at six!"] * 3, Specials(), 600)
    shape = Seq2Seq(fitted.vocab_size, fitted.vocab_size, dim=4, hidden_size=4, attention="dot")
    return Translator(
        SavedModel(Card("t", "pairs", shape, kind), Tokenizers.shared(fitted), {}),
        Scripted(fitted.vocab_size, echo, same_place),
    )


ECHOES = {kind: _echo(kind) for kind in tokenizers.KINDS}
