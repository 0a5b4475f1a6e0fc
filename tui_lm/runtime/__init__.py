"""A trained model, run one step at a time. `create` chooses the runtime of an architecture."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from numpy.typing import NDArray

from tui_lm.architecture import Architecture, Gpt2, Llama, Recurrent, Seq2Seq
from tui_lm.errors import TuiLmError
from tui_lm.runtime.gpt2 import Gpt2Runtime
from tui_lm.runtime.llama import LlamaRuntime
from tui_lm.runtime.recurrent import RecurrentRuntime
from tui_lm.runtime.reply import ReplyRuntime
from tui_lm.runtime.runtime import Encoder, GateInputs, HeadNorms, Logits, Runtime, State
from tui_lm.runtime.seq2seq import Seq2SeqRuntime

__all__ = [
    "Encoder",
    "GateInputs",
    "HeadNorms",
    "Logits",
    "ReplyRuntime",
    "Runtime",
    "Seq2SeqRuntime",
    "State",
    "create",
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
        return LlamaRuntime(architecture, weights)
    if isinstance(architecture, Gpt2):
        return Gpt2Runtime(architecture, weights)
    if isinstance(architecture, Seq2Seq):
        return Seq2SeqRuntime(architecture, weights)
    if isinstance(architecture, Recurrent):
        return RecurrentRuntime(architecture, weights)
    raise TuiLmError("this model does not write text", "`tui-lm models` lists what each model does")
