"""The weights of a LLaMA in eight bits, and the graphs that multiply with them.

A weight matrix is int8 with a scale a column; its input is rounded to uint8 with a scale a row when the product is
taken, so that a hypothesis gives the same numbers whatever others share its batch. Channels whose inputs are large are
made smaller and the weights that read them larger (SmoothQuant, Xiao et al. 2023, alpha = 0.5): the scales go into the
norm, or into the rows of the projection, before them, and cost nothing when serving.

Shapes: N rows, D width, F hidden units of the feed-forward layer, V vocabulary; W [inputs, outputs].
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from tui_lm.architecture import Llama
from tui_lm.runtime.cells import sigmoid
from tui_lm.runtime.llama import Array, Layer, LlamaRuntime, rms_norm

if TYPE_CHECKING:
    from onnx import ModelProto, NodeProto, TensorProto

FILE = "quantized.safetensors"
GRAPHS = ("project", "transform", "predict")
SMOOTHING = 0.5  # alpha: how much of an outlier moves from the inputs to the weights
MOST_SMOOTHED = 100.0  # times that a channel is scaled, at most
LARGEST = 127
ZERO = 128  # the zero of uint8
PROBED = 64  # inputs and outputs of the product by which a processor is tried
OPSET, IR_VERSION = 21, 10


class Calibration(LlamaRuntime):
    """A runtime that remembers the largest input of each channel of every product: `largest[product, layer]`."""

    def __init__(self, architecture: Llama, weights: Mapping[str, NDArray[Any]]) -> None:
        super().__init__(architecture, weights)
        self.largest: dict[tuple[str, int], Array] = {}

    @property
    def layers(self) -> Sequence[Layer]:
        return self._layers

    @property
    def norm(self) -> Array:
        return self._norm

    @property
    def head(self) -> Array:
        return self._head

    def _see(self, product: str, layer: int, x: Array) -> None:
        found = np.abs(x).max(axis=0)
        known = self.largest.get((product, layer))
        self.largest[product, layer] = found if known is None else np.maximum(found, known)

    def _project(self, layer: int, x: Array) -> Array:
        self._see("qkv", layer, rms_norm(x, self._layers[layer].attention_norm, self.architecture.norm_eps))
        return super()._project(layer, x)

    def _transform(self, layer: int, x: Array, attended: Array) -> Array:
        weights, hidden_size = self._layers[layer], self.architecture.hidden_size
        normed = rms_norm(x + attended @ weights.output.T, weights.mlp_norm, self.architecture.norm_eps)
        gate_up = normed @ weights.gate_up.T
        gate, up = gate_up[:, :hidden_size], gate_up[:, hidden_size:]
        self._see("gate_up", layer, normed)
        self._see("down", layer, gate * sigmoid(gate) * up)
        return super()._transform(layer, x, attended)

    def logits(self, hidden: Array) -> Array:
        self._see("head", 0, rms_norm(hidden, self._norm, self.architecture.norm_eps))
        return super().logits(hidden)


def quantize(
    architecture: Llama, weights: Mapping[str, NDArray[Any]], texts: Sequence[Sequence[int]]
) -> dict[str, NDArray[Any]]:
    """What `QuantizedLlamaRuntime` reads, by name. `texts` are token ids like those that it will see.

    Needs the package onnx, which writes the graphs; serving does not.
    """
    calibration = Calibration(architecture, weights)
    for tokens in texts:
        state = calibration.start()
        for token in range(0, len(tokens), 64):
            _, state = calibration.prefill(tokens[token : token + 64], state)
    found: dict[str, NDArray[Any]] = {
        f"graph.{name}.{signs}": np.frombuffer(graph.SerializeToString(), np.uint8)
        for signs in ("int8", "uint8")
        for name, graph in zip(GRAPHS, _graphs(architecture, signs), strict=True)
    }
    found["graph.probe"] = np.frombuffer(_probe().SerializeToString(), np.uint8)
    found["embedding"] = np.asarray(calibration.embedding, np.float32)
    for i, layer in enumerate(calibration.layers):
        smooth = {name: _smoothing(calibration.largest[name, i], layer, name) for name in ("qkv", "gate_up", "down")}
        gate_up = layer.gate_up * smooth["gate_up"]
        gate_up[architecture.hidden_size :] /= smooth["down"][:, None]
        found[f"{i}.attention_norm"] = layer.attention_norm / smooth["qkv"]
        found[f"{i}.mlp_norm"] = layer.mlp_norm / smooth["gate_up"]
        products = {
            "qkv": layer.qkv * smooth["qkv"],
            "output": layer.output,
            "gate_up": gate_up,
            "down": layer.down * smooth["down"],
        }
        for name, weight in products.items():
            found |= _rounded(f"{i}.{name}", weight)
        if layer.qkv_bias is not None:
            found[f"{i}.qkv.bias"] = layer.qkv_bias
        if layer.qk_norm is not None:
            found[f"{i}.qk_norm"] = layer.qk_norm
    smooth_head = _scales(calibration.largest["head", 0], calibration.head)
    found["norm"] = calibration.norm / smooth_head
    return found | _rounded("head", calibration.head * smooth_head)


def _smoothing(largest: Array, layer: Layer, product: str) -> Array:
    weight = {"qkv": layer.qkv, "gate_up": layer.gate_up, "down": layer.down}[product]
    return _scales(largest, weight)


def _scales(largest: Array, weight: Array) -> Array:
    """The divisor of each input channel, by which its weights grow: max|x|^a / max|W|^(1 - a) (equation 4)."""
    weights = np.abs(weight).max(axis=0)
    scales = np.maximum(largest, 1e-5) ** SMOOTHING / np.maximum(weights, 1e-5) ** (1 - SMOOTHING)
    scales /= np.exp(np.log(scales).mean())
    result: Array = np.clip(scales, 1 / MOST_SMOOTHED, MOST_SMOOTHED).astype(np.float32)
    return result


def _rounded(name: str, weight: Array) -> dict[str, NDArray[Any]]:
    """A matrix [outputs, inputs] as int8 [inputs, outputs], and the scale of each column."""
    scale = np.maximum(np.abs(weight).max(axis=1), 1e-12) / LARGEST
    rounded = np.round(weight / scale[:, None]).astype(np.int8)
    return {name: np.ascontiguousarray(rounded.T), f"{name}.scale": scale.astype(np.float32)}


def _graphs(shape: Llama, signs: str) -> tuple[ModelProto, ModelProto, ModelProto]:
    """The three graphs of a step: norm and projection, the rest of a layer, and the head.

    `signs` is the type of the weights: int8, or uint8 for processors on which int8 products overflow.
    """
    heads = (shape.num_heads + 2 * shape.num_kv_heads) * shape.head_width
    project = _Graph(signs)
    projected = project.product(project.norm("x", "norm", shape), "qkv", shape.dim, heads)
    if shape.attention_bias:
        projected = project.op("Add", projected, project.weight("qkv.bias", "FLOAT", [heads]))
    project.give("y", projected)
    transform = _Graph(signs)
    attended = transform.product("attended", "output", shape.attention_width, shape.dim)
    middle = transform.op("Add", "x", attended)
    normed = transform.norm(middle, "norm", shape)
    gate_up = transform.product(normed, "gate_up", shape.dim, 2 * shape.hidden_size)
    gate = transform.columns(gate_up, 0, shape.hidden_size)
    up = transform.columns(gate_up, shape.hidden_size, 2 * shape.hidden_size)
    active = transform.op("Mul", transform.op("Mul", gate, transform.op("Sigmoid", gate)), up)
    transform.give("y", transform.op("Add", middle, transform.product(active, "down", shape.hidden_size, shape.dim)))
    predict = _Graph(signs)
    predict.give("y", predict.product(predict.norm("x", "norm", shape), "head", shape.dim, shape.vocab_size))
    return (
        project.model({"x": shape.dim}),
        transform.model({"x": shape.dim, "attended": shape.attention_width}),
        predict.model({"x": shape.dim}),
    )


def _probe() -> ModelProto:
    """One product of uint8 rows and int8 weights, as integers."""
    from onnx import TensorProto

    graph = _Graph("int8")
    weight = graph.weight("weight", "INT8", [PROBED, PROBED])
    whole = graph.op("MatMulInteger", "x", weight, graph.constant(np.uint8(ZERO)))
    graph.give("y", graph.op("Cast", whole, to=TensorProto.FLOAT))
    return graph.model({"x": PROBED}, "UINT8")


class _Graph:
    """An ONNX graph under construction; its weights are handed over when it is opened."""

    def __init__(self, signs: str) -> None:
        self.signs = signs
        self.nodes: list[NodeProto] = []
        self.constants: list[TensorProto] = []
        self.outputs: list[str] = []

    def op(self, kind: str, *inputs: str, **attributes: Any) -> str:
        from onnx import helper

        output = f"v{len(self.nodes)}"
        self.nodes.append(helper.make_node(kind, list(inputs), [output], **attributes))
        return output

    def constant(self, value: Any) -> str:
        from onnx import numpy_helper

        name = f"c{len(self.constants)}"
        self.constants.append(numpy_helper.from_array(np.asarray(value), name))
        return name

    def weight(self, name: str, kind: str, shape: Sequence[int]) -> str:
        """A weight that is stored outside the graph."""
        from onnx import TensorProto

        tensor = TensorProto(name=name, dims=shape, data_type=getattr(TensorProto, kind))
        tensor.data_location = TensorProto.EXTERNAL
        location = tensor.external_data.add()
        location.key, location.value = "location", "weights"
        self.constants.append(tensor)
        return name

    def norm(self, x: str, name: str, shape: Llama) -> str:
        """x / sqrt(mean(x^2) + eps) * scale (Zhang & Sennrich 2019)."""
        axis = self.constant(np.array([1], np.int64))
        square = self.op("ReduceMean", self.op("Mul", x, x), axis, keepdims=1)
        root = self.op("Sqrt", self.op("Add", square, self.constant(np.float32(shape.norm_eps))))
        return self.op("Mul", self.op("Div", x, root), self.weight(name, "FLOAT", [shape.dim]))

    def product(self, x: str, name: str, inputs: int, outputs: int) -> str:
        """x [N, inputs] @ W, both rounded to eight bits."""
        from onnx import TensorProto

        axis = self.constant(np.array([1], np.int64))
        largest = self.op("ReduceMax", self.op("Abs", x), axis, keepdims=1)
        scale = self.op(
            "Mul",
            self.op("Max", largest, self.constant(np.float32(1e-12))),
            self.constant(np.float32(1 / LARGEST)),
        )
        shifted = self.op("Add", self.op("Round", self.op("Div", x, scale)), self.constant(np.float32(ZERO)))
        rounded = self.op("Cast", shifted, to=TensorProto.UINT8)
        zeros = [self.constant(np.uint8(ZERO))]
        if self.signs == "uint8":
            zeros.append(self.constant(np.uint8(ZERO)))
        weight = self.weight(name, self.signs.upper(), [inputs, outputs])
        whole = self.op("Cast", self.op("MatMulInteger", rounded, weight, *zeros), to=TensorProto.FLOAT)
        return self.op("Mul", self.op("Mul", whole, self.weight(f"{name}.scale", "FLOAT", [outputs])), scale)

    def columns(self, x: str, begin: int, end: int) -> str:
        begins, ends, axis = (self.constant(np.array([value], np.int64)) for value in (begin, end, 1))
        return self.op("Slice", x, begins, ends, axis)

    def give(self, name: str, value: str) -> None:
        from onnx import helper

        self.nodes.append(helper.make_node("Identity", [value], [name]))
        self.outputs.append(name)

    def model(self, widths: Mapping[str, int], kind: str = "FLOAT") -> ModelProto:
        """The whole graph; its inputs are [N, width], with `widths` by name."""
        from onnx import TensorProto, helper

        element = getattr(TensorProto, kind)
        rows = [helper.make_tensor_value_info(name, element, ["n", width]) for name, width in widths.items()]
        results = [helper.make_tensor_value_info(name, TensorProto.FLOAT, None) for name in self.outputs]
        graph = helper.make_graph(self.nodes, "step", rows, results, self.constants)
        model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", OPSET)])
        model.ir_version = IR_VERSION
        return model
