"""A trained model, run one step at a time. `create` chooses the runtime of an architecture.

The module of a runtime is imported when a model needs it: a program at the keyboard serves one architecture, and should
not wait for the others.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from numpy.typing import NDArray

from tui_lm.architecture import Architecture, Gpt2, Llama, Recurrent, Seq2Seq
from tui_lm.errors import TuiLmError
from tui_lm.runtime.runtime import Encoder, GateInputs, HeadNorms, Logits, Runtime, State

__all__ = [
    "Encoder",
    "GateInputs",
    "HeadNorms",
    "Logits",
    "Runtime",
    "State",
    "create",
    "create_writer",
]


def create(
    architecture: Architecture,
    weights: Mapping[str, NDArray[Any]],
    device: str = "cpu",
    quantized: Mapping[str, NDArray[Any]] | None = None,
) -> Runtime:
    """On a device other than "cpu", such as "cuda" or "mps", a LLaMA runs in torch; other networks raise TuiLmError."""
    if device != "cpu":
        if not isinstance(architecture, Llama):
            raise TuiLmError(f"only a LLaMA runs on {device}", "every model runs on the cpu", about="device")
        from tui_lm.runtime.torch_llama import TorchLlamaRuntime  # torch takes a second to import

        return TorchLlamaRuntime(architecture, weights, device)
    if quantized is not None and isinstance(architecture, Llama):
        from tui_lm.runtime.quantized_llama import QuantizedLlamaRuntime  # which needs a package of its own

        return QuantizedLlamaRuntime(architecture, quantized)
    if isinstance(architecture, Llama):
        from tui_lm.runtime.llama import LlamaRuntime

        return LlamaRuntime(architecture, weights)
    if isinstance(architecture, Gpt2):
        from tui_lm.runtime.gpt2 import Gpt2Runtime

        return Gpt2Runtime(architecture, weights)
    if isinstance(architecture, Seq2Seq):
        from tui_lm.runtime.seq2seq import Seq2SeqRuntime

        return Seq2SeqRuntime(architecture, weights)
    if isinstance(architecture, Recurrent):
        from tui_lm.runtime.recurrent import RecurrentRuntime

        return RecurrentRuntime(architecture, weights)
    raise TuiLmError("this model does not write text", "`tui-lm models` lists what each model does")


def create_writer(
    architecture: Architecture,
    weights: Mapping[str, NDArray[Any]],
    device: str = "cpu",
    quantized: Mapping[str, NDArray[Any]] | None = None,
) -> Runtime:
    """As `create`, but a seq2seq network reads and writes one stream of messages, as the other networks do."""
    if isinstance(architecture, Seq2Seq) and device == "cpu":
        from tui_lm.runtime.reply import ReplyRuntime
        from tui_lm.runtime.seq2seq import Seq2SeqRuntime

        return ReplyRuntime(Seq2SeqRuntime(architecture, weights))
    return create(architecture, weights, device, quantized)
