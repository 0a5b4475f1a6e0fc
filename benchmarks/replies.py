"""Replies of a model compared with retrieval: how often is the true reply among those offered, and its rank among 100.

    python benchmarks/replies.py DATA -m MODEL [--part test|val] [--most 300]

DATA is a chat export that MODEL was trained on, or a folder with such files in it or in its folder chat/. The messages
tested answer somebody, are evenly spread over the part, and are each predicted from the messages before them.

Recall@3 is the share of true replies whose first word, first two words, or first word after an addressee's name are
those of one of three offered replies. Then the true reply is ranked among 99 random others of the part by
log P(reply | messages) - penalty * log P(reply), where the second term has no context (Li et al. 2016): recall@k of
100. The baselines use the training part only: TF-IDF between the last message and the reply (Lowe et al. 2015), the
replies to the most similar messages, and the commonest first words.
"""

from __future__ import annotations

import argparse
import math
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from keystrokes import own_corpus

from tui_lm import checkpoint
from tui_lm.completion import Completer
from tui_lm.completion.smart_reply import WORDS, are_alike
from tui_lm.completion.training_counts import build
from tui_lm.corpus import Utterance
from tui_lm.engine import WINDOW, Engine
from tui_lm.threads import ADDRESSED, context_of, replies
from tui_lm.tokenizers.specials import END
from tui_lm.tokenizers.stream import WritingContext

PENALTIES = (0.0, 0.25, 0.5, 0.75, 1.0)
CANDIDATES, SHOWN, NEAREST = 100, 3, 20


@dataclass(frozen=True)
class Question:
    """The context of a reply with an empty draft, and the true reply."""

    context: WritingContext
    reply: str

    @property
    def last(self) -> str:
        return context_of(self.context.history, self.context.author)[-1][1]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path)
    parser.add_argument("-m", "--model", required=True)
    parser.add_argument("--part", choices=("test", "val"), default="test")
    parser.add_argument("--most", type=int, default=300, help="largest number of replies tested")
    parser.add_argument("--seed", type=int, default=0, help="random seed of the other 99")
    arguments = parser.parse_args()
    engine = Engine.open(checkpoint.find(arguments.model))
    corpus = own_corpus(arguments.data, engine)
    train, every = corpus.utterances["train"], list(questions(corpus.utterances[arguments.part]))
    asked = every[:: max(1, math.ceil(len(every) / arguments.most))]
    steps = engine.card.metrics.get("best_step")
    print(f"{engine.description}, best at step {steps}; {len(asked)} of {len(every)} replies of {arguments.part}\n")
    begun = time.perf_counter()
    retrieval = Retrieval([(reply.context[-1].text, reply.answer.text) for reply in replies(train)])
    print(f"TF-IDF of {len(retrieval.answers)} replies in {time.perf_counter() - begun:.1f} s\n")
    offered(asked, engine, train, retrieval)
    ranked(asked, [question.reply for question in every], engine, retrieval, arguments.seed)


def questions(part: Sequence[Utterance]) -> Iterator[Question]:
    for index, message in enumerate(part):
        history = [(earlier.author, earlier.text) for earlier in part[max(0, index - 2 * WINDOW) : index]]
        context = context_of(history, message.author)
        if context and context[-1][0] != message.author:
            yield Question(WritingContext(author=message.author, history=history), message.text)


def offered(asked: Sequence[Question], engine: Engine, train: Sequence[Utterance], retrieval: Retrieval) -> None:
    names = {(author or "").casefold() for author in {message.author for message in train}}
    openings = Counter(word for message in train for word in words_of(message.text)[:1])
    common = [word for word, _ in openings.most_common(SHOWN)]
    completer, alone = Completer(engine, build(train)), Completer(engine)
    systems: dict[str, Callable[[Question], Sequence[str]]] = {
        "network and n-grams": lambda question: texts(completer, question),
        "network alone": lambda question: texts(alone, question),
        "replies to what is most like it, TF-IDF": lambda question: retrieval.replies(question.last),
        "commonest first words": lambda question: common,
    }
    print("| three replies | first word | first two | after the name | shown | ms p50 / p95 |")
    print("|---|---|---|---|---|---|")
    for name, system in systems.items():
        hits, seconds, shown = [0, 0, 0], [], 0
        possible = [0, 0, 0]
        for question in asked:
            begun = time.perf_counter()
            found = system(question)
            seconds.append(time.perf_counter() - begun)
            shown += len(found)
            for i, start in enumerate((words_of, lambda text: words_of(text)[:2], lambda text: unnamed(text, names))):
                wanted = start(question.reply)[: 2 if i == 1 else 1]
                if len(wanted) == (2 if i == 1 else 1):
                    possible[i] += 1
                    hits[i] += any(start(reply)[: len(wanted)] == wanted for reply in found)
        seconds.sort()
        recalls = " | ".join(f"{100 * hit / max(1, of):.1f} %" for hit, of in zip(hits, possible, strict=True))
        times = [1000 * seconds[int(share * (len(seconds) - 1))] for share in (0.5, 0.95)]
        print(f"| {name} | {recalls} | {shown / len(asked):.2f} | {times[0]:.1f} / {times[1]:.1f} |", flush=True)


def ranked(asked: Sequence[Question], every: Sequence[str], engine: Engine, retrieval: Retrieval, seed: int) -> None:
    import numpy as np  # after tui_lm, which sets numpy's number of threads

    chance = np.random.default_rng(seed)
    ranks: dict[str, list[float]] = defaultdict(list)
    for question in asked:
        others = [text for text in dict.fromkeys(every) if text != question.reply]
        drawn = chance.choice(len(others), min(CANDIDATES - 1, len(others)), replace=False)
        candidates = [question.reply, *(others[index] for index in drawn)]
        given = log_probabilities(engine, question.context, candidates)
        before = log_probabilities(engine, replace(question.context, history=()), candidates)
        for penalty in PENALTIES:
            ranks[f"network, penalty {penalty}"].append(rank(given - penalty * before))
        ranks["TF-IDF of message and reply"].append(rank(retrieval.likeness(question.last, candidates)))
        ranks["TF-IDF, nearest messages' replies"].append(rank(retrieval.nearest(question.last, candidates)))
    print(f"\n| the reply among {CANDIDATES} | recall@1 | @3 | @10 | mean reciprocal rank |\n|---|---|---|---|---|")
    for name, found_ranks in ranks.items():
        found = np.array(found_ranks)
        recalls = " | ".join(f"{100 * np.mean(found <= k):.1f} %" for k in (1, SHOWN, 10))
        print(f"| {name} | {recalls} | {np.mean(1 / found):.3f} |")


def rank(scores: Any) -> float:
    """The rank of the first score, from 1; ties get the middle rank."""
    better, equal = (scores[1:] > scores[0]).sum(), (scores[1:] == scores[0]).sum()
    return float(1 + better + equal / 2)


def texts(completer: Completer, question: Question) -> list[str]:
    found = completer.replies(question.context, n=SHOWN)
    return [reply.text for reply in found]


def log_probabilities(engine: Engine, context: WritingContext, candidates: Sequence[str]) -> Any:
    """log P of each message including its end token [N]. Computed as a batch without the messages that have ended."""
    import numpy as np

    from tui_lm.sampling import log_softmax

    spelled = [[*engine.tokenizer.encode(text), END] for text in candidates]
    order = sorted(range(len(spelled)), key=lambda index: -len(spelled[index]))
    start = engine.reach(engine.before(context))
    logits, state, total = start.logits, start.state, np.zeros(len(spelled))
    rows = [0] * len(order)
    for step in range(len(spelled[order[0]])):
        live = [at for at in order if len(spelled[at]) > step]
        if step:
            state = engine.runtime.select(state, rows[: len(live)])
            logits, state = engine.runtime.step([spelled[at][step - 1] for at in live], state)
        else:
            logits = np.repeat(logits, len(live), axis=0)
        total[live] += log_softmax(logits)[range(len(live)), [spelled[at][step] for at in live]]
        rows = [0] * len(order) if not step else [*range(len(live))]
    return total


def words_of(text: str) -> list[str]:
    return WORDS.findall(text.casefold())


def unnamed(text: str, names: set[str]) -> list[str]:
    """The words after the addressee's name, if the message begins with one."""
    found = ADDRESSED.match(text)
    if found is not None and (found[1] or found[2]).strip().casefold() in names:
        text = text[found.end() :]
    return words_of(text)


class Retrieval:
    """TF-IDF over the (message, reply) pairs of the training part: unit vectors, weights (1 + log tf) log(N / df)."""

    def __init__(self, pairs: Sequence[tuple[str, str]]) -> None:
        import numpy as np

        self.answers = [answer for _, answer in pairs]
        frequency = Counter(word for pair in pairs for text in pair for word in set(words_of(text)))
        self._weights = {word: math.log(2 * len(pairs) / count) for word, count in frequency.items()}
        rows: dict[str, list[tuple[int, float]]] = defaultdict(list)
        for index, (message, _) in enumerate(pairs):
            for word, weight in self._vector(message).items():
                rows[word].append((index, weight))
        self._index = {
            word: (np.array([index for index, _ in row]), np.array([weight for _, weight in row]))
            for word, row in rows.items()
        }

    def likeness(self, message: str, candidates: Sequence[str]) -> Any:
        """Cosine similarity of a message and each of the candidates [N]."""
        import numpy as np

        return np.array([self._cosine(self._vector(message), self._vector(text)) for text in candidates])

    def nearest(self, message: str, candidates: Sequence[str]) -> Any:
        """Similarity of each candidate to the replies given to the most similar messages [N]."""
        import numpy as np

        likest = [(likeness, self._vector(self.answers[index])) for index, likeness in self._likest(message)]
        vectors = [self._vector(text) for text in candidates]
        return np.array([sum(like * self._cosine(answer, vector) for like, answer in likest) for vector in vectors])

    def replies(self, message: str) -> list[str]:
        """Three different replies, those given to the most similar messages."""
        chosen: list[str] = []
        for index, _ in self._likest(message):
            text = self.answers[index]
            if len(chosen) < SHOWN and not any(are_alike(text, other) for other in chosen):
                chosen.append(text)
        return chosen

    def _likest(self, message: str) -> list[tuple[int, float]]:
        import numpy as np

        scores = np.zeros(len(self.answers))
        for word, weight in self._vector(message).items():
            if word in self._index:
                rows, weights = self._index[word]
                scores[rows] += weight * weights
        return [(int(index), float(scores[index])) for index in np.argsort(-scores, kind="stable")[:NEAREST]]

    def _vector(self, text: str) -> dict[str, float]:
        counts = Counter(words_of(text))
        vector = {word: (1 + math.log(n)) * self._weights.get(word, 0.0) for word, n in counts.items()}
        length = math.sqrt(sum(weight * weight for weight in vector.values()))
        return {word: weight / length for word, weight in vector.items() if weight} if length else {}

    @staticmethod
    def _cosine(one: dict[str, float], other: dict[str, float]) -> float:
        return sum(weight * other.get(word, 0.0) for word, weight in one.items())


if __name__ == "__main__":
    main()
