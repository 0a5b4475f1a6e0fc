"""Does the memory of completion grow? Types messages key by key, as in days of use, and prints the memory.

    python benchmarks/completion_memory.py CHAT -m MODEL [--keys 100000] [--private]

CHAT is an export. Its messages are typed in order, the unseen ones first, and again from the beginning after the last.
Each key asks for candidates and ghost text; the messages are learned, as in the app, but not saved. Memory is the
process's own (RssAnon), without mapped files; growth is measured after the first tenth of the keys.
"""

from __future__ import annotations

import argparse
import gc
import itertools
import time
from pathlib import Path

from keystrokes import resident

from tui_lm import checkpoint
from tui_lm.completion import Completer, ngram_files
from tui_lm.corpus import read_corpus
from tui_lm.engine import WINDOW, Engine
from tui_lm.split import PARTS
from tui_lm.tokenizers.stream import WritingContext

REMEMBERED = 4 * WINDOW  # messages of the history kept


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("chat", type=Path)
    parser.add_argument("-m", "--model", required=True)
    parser.add_argument("--keys", type=int, default=100_000)
    parser.add_argument("--private", action="store_true", help="learn nothing")
    arguments = parser.parse_args()
    folder = checkpoint.find(arguments.model)
    engine = Engine.open(folder)
    completer = Completer(engine, ngram_files.load(folder, learned=False), private=arguments.private)
    corpus = read_corpus([arguments.chat])
    messages = itertools.cycle(message for part in reversed(PARTS) for message in corpus.utterances[part])
    tenth = arguments.keys // 10
    keys = 0
    history: list[tuple[str | None, str]] = []
    sizes: list[int] = []
    begun = time.perf_counter()
    print(f"{engine.description}\n\n| keys | messages sent | MB | ms a key |\n|---|---|---|---|")
    for sent, message in enumerate(messages):
        for end in range(len(message.text) + 1):
            completer.complete(WritingContext(message.text[:end], message.author, history))
            keys += 1
            if keys % tenth == 0:
                gc.collect()
                sizes.append(resident())
                milliseconds = 1000 * (time.perf_counter() - begun) / tenth
                begun = time.perf_counter()
                print(f"| {keys:,} | {sent:,} | {sizes[-1] / 2**20:.1f} | {milliseconds:.2f} |", flush=True)
        if keys >= arguments.keys:
            break
        completer.learn(WritingContext(message.text, message.author, history))
        history.append((message.author, message.text))
        if len(history) > REMEMBERED:  # drop a whole window at once, as the engine does
            del history[:WINDOW]
    print(f"\ngrew by {(sizes[-1] - sizes[0]) / 2**20:.1f} MB after the first {tenth:,} keys")


if __name__ == "__main__":
    main()
