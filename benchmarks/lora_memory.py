"""What do a few LoRA steps on a large base take, beside what `--explain` foretells?

    python benchmarks/lora_memory.py [--rank 16] [--steps 4]

Random weights in the shape of Qwen2-0.5B with a trimmed vocabulary. Memory is the peak of the process, with the model
merged for a sample and rounded to eight bits at the end; time is processor time. Needs the extra `base`.
"""

from __future__ import annotations

import argparse
import resource
import time

import torch
from torch.nn import functional as F

from trainers import device as devices
from trainers import optim
from trainers.best import arrays
from trainers.plan import tuning_memory, tuning_pace
from tui_lm import models
from tui_lm.architecture import Llama, count_parameters
from tui_lm.models import lora
from tui_lm.runtime import create
from tui_lm.runtime.quantization import quantize

SHAPE = Llama(15_000, 896, 4864, 24, 14, 2, 2048, rope_theta=1e6, norm_eps=1e-6, attention_bias=True)
WINDOWS, LENGTH = 4, 256


def peak() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e9


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rank", type=int, default=16)
    parser.add_argument("--steps", type=int, default=4)
    options = parser.parse_args()
    foreseen = tuning_memory(SHAPE, WINDOWS * LENGTH, options.rank) / 1e9
    pace = tuning_pace(SHAPE, options.rank)
    print(
        f"{count_parameters(SHAPE) / 1e6:.0f}M parameters; foretold {foreseen:.1f} GB, {pace:.0f} tokens/s on two cores"
    )
    torch.set_num_threads(2)
    devices.keep_memory()
    model = models.create(SHAPE)
    lora.adapt(model, options.rank, devices.product_type("cpu"))
    learned = [weight for weight in model.parameters() if weight.requires_grad]
    optimizer = torch.optim.AdamW(learned, 1e-3, fused=True)
    tokens = torch.randint(4, SHAPE.vocab_size, (LENGTH + 1, WINDOWS))
    for number in range(options.steps):
        begun = time.process_time()
        with devices.autocast("cpu"):
            logits, _ = model(tokens[:-1])
        F.cross_entropy(logits.float().flatten(0, 1), tokens[1:].flatten()).backward()
        torch.nn.utils.clip_grad_norm_(learned, 1.0)
        optim.step(optimizer)
        optimizer.zero_grad(set_to_none=True)
        seconds = time.process_time() - begun
        print(f"step {number}: {WINDOWS * LENGTH / seconds:.0f} tokens a core-second, peak {peak():.2f} GB", flush=True)
    weights = arrays(model, SHAPE)
    create(SHAPE, weights)
    print(f"merged for a sample: peak {peak():.2f} GB", flush=True)
    quantize(SHAPE, weights, [list(range(10, 10 + LENGTH))])
    print(f"rounded at the end: peak {peak():.2f} GB")


if __name__ == "__main__":
    main()
