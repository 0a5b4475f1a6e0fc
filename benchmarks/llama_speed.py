"""How fast does a mini-LLaMA generate on a CPU, beside transformers and llama.cpp on the same weights?

    python benchmarks/llama_speed.py [--threads 1] [--sizes small,base,large] [--tokens 200]

Needs the extras `export` and `peers`; a peer that is not installed is skipped. Random weights in float32 for all; batch
1, greedy, from a prompt of 16 tokens; the best of five rounds in which the programs take turns. Also prints how many of
the greedy tokens agree.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

PARSER = argparse.ArgumentParser(description=__doc__.splitlines()[0])
PARSER.add_argument("--threads", type=int, default=1)
PARSER.add_argument("--sizes", default="small,base,large")
PARSER.add_argument("--tokens", type=int, default=200)
PARSER.add_argument("--rounds", type=int, default=5)
OPTIONS = PARSER.parse_args()
for name in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[name] = str(OPTIONS.threads)  # the libraries read it when they are imported

import numpy as np  # noqa: E402

from trainers.presets import LLAMA  # noqa: E402
from tui_lm import runtime, tokenizers  # noqa: E402
from tui_lm.architecture import count_parameters  # noqa: E402
from tui_lm.checkpoint import Card, SavedModel  # noqa: E402
from tui_lm.errors import TuiLmError  # noqa: E402
from tui_lm.exchange.gguf_file import export_gguf  # noqa: E402
from tui_lm.exchange.huggingface import export_folder  # noqa: E402

PROMPT = [1, *range(260, 275)]
Write = Callable[[int], list[int]]
"""Takes a number of tokens; returns the ids generated after the prompt."""


def random_model(size: str) -> SavedModel:
    alphabet = "".join(map(chr, range(32, 127))) * 3
    tokenizer = tokenizers.train("char", [alphabet], tokenizers.Specials())
    architecture = LLAMA[size].architecture(tokenizer.vocab_size)
    generator = np.random.default_rng(0)
    weights = {
        name: (generator.standard_normal(shape) * architecture.dim**-0.5 + (len(shape) == 1)).astype(np.float32)
        for name, shape in architecture.weights().items()
    }
    return SavedModel(Card(size, "prose", architecture, "char"), tokenizers.Tokenizers.shared(tokenizer), weights)


def ours(model: SavedModel) -> Write:
    served = runtime.create(model.card.architecture, model.weights)

    def write(count: int) -> list[int]:
        logits, state = served.prefill(PROMPT)
        generated = [int(logits[0].argmax())]
        while len(generated) < count:
            logits, state = served.step([generated[-1]], state)
            generated.append(int(logits[0].argmax()))
        return generated

    return write


def of_transformers(folder: Path) -> Write:
    import torch
    import transformers

    torch.set_num_threads(OPTIONS.threads)
    transformers.logging.set_verbosity_error()
    network = transformers.AutoModelForCausalLM.from_pretrained(folder).eval()
    network.generation_config.eos_token_id = None

    def write(count: int) -> list[int]:
        with torch.no_grad():
            whole = network.generate(torch.tensor([PROMPT]), max_new_tokens=count, do_sample=False)
        generated: list[int] = whole[0, len(PROMPT) :].tolist()
        return generated

    return write


def of_llama_cpp(file: Path, context: int) -> Write:
    import llama_cpp

    kinds: dict[str, Any] = {"type_k": llama_cpp.GGML_TYPE_F32, "type_v": llama_cpp.GGML_TYPE_F32}
    threads = {"n_threads": OPTIONS.threads, "n_threads_batch": OPTIONS.threads}
    network = llama_cpp.Llama(str(file), n_ctx=context, verbose=False, **threads, **kinds)

    def write(count: int) -> list[int]:
        network.reset()
        generated: list[int] = []
        for token in network.generate(PROMPT, temp=0.0, repeat_penalty=1.0):
            generated.append(token)
            if len(generated) == count:
                break
        return generated

    return write


def main() -> None:
    print(f"numpy {np.__version__}, {OPTIONS.threads} thread(s), {OPTIONS.tokens} tokens, best of {OPTIONS.rounds}")
    for size in OPTIONS.sizes.split(","):
        model = random_model(size)
        architecture = model.card.architecture
        context = max(512, architecture.context_length)
        count = min(OPTIONS.tokens, architecture.context_length - len(PROMPT))
        with tempfile.TemporaryDirectory() as scratch:
            writers = {"tui-lm": ours(model)}
            try:
                export_folder(model, Path(scratch) / "hf")
                writers["transformers"] = of_transformers(Path(scratch) / "hf")
            except (ImportError, TuiLmError) as error:
                print(f"skipped: {error}", file=sys.stderr)
            try:
                export_gguf(model, Path(scratch) / "model.gguf")
                writers["llama.cpp"] = of_llama_cpp(Path(scratch) / "model.gguf", context)
            except (ImportError, TuiLmError) as error:
                print(f"skipped: {error}", file=sys.stderr)
            seconds = dict.fromkeys(writers, float("inf"))
            texts: dict[str, list[int]] = {}
            for _ in range(OPTIONS.rounds):
                for name, write in writers.items():
                    begun = time.perf_counter()
                    texts[name] = write(count)
                    seconds[name] = min(seconds[name], time.perf_counter() - begun)
        print(f"\n{model.card.description}, {count_parameters(architecture) * 4 / 1e6:.0f} MB")
        for name, best in seconds.items():
            same = next((i for i, (a, b) in enumerate(zip(texts[name], texts["tui-lm"], strict=True)) if a != b), count)
            print(
                f"  {name:<14}{count / best:8.0f} tokens/s   tui-lm is {best / seconds['tui-lm']:5.2f} x as fast"
                f"   the first {same} of {count} tokens agree"
            )


if __name__ == "__main__":
    warnings.simplefilter("ignore")  # warnings of the peers
    main()
