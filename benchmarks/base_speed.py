"""How fast does a fine-tuned base write, and do its logits agree with llama.cpp's on the same weights?

    python benchmarks/base_speed.py MODEL [--threads 1,2] [--tokens 100] [--rounds 5]

Needs the package gguf; llama.cpp is run by the package xllamacpp and skipped without it. MODEL is served in eight bits
and in float32 from its own folder, llama.cpp reads the same weights in Q8_0 and in F32. Batch 1, greedy, after a prompt
of 200 tokens; the best of several rounds in which the programs take turns. The agreement is measured on the 20 most
probable tokens after 20 prompts: the largest and the mean difference in nats, and how often the first token is the
same.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

PARSER = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
PARSER.add_argument("model")
PARSER.add_argument("--threads", default="1,2")
PARSER.add_argument("--tokens", type=int, default=100)
PARSER.add_argument("--rounds", type=int, default=5)
OPTIONS = PARSER.parse_args()
THREADS = [int(count) for count in OPTIONS.threads.split(",")]
os.environ["OMP_NUM_THREADS"] = os.environ["OPENBLAS_NUM_THREADS"] = str(max(THREADS))

import numpy as np  # noqa: E402

from tui_lm import checkpoint, runtime  # noqa: E402
from tui_lm.checkpoint import SavedModel  # noqa: E402
from tui_lm.exchange import gguf_file  # noqa: E402
from tui_lm.runtime import Runtime  # noqa: E402
from tui_lm.sampling import log_softmax  # noqa: E402
from tui_lm.tokenizers.pieces import Piece, PieceKind  # noqa: E402

PROMPTS, PROMPT, MOST = 20, 200, 20
Write = Callable[[Sequence[int], int], float]
"""Takes a prompt and a number of tokens; returns the seconds that they took after the prompt."""
Price = Callable[[Sequence[int]], dict[int, float]]
"""Takes a prompt; returns the log probabilities of the most probable tokens after it."""


def writes(served: Runtime) -> Write:
    def write(prompt: Sequence[int], count: int) -> float:
        logits, state = served.prefill(prompt)
        begun = time.perf_counter()
        for _ in range(count):
            logits, state = served.step([int(logits[0].argmax())], state)
        return time.perf_counter() - begun

    return write


def prices(served: Runtime) -> Price:
    def price(prompt: Sequence[int]) -> dict[int, float]:
        scores = log_softmax(served.prefill(prompt)[0][0])
        return {int(token): float(scores[token]) for token in np.argsort(-scores)[:MOST]}

    return price


def server(file: Path, threads: int) -> Any:
    import xllamacpp

    params = xllamacpp.CommonParams()
    params.model.path, params.n_ctx, params.n_parallel, params.verbosity = str(file), 1024, 1, 0
    params.cpuparams.n_threads = params.cpuparams_batch.n_threads = threads
    return xllamacpp.Server(params)


def asked(running: Any, prompt: Sequence[int], count: int, **options: Any) -> dict[str, Any]:
    request = {"prompt": list(prompt), "n_predict": count, "temperature": 0, "ignore_eos": count > 1, **options}
    answer: dict[str, Any] = running.handle_completions({"cache_prompt": False, **request})
    return answer


def writes_llama_cpp(running: Any) -> Write:
    def write(prompt: Sequence[int], count: int) -> float:
        timings = asked(running, prompt, count)["timings"]
        return float(timings["predicted_ms"] / timings["predicted_n"] * count / 1000)

    return write


def prices_llama_cpp(running: Any) -> Price:
    def price(prompt: Sequence[int]) -> dict[int, float]:
        (first,) = asked(running, prompt, 1, n_probs=MOST)["choices"][0]["logprobs"]["content"]
        return {each["id"]: each["logprob"] for each in first["top_logprobs"]}

    return price


def export(model: SavedModel, folder: Path) -> dict[str, Path]:
    """The weights as GGUF files by number type, with pieces that stand for the tokens: none is ever cut."""
    names = [f"token{number}" for number in range(model.card.architecture.vocab_size)]
    gguf_file.pieces_of = lambda tokenizer: [Piece(name, -1.0, PieceKind.NORMAL) for name in names]  # type: ignore[assignment]
    files = {kind: folder / f"{kind}.gguf" for kind in ("q8_0", "f32")}
    for kind, file in files.items():
        gguf_file.export_gguf(model, file, kind)
    return files


def agreement(ours: Price, theirs: Price, prompts: Sequence[Sequence[int]]) -> str:
    differences, same = [], 0
    for prompt in prompts:
        mine, others = ours(prompt), theirs(prompt)
        differences += [abs(others[token] - price) for token, price in mine.items() if token in others]
        same += max(mine, key=mine.__getitem__) == max(others, key=others.__getitem__)
    most, mean = max(differences), float(np.mean(differences))
    return f"{most:.4f} nats at most, {mean:.4f} on average, first token the same {same} of {len(prompts)} times"


def main() -> None:
    saved = checkpoint.load(checkpoint.find(OPTIONS.model))
    shape = saved.card.architecture
    exact = runtime.create(shape, saved.weights)
    rng = np.random.default_rng(0)
    prompts = [[1, *rng.integers(300, shape.vocab_size, PROMPT - 1).tolist()] for _ in range(PROMPTS)]
    writers = {f"tui-lm, eight bits, {n} thread(s)": writes(quantized(saved, n)) for n in THREADS}
    rounded = prices(quantized(saved, 1))
    with tempfile.TemporaryDirectory() as scratch:
        try:
            import xllamacpp  # noqa: F401

            files = export(saved, Path(scratch))
            for n in THREADS:
                writers[f"llama.cpp, Q8_0, {n} thread(s)"] = writes_llama_cpp(server(files["q8_0"], n))
            theirs = prices_llama_cpp(server(files["f32"], 1))
            print(f"float32 beside llama.cpp's F32: {agreement(prices(exact), theirs, prompts)}")
            theirs = prices_llama_cpp(server(files["q8_0"], 1))
            print(f"float32 beside llama.cpp's Q8_0: {agreement(prices(exact), theirs, prompts)}")
        except ImportError:
            print("skipped llama.cpp: there is no package xllamacpp", file=sys.stderr)
        print(f"float32 beside eight bits: {agreement(prices(exact), rounded, prompts)}")
        best = dict.fromkeys(writers, float("inf"))
        for _ in range(OPTIONS.rounds):
            for name, write in writers.items():
                best[name] = min(best[name], write(prompts[0], OPTIONS.tokens))
        for name, seconds in best.items():
            print(f"{name:<32}{OPTIONS.tokens / seconds:7.1f} tokens/s")


def quantized(saved: SavedModel, threads: int) -> Runtime:
    from tui_lm.runtime.quantized_llama import QuantizedLlamaRuntime

    assert saved.quantized is not None, "the model is not served in eight bits"
    return QuantizedLlamaRuntime(saved.card.architecture, saved.quantized, threads)


if __name__ == "__main__":
    main()
