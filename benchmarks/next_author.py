"""How well does a model know who writes the next message of its chat?

    python benchmarks/next_author.py MODEL CHAT [--messages 300]

Asks the model who writes each of the last messages of the chat's validation part, given those before it. Prints how
often its most probable author is right, the mean probability of the author who wrote, beside always naming the most
frequent author of the training part, and how often the app would say that nobody answers: the probability that
whoever wrote last goes on.
"""

from __future__ import annotations

import argparse
from collections import Counter
from pathlib import Path
from statistics import mean

from tui_lm import checkpoint, fingerprints
from tui_lm.completion import Completer
from tui_lm.corpus import read_corpus
from tui_lm.engine import Engine
from tui_lm.source_options import SourceOptions
from tui_lm.split import Fractions

BEFORE = 20  # messages that the model reads


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model")
    parser.add_argument("chat", type=Path)
    parser.add_argument("--messages", type=int, default=300)
    options = parser.parse_args()
    folder = checkpoint.find(options.model)
    engine = Engine.open(folder)
    card = engine.card
    reading = SourceOptions.from_json(card.reading)
    corpus = read_corpus([options.chat], Fractions(*card.split), reading, seen=fingerprints.load(folder))
    completer = Completer.open(folder, engine)
    known = set(engine.authors)
    messages = [(m.author, m.text) for m in corpus.utterances["val"] if m.author in known]
    usual, _ = Counter(m.author for m in corpus.utterances["train"] if m.author in known).most_common(1)[0]
    right, chance, by_rule, go_on, went_on = [], [], [], [], []
    for i in range(max(1, len(messages) - options.messages), len(messages)):
        author, before = messages[i][0], messages[max(0, i - BEFORE) : i]
        said = completer.next_author(before, engine.authors)
        right.append(max(said, key=said.__getitem__) == author)
        chance.append(said.get(author or "", 0.0))
        by_rule.append(author == usual)
        go_on.append(said.get(before[-1][0] or "", 0.0))
        went_on.append(author == before[-1][0])
    print(f"{len(right)} messages, {len(engine.authors)} authors")
    print(f"the most probable author is right  {mean(right):6.1%}")
    print(f"the most frequent author is right  {mean(by_rule):6.1%}")
    print(f"probability of who wrote           {mean(chance):6.1%}   equal shares {1 / len(engine.authors):.1%}")
    print(f"the same author goes on: the model {mean(go_on):6.1%}   the chat {mean(went_on):.1%}")


if __name__ == "__main__":
    main()
