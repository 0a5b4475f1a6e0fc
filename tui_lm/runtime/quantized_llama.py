"""LLaMA served in eight bits: the same step as `runtime.llama`, its products taken by onnxruntime.

Attention, positions and the cache are the float runtime's. Where int8 products overflow (processors with AVX2 and
without VNNI add pairs of them in 16 bits) the weights are shifted to uint8, which is slower and exact.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tui_lm import tensor_file
from tui_lm.architecture import Llama
from tui_lm.errors import TuiLmError
from tui_lm.runtime.cache import Past
from tui_lm.runtime.llama import Array, LlamaRuntime
from tui_lm.runtime.quantization import LARGEST, PROBED, ZERO

Session = Any  # onnxruntime.InferenceSession, which has no types


class QuantizedLlamaRuntime(LlamaRuntime):
    """`arrays` are those of `quantization.quantize`, which may be memory-mapped. `threads` share one product."""

    def __init__(self, architecture: Llama, arrays: Mapping[str, NDArray[Any]], threads: int = 1) -> None:
        self.architecture = architecture
        self.embedding = arrays["embedding"]
        self._arrays = arrays
        exact = int8_products_are_exact(arrays["graph.probe"].tobytes())
        self._signs = "int8" if exact else "uint8"
        self._projections, self._transforms = [], []
        for i in range(architecture.num_layers):
            names = {"norm": f"{i}.attention_norm", "qkv": f"{i}.qkv"}
            self._projections.append(self._open("project", names, threads))
            names = {"norm": f"{i}.mlp_norm", **{name: f"{i}.{name}" for name in ("output", "gate_up", "down")}}
            self._transforms.append(self._open("transform", names, threads))
        self._predict = self._open("predict", {"norm": "norm", "head": "head"}, threads)
        tensor_file.release(arrays.values())  # onnxruntime multiplies with copies in an order of its own
        self._turn_by(architecture)

    def _open(self, graph: str, names: Mapping[str, str], threads: int) -> Session:
        """A graph with its weights, which have their names in the graph by those in the file."""
        weights: dict[str, NDArray[Any]] = {}
        for name, stored in names.items():
            weights[name] = self._arrays[stored]
            if name != "norm":
                weights[f"{name}.scale"] = self._arrays[f"{stored}.scale"]
                if f"{stored}.bias" in self._arrays:
                    weights[f"{name}.bias"] = self._arrays[f"{stored}.bias"]
                if self._signs == "uint8":
                    weights[name] = (weights[name].astype(np.int16) + ZERO).astype(np.uint8)
        return _session(self._arrays[f"graph.{graph}.{self._signs}"].tobytes(), weights, threads)

    def _project(self, layer: int, x: Array) -> Array:
        result: Array = self._projections[layer].run(None, {"x": x})[0]
        return result

    def _qk_norm(self, layer: int) -> Array:
        return self._arrays[f"{layer}.qk_norm"]

    def _transform(self, layer: int, x: Array, attended: Array) -> Array:
        result: Array = self._transforms[layer].run(None, {"x": x, "attended": attended})[0]
        return result

    def logits(self, hidden: Array) -> Array:
        result: Array = self._predict.run(None, {"x": np.ascontiguousarray(hidden)})[0]
        return result

    def logit_attribution(self, hidden: Array, token: int) -> tuple[Array, float]:
        normed = hidden / np.sqrt(np.mean(hidden * hidden, axis=-1, keepdims=True) + self.architecture.norm_eps)
        row = self._arrays["head"][:, token] * self._arrays["head.scale"][token] * self._arrays["norm"]
        result: Array = normed * row
        return result, 0.0

    def head_norms(self, layer: int, state: Past) -> Array:
        output = self._arrays[f"{layer}.output"].T * self._arrays[f"{layer}.output.scale"][:, None]
        return self._head_norms(layer, state, output)


def _session(graph: bytes, weights: Mapping[str, NDArray[Any]], threads: int) -> Session:
    try:
        import onnxruntime
    except ImportError as error:
        message = "this model is served in eight bits, which needs the package onnxruntime"
        raise TuiLmError(message, "pip install 'tui-lm[base]'") from error
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads, options.inter_op_num_threads = threads, 1
    options.log_severity_level = 4  # fatal errors alone: others are raised
    options.enable_cpu_mem_arena = False  # 60 sessions would keep as many arenas
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")  # a thread that waits does not work
    if weights:  # which are not copied
        values = [onnxruntime.OrtValue.ortvalue_from_numpy(array) for array in weights.values()]
        options.add_external_initializers(list(weights), values)
    return onnxruntime.InferenceSession(graph, options, providers=["CPUExecutionProvider"])


def int8_products_are_exact(probe: bytes) -> bool:
    """Whether this processor multiplies uint8 by int8 without overflow, tried on the largest numbers there are."""
    rows = np.full((1, PROBED), 2 * ZERO - 1, np.uint8)
    weights = {"weight": np.full((PROBED, PROBED), LARGEST, np.int8)}
    found = _session(probe, weights, 1).run(None, {"x": rows})[0]
    return bool((found == PROBED * (ZERO - 1) * LARGEST).all())
