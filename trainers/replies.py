"""Learning to answer: to predict a message, given its author and the messages that lead to it.

Every message of a chat is learned from, also one that begins a conversation or goes on after its own author's: who
types needs a model of those too. In a channel with several conversations a message has the context that it means, and
as often the one that its author sees before a word is written, which is all that is known when serving.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from trainers.data import IGNORED
from trainers.ids import Ids
from trainers.pairs import LONGEST, PairBatch, PairTask, bucketed
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
SHOWN = 8  # messages before the one that is answered for whoever watches
Places = NDArray[np.int64]


def reply_task(corpus: Corpus, tokenizer: Tokenizer, unnamed: float, alone: float) -> PairTask:
    """A share of the messages is `unnamed`, shown without their authors, and a share `alone`, without a context."""
    train = Replies.of(corpus.utterances["train"], tokenizer, unnamed, alone)
    judged = corpus.utterances["val"] or corpus.utterances["train"]
    units = sum(len(utterance.text) + 1 for utterance in judged)
    return PairTask(train, Replies.of(judged, tokenizer), _Answered(judged), units if tokenizer.lossless else None)


@dataclass(frozen=True, slots=True)
class Replies:
    """The messages of one part of a corpus, N of them in one stream of `ids`.

    `starts` [N + 1] says where each begins, `opened` and `meant` [N] what it follows, as `replies.Link` has it.
    """

    ids: Ids
    starts: Sequence[int]
    authors: Sequence[int]
    opened: Sequence[int]
    meant: Sequence[int]
    specials: int  # ids below this are no text
    unnamed: float = 0.0
    alone: float = 0.0

    @classmethod
    def of(
        cls, utterances: Sequence[Utterance], tokenizer: Tokenizer, unnamed: float = 0.0, alone: float = 0.0
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
        return cls(ids, starts, authors, opened, meant, len(tokenizer.specials), unnamed, alone)

    def __len__(self) -> int:
        return len(self.authors)

    def lengths(self) -> NDArray[np.float64]:
        """Of source and target [2, N], each message after what was opened to its author."""
        return np.array([[self._source_length(last) for last in self.opened], self._sizes()], dtype=np.float64)

    def batches(self, tokens: int, generator: np.random.Generator | None) -> Iterator[PairBatch]:
        """Without a generator nothing is left out, and messages have the contexts that they have when serving."""
        last = np.array(self.opened)
        if generator is not None:
            last = np.where(generator.random(len(self)) < 0.5, last, self.meant)
            last[generator.random(len(self)) < self.alone] = NOTHING
        sizes = self._sizes()
        lengths = np.array([[self._source_length(place) for place in last.tolist()], sizes], dtype=np.float64)
        for chosen in bucketed(lengths, tokens, generator):
            if generator is not None:
                chosen = chosen[sizes[chosen] <= LONGEST]
            if not len(chosen):
                continue
            sources = [self._source(int(last[place])) for place in chosen]
            targets = [self.ids.at(slice(self.starts[place] + 1, self.starts[place + 1])) for place in chosen]
            if generator is not None:
                sources, targets = ([self._thinned(ids, generator) for ids in side] for side in (sources, targets))
            batch = PairBatch.of(sources, targets)
            given = (batch.targets >= OTHER) & (batch.targets < self.specials)
            yield replace(batch, targets=batch.targets.masked_fill(given, IGNORED))

    def _sizes(self) -> Places:
        """Tokens of each message without its `<s>` [N]."""
        return np.diff(self.starts) - 1

    def _source(self, last: int) -> Places:
        """What is read before a message that follows the message `last`."""
        places = thread(self.meant, self.authors, last)
        if not places:
            return np.array([END])
        messages = [self.ids.at(slice(self.starts[place], self.starts[place + 1])) for place in places]
        return np.array(latest_messages(np.concatenate(messages).tolist(), CONTEXT))

    def _source_length(self, last: int) -> int:
        length = 0
        for place in reversed(thread(self.meant, self.authors, last)):
            size = self.starts[place + 1] - self.starts[place]
            if length + size > CONTEXT:
                return length or CONTEXT
            length += size
        return length or 1

    def _thinned(self, ids: Places, generator: np.random.Generator) -> Places:
        """With a share of the authors left out."""
        names = (ids >= OTHER) & (ids < self.specials)
        return ids[~names | (generator.random(len(ids)) >= self.unnamed)]


@dataclass(frozen=True, slots=True)
class _Answered:
    """One of the messages by chance, and what the model says in its place."""

    utterances: Sequence[Utterance]

    def __call__(self, model: SavedModel, generator: np.random.Generator) -> tuple[str | None, str]:
        place = int(generator.integers(len(self.utterances)))
        history = [(message.author, message.text) for message in self.utterances[max(0, place - SHOWN) : place]]
        author = self.utterances[place].author
        answer = Engine(model).generate(
            WritingContext(author=author, history=history), sampler=SAMPLE, max_new_tokens=SAMPLE_TOKENS, seed=place
        )
        said = f"{history[-1][1]} \N{RIGHTWARDS ARROW} " if history else ""
        return author, f"{said}{answer.text}"
