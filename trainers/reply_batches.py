"""Batches of replies: each message of a chat as a target, with the messages that lead to it as its source.

Every message is an example, also one that begins a conversation or follows another by its author: completion needs a
model of those too. In a channel with several conversations a message has, in half of the epochs, the context that it
refers to, and else the one that its author sees before typing, which is all that is known when serving.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from trainers.data import IGNORED
from trainers.ids import Ids
from trainers.pairs import LONGEST, PairBatch, PairTask, bucketed
from trainers.task_settings import ReplySettings
from tui_lm.checkpoint import SavedModel
from tui_lm.corpus import Corpus
from tui_lm.engine import Engine
from tui_lm.runtime.reply import CONTEXT
from tui_lm.sampling import Sampler
from tui_lm.threads import NOTHING, links, thread
from tui_lm.tokenizers import Tokenizer
from tui_lm.tokenizers.specials import END, OTHER
from tui_lm.tokenizers.stream import WritingContext, latest_messages, message_ids
from tui_lm.utterances import Utterance, authors_of

SAMPLE = Sampler(temperature=0.7)
SAMPLE_TOKENS = 60
SHOWN = 8  # messages of context that a sample has
Positions = NDArray[np.int64]


def reply_task(corpus: Corpus, tokenizer: Tokenizer, settings: ReplySettings) -> PairTask:
    """Replies as a task of pairs. Without a validation part the training part is evaluated."""
    train = Replies.of(corpus.utterances["train"], tokenizer, settings.author_dropout, settings.no_context)
    evaluated = corpus.utterances["val"] or corpus.utterances["train"]
    units = sum(len(utterance.text) + 1 for utterance in evaluated) if tokenizer.lossless else None
    return PairTask(train, Replies.of(evaluated, tokenizer), _Answered(evaluated), units)


@dataclass(frozen=True, slots=True)
class Replies:
    """The N messages of one part of a corpus, in one stream of `ids`.

    `starts` [N + 1] are the positions at which they begin, `opened` and `meant` [N] the messages that they follow, as
    in `threads.Link`.
    """

    ids: Ids
    starts: Sequence[int]
    authors: Sequence[int]
    opened: Sequence[int]
    meant: Sequence[int]
    specials: int  # ids below this are special tokens
    author_dropout: float = 0.0
    no_context: float = 0.0

    @classmethod
    def of(
        cls,
        utterances: Sequence[Utterance],
        tokenizer: Tokenizer,
        author_dropout: float = 0.0,
        no_context: float = 0.0,
    ) -> Replies:
        starts, numbers = [0], dict[str | None, int]()

        def pieces() -> Iterator[list[int]]:
            for utterance in utterances:
                ids = message_ids(tokenizer, utterance.text, utterance.author)
                starts.append(starts[-1] + len(ids))
                yield ids

        ids = Ids.of(pieces(), tokenizer.vocab_size)
        authors = [numbers.setdefault(author, len(numbers)) for author in authors_of(utterances)]
        opened, meant = zip(*links(utterances), strict=True)
        return cls(ids, starts, authors, opened, meant, len(tokenizer.specials), author_dropout, no_context)

    def __len__(self) -> int:
        return len(self.authors)

    def lengths(self) -> NDArray[np.float64]:
        """The lengths of sources and targets [2, N], with the context that each author sees."""
        return np.array([[self._source_length(last) for last in self.opened], self._sizes()], dtype=np.float64)

    def batches(self, tokens: int, generator: np.random.Generator | None) -> Iterator[PairBatch]:
        """Without a generator nothing is omitted, and messages have the contexts that they have when serving."""
        last = np.array(self.opened)
        if generator is not None:
            last = np.where(generator.random(len(self)) < 0.5, last, self.meant)
            last[generator.random(len(self)) < self.no_context] = NOTHING
        sizes = self._sizes()
        lengths = np.array([[self._source_length(index) for index in last.tolist()], sizes], dtype=np.float64)
        for chosen in bucketed(lengths, tokens, generator):
            if generator is not None:
                chosen = chosen[sizes[chosen] <= LONGEST]
            if not len(chosen):
                continue
            sources = [self._source(int(last[index])) for index in chosen]
            targets = [self.ids.at(slice(self.starts[index] + 1, self.starts[index + 1])) for index in chosen]
            if generator is not None:
                sources = [self._without_authors(ids, generator) for ids in sources]
                targets = [self._without_authors(ids, generator) for ids in targets]
            batch = PairBatch.of(sources, targets)
            given = (batch.targets >= OTHER) & (batch.targets < self.specials)
            yield replace(batch, targets=batch.targets.masked_fill(given, IGNORED))

    def _sizes(self) -> Positions:
        """Tokens of each message without its `<s>` [N]."""
        return np.diff(self.starts) - 1

    def _source(self, last: int) -> Positions:
        """The context of a message that follows the message `last`."""
        context = thread(self.meant, self.authors, last)
        if not context:
            return np.array([END])
        messages = [self.ids.at(slice(self.starts[index], self.starts[index + 1])) for index in context]
        return np.array(latest_messages(np.concatenate(messages).tolist(), CONTEXT))

    def _source_length(self, last: int) -> int:
        length = 0
        for index in reversed(thread(self.meant, self.authors, last)):
            size = self.starts[index + 1] - self.starts[index]
            if length + size > CONTEXT:
                return length or CONTEXT
            length += size
        return length or 1

    def _without_authors(self, ids: Positions, generator: np.random.Generator) -> Positions:
        """The ids with a random share of the authors omitted."""
        authors = (ids >= OTHER) & (ids < self.specials)
        return ids[~authors | (generator.random(len(ids)) >= self.author_dropout)]


@dataclass(frozen=True, slots=True)
class _Answered:
    """The author of a random message, and the reply that the model writes instead."""

    utterances: Sequence[Utterance]

    def __call__(self, model: SavedModel, generator: np.random.Generator) -> tuple[str | None, str]:
        index = int(generator.integers(len(self.utterances)))
        history = [(message.author, message.text) for message in self.utterances[max(0, index - SHOWN) : index]]
        author = self.utterances[index].author
        answer = Engine(model).generate(
            WritingContext(author=author, history=history), sampler=SAMPLE, max_new_tokens=SAMPLE_TOKENS, seed=index
        )
        said = f"{history[-1][1]} \N{RIGHTWARDS ARROW} " if history else ""
        return author, f"{said}{answer.text}"
