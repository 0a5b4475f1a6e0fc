"""How fast is a translation beside joeynmt on a network of equal size, and how long does the whole command take?

    python benchmarks/translate_speed.py [--peer /path/to/python] [--threads 1] [--rounds 9] [--beam 5] [--many 1000]

Weights are random, and the end token is barred before the last of 12 tokens, so that both do the same work: a
bidirectional LSTM of 2 x 256 encodes 10 tokens, and an LSTM of 512 with Luong's general attention and input feeding
decodes, with 7,500 tokens. Also measured are networks as `tui-lm train` builds them, of the peer's number of parameters
and of the default one. One sentence, then many in batches (for the peer, the fastest of three sizes, as found in its
first round). The peer runs in the given Python, takes turns with tui-lm, and runs this same script. Last, whole
processes from exec to exit, beside the bare imports. Prints medians of wall-clock and of CPU seconds; the latter depend
less on the load of the machine.
"""

from __future__ import annotations

import argparse
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from functools import partial
from itertools import cycle
from typing import Any

VOCABULARY, EMBEDDING, HIDDEN, READ, WRITTEN = 7500, 256, 512, 10, 12
EQUAL = (384, 736)  # embedding and hidden size that give a network of tui-lm's shape the peer's number of parameters
BATCHES = (32, 64, 128)  # batch sizes of the peer, in sentences
Seconds = tuple[float, float]
"""Wall-clock seconds, CPU seconds."""
Work = Callable[[], Seconds]


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--peer", metavar="PYTHON", help="a Python interpreter with joeynmt")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--beam", type=int, default=5)
    parser.add_argument("--many", type=int, default=1000, help="number of sentences")
    parser.add_argument("--as-peer", action="store_true", help=argparse.SUPPRESS)
    return parser.parse_args()


def timed(work: Callable[[], Any]) -> Seconds:
    def cpu_seconds() -> float:
        own, children = resource.getrusage(resource.RUSAGE_SELF), resource.getrusage(resource.RUSAGE_CHILDREN)
        return own.ru_utime + own.ru_stime + children.ru_utime + children.ru_stime

    begun, used = time.perf_counter(), cpu_seconds()
    work()
    return time.perf_counter() - begun, cpu_seconds() - used


def sources(count: int) -> list[list[int]]:
    import numpy as np

    return np.random.default_rng(1).integers(300, VOCABULARY, (count, READ)).tolist()


def ours(options: argparse.Namespace, shape: Any) -> tuple[int, dict[str, Work]]:
    """The number of parameters of a network of this shape, and the timed calls by name."""
    from concurrent.futures import ThreadPoolExecutor

    import numpy as np

    from tui_lm import runtime
    from tui_lm.architecture import count_parameters
    from tui_lm.tokenizers.specials import END
    from tui_lm.translation import BeamOptions, search
    from tui_lm.translation.translator import ROWS

    generator = np.random.default_rng(0)
    weights = {n: (generator.standard_normal(s) * 0.05).astype(np.float32) for n, s in shape.weights().items()}
    reader: Any = runtime.create(shape, weights)
    beam_options = BeamOptions(beam=options.beam, max_length=WRITTEN)

    def translate(batch: list[list[int]]) -> None:
        ids = [[*source, END] for source in batch]
        found = search(reader, reader.encode(ids), ids, beam_options, never=[0, 1, END, 3])
        assert all(len(answers[0].tokens) == WRITTEN for answers in found)

    def many() -> Seconds:
        size = max(1, ROWS // options.beam)
        batches = [every[i : i + size] for i in range(0, options.many, size)]
        with ThreadPoolExecutor(options.threads) as executor:
            return timed(lambda: list(executor.map(translate, batches)))

    every = sources(options.many)
    one = cycle(every)
    return count_parameters(shape), {"one": lambda: timed(lambda: translate([next(one)])), "many": many}


def serve_peer(options: argparse.Namespace) -> None:
    """Runs in the peer's Python: answers "one" and "many" on stdin with seconds."""
    from types import SimpleNamespace

    import torch
    from joeynmt.batch import Batch
    from joeynmt.model import build_model
    from joeynmt.search import search
    from joeynmt.vocabulary import Vocabulary

    torch.set_num_threads(options.threads)
    marks = {"unk": "<unk>", "pad": "<pad>", "bos": "<s>", "eos": "</s>"}
    config: dict[str, Any] = {f"{name}_token": text for name, text in marks.items()}
    config |= {f"{name}_id": number for number, name in enumerate(marks)} | {"sep_token": None, "lang_tags": []}
    vocabulary = Vocabulary([f"t{i}" for i in range(VOCABULARY - 4)], SimpleNamespace(**config))
    shared = {"rnn_type": "lstm", "embeddings": {"embedding_dim": EMBEDDING}, "num_layers": 1, "type": "recurrent"}
    encoder = {**shared, "hidden_size": HIDDEN // 2, "bidirectional": True}
    decoder = {**shared, "hidden_size": HIDDEN, "attention": "luong", "input_feeding": True, "init_hidden": "bridge"}
    network = build_model({"encoder": encoder, "decoder": decoder}, vocabulary, vocabulary).eval()

    def translate(batch: list[list[int]]) -> None:
        ids = torch.tensor([[*source, 3] for source in batch])
        lengths = torch.full((len(batch),), READ + 1)
        given = Batch(ids, lengths, None, None, None, torch.arange(len(batch)), torch.device("cpu"), 1, 3, False)
        given.sort_by_src_length()
        with torch.inference_mode():
            output, _, _ = search(network, given, WRITTEN, options.beam, 1.0, min_output_length=WRITTEN)
        assert output.shape[1] == WRITTEN

    every = sources(options.many)
    one = cycle(every)
    print(sum(weights.numel() for weights in network.parameters()), flush=True)

    def many(size: int) -> None:
        for i in range(0, options.many, size):
            translate(every[i : i + size])

    fastest = None
    for line in sys.stdin:
        if line.strip() == "one":
            print(*timed(lambda: translate([next(one)])), flush=True)
            continue
        if fastest is None:
            fastest = min(BATCHES, key=lambda size: timed(partial(many, size))[1])
        print(*timed(partial(many, fastest)), flush=True)


def peer(options: argparse.Namespace) -> tuple[int, dict[str, Work]]:
    own = [f"--{name}={getattr(options, name)}" for name in ("threads", "beam", "many")]
    pipes: dict[str, Any] = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    other = subprocess.Popen([options.peer, __file__, "--as-peer", *own], **pipes)

    def ask(question: str) -> Seconds:
        other.stdin.write(f"{question}\n")
        other.stdin.flush()
        passed, used = map(float, other.stdout.readline().split())
        return passed, used

    return int(other.stdout.readline()), {name: partial(ask, name) for name in ("one", "many")}


def whole_processes(options: argparse.Namespace) -> dict[str, Work]:
    """Times commands from exec to exit, with a model of random weights and subwords of the bundled pairs."""
    import numpy as np

    from tui_lm import checkpoint, paths, tokenizers
    from tui_lm.architecture import Seq2Seq
    from tui_lm.checkpoint import Card, SavedModel
    from tui_lm.tokenizers import Tokenizers

    texts = paths.bundled("english-hindi.tsv").read_text("utf-8").replace("\t", "\n").split("\n")
    fitted = tokenizers.train("subword", texts, tokenizers.Specials(), 4000)
    shape = Seq2Seq(fitted.vocab_size, fitted.vocab_size, EMBEDDING, HIDDEN, share_embeddings=True, tie_embeddings=True)
    generator = np.random.default_rng(0)
    weights = {n: (generator.standard_normal(s) * 0.05).astype(np.float32) for n, s in shape.weights().items()}
    checkpoint.save(
        paths.models_dir() / "random",
        SavedModel(Card("random", "pairs", shape, "subword"), Tokenizers.shared(fitted), weights),
    )
    python = [sys.executable, "-c"]
    commands = {
        "import typer, numpy, sentencepiece": [*python, "import typer, numpy, sentencepiece"],
        "tui-lm translate": [sys.executable, "-m", "tui_lm", "translate", "Think about it", f"--max-length={WRITTEN}"],
    }
    if options.peer:
        commands["import joeynmt.prediction"] = [options.peer, "-c", "import joeynmt.prediction"]
    run: dict[str, Any] = {"stdin": subprocess.DEVNULL, "stdout": subprocess.DEVNULL, "check": True}
    return {name: partial(timed, partial(subprocess.run, command, **run)) for name, command in commands.items()}


def main() -> None:
    options = arguments()
    for name in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"):
        if options.as_peer:
            os.environ[name] = str(options.threads)
    if options.as_peer:
        serve_peer(options)
        return
    import tui_lm  # sets one BLAS thread; must come before numpy
    from tui_lm.architecture import Seq2Seq

    shapes = {
        "tui-lm, peer's shape": Seq2Seq(
            VOCABULARY, VOCABULARY, EMBEDDING, HIDDEN, attention="general", input_feeding=True
        ),
        "tui-lm, peer's size": Seq2Seq(VOCABULARY, VOCABULARY, *EQUAL, tie_embeddings=True),
        "tui-lm, as trained": Seq2Seq(VOCABULARY, VOCABULARY, EMBEDDING, HIDDEN, tie_embeddings=True),
    }
    sides = {name: ours(options, shape) for name, shape in shapes.items()}
    if options.peer:
        sides["joeynmt"] = peer(options)
    with tempfile.TemporaryDirectory() as home:
        os.environ["TUI_LM_HOME"] = home
        tasks = {(side, name): work for side, (_, found) in sides.items() for name, work in found.items()}
        tasks |= {("", name): work for name, work in whole_processes(options).items()}
        seconds: dict[tuple[str, str], list[Seconds]] = {task: [] for task in tasks}
        for number in range(options.rounds + 1):
            for task, work in tasks.items():
                took = work()
                if number > 0:  # the first round only warms up
                    seconds[task].append(took)
    threads = f"{options.threads} thread{'s' * (options.threads > 1)}"
    print(
        f"tui-lm {tui_lm.__version__}, beam {options.beam}, {threads}, {options.rounds} rounds, {options.many} is many"
    )
    middle = {task: [statistics.median(part) for part in zip(*found, strict=True)] for task, found in seconds.items()}
    for (side, name), (passed, used) in middle.items():
        size = f"{sides[side][0] / 1e6:.1f}M" if side else ""
        line = f"{side:<22}{size:<8}{name:<36}{1000 * passed:9.1f} ms, CPU {1000 * used:9.1f}"
        yardsticks = [("", "import typer, numpy, sentencepiece")] if name == "tui-lm translate" else []
        if side == "joeynmt":
            yardsticks = [(shape, name) for shape in shapes]
        for beside in yardsticks:
            ratios = (own / other for own, other in zip((passed, used), middle[beside], strict=True))
            line += "   {:.2f} and {:.2f} x {}".format(*ratios, beside[0] or beside[1])
        print(line)


if __name__ == "__main__":
    main()
