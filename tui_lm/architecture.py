"""The shape of a network: one frozen dataclass a family, the only description of it.

Training (`models/`), serving (`runtime/`) and the model folder (`checkpoint/`) all read the same value, so a shape
cannot mean two things. What is only a matter of training, such as dropout, is not here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any, ClassVar, Literal, get_args

from tui_lm.errors import DAMAGE, TuiLmError

Cell = Literal["rnn", "lstm", "gru"]
Attention = Literal["none", "bahdanau", "dot", "general"]
GATES: Mapping[str, int] = {"rnn": 1, "gru": 3, "lstm": 4}
LARGEST = 1 << 20  # no width, depth or vocabulary is larger: checked before memory is taken


@dataclass(frozen=True, slots=True)
class Recurrent:
    """A stacked RNN (Elman 1990), LSTM (Hochreiter & Schmidhuber 1997; forget gate of Gers 2000) or GRU (Cho 2014).

    embedding [V, D] -> num_layers cells of hidden_size H -> RMSNorm where `norm` -> linear to V logits.
    With `tie_embeddings` the last layer's weight is the embedding; then dim = hidden_size.
    """

    family: Cell
    vocab_size: int
    dim: int
    hidden_size: int
    num_layers: int = 1
    norm: bool = True
    tie_embeddings: bool = False

    FAMILIES: ClassVar[tuple[str, ...]] = ("rnn", "lstm", "gru")

    def __post_init__(self) -> None:
        if self.family not in GATES:
            raise ValueError(f"no such family: {self.family!r}")
        _require_sizes(self)
        if self.tie_embeddings and self.dim != self.hidden_size:
            raise ValueError("tied embeddings need dim = hidden_size")

    def weights(self) -> dict[str, tuple[int, ...]]:
        """Name and shape of every weight, named as PyTorch names them."""
        shapes: dict[str, tuple[int, ...]] = {"embedding.weight": (self.vocab_size, self.dim)}
        for layer in range(self.num_layers):
            inputs = self.dim if layer == 0 else self.hidden_size
            shapes |= _cell_weights("rnn", self.family, f"{layer}", inputs, self.hidden_size)
        if self.norm:
            shapes["norm.weight"] = (self.hidden_size,)
        if not self.tie_embeddings:
            shapes["head.weight"] = (self.vocab_size, self.hidden_size)
        shapes["head.bias"] = (self.vocab_size,)
        return shapes

    @property
    def label(self) -> str:
        """For people: "LSTM 1 x 512"."""
        return f"{self.family.upper()} {self.num_layers} x {self.hidden_size}"


@dataclass(frozen=True, slots=True)
class Llama:
    """A decoder as LLaMA has it (Touvron et al. 2023), with nothing added, so that others can run it too.

    embedding [V, D] -> num_layers x (RMSNorm, rotary attention of num_heads heads that share num_kv_heads keys and
    values, RMSNorm, SwiGLU of hidden_size) -> RMSNorm -> V logits. It attends to the last context_length tokens.
    """

    vocab_size: int
    dim: int
    hidden_size: int
    num_layers: int
    num_heads: int
    num_kv_heads: int
    context_length: int
    rope_theta: float = 10_000.0
    norm_eps: float = 1e-5
    tie_embeddings: bool = True
    family: Literal["llama"] = "llama"

    def __post_init__(self) -> None:
        _require_sizes(self)
        if self.family != "llama":
            raise ValueError(f"no such family: {self.family!r}")
        if self.dim % (2 * self.num_heads) or self.num_heads % self.num_kv_heads:
            raise ValueError("dim must be an even multiple of num_heads, and num_heads one of num_kv_heads")
        if not (self.rope_theta > 0 and self.norm_eps > 0):
            raise ValueError("rope_theta and norm_eps must be above 0")

    @property
    def head_width(self) -> int:
        return self.dim // self.num_heads

    def weights(self) -> dict[str, tuple[int, ...]]:
        """Name and shape of every weight, named as Hugging Face names them."""
        dim, shared = self.dim, self.num_kv_heads * self.head_width
        shapes: dict[str, tuple[int, ...]] = {"model.embed_tokens.weight": (self.vocab_size, dim)}
        for layer in range(self.num_layers):
            of = f"model.layers.{layer}"
            shapes[f"{of}.input_layernorm.weight"] = (dim,)
            shapes[f"{of}.self_attn.q_proj.weight"] = (dim, dim)
            shapes[f"{of}.self_attn.k_proj.weight"] = (shared, dim)
            shapes[f"{of}.self_attn.v_proj.weight"] = (shared, dim)
            shapes[f"{of}.self_attn.o_proj.weight"] = (dim, dim)
            shapes[f"{of}.post_attention_layernorm.weight"] = (dim,)
            shapes[f"{of}.mlp.gate_proj.weight"] = (self.hidden_size, dim)
            shapes[f"{of}.mlp.up_proj.weight"] = (self.hidden_size, dim)
            shapes[f"{of}.mlp.down_proj.weight"] = (dim, self.hidden_size)
        shapes["model.norm.weight"] = (dim,)
        if not self.tie_embeddings:
            shapes["lm_head.weight"] = (self.vocab_size, dim)
        return shapes

    @property
    def label(self) -> str:
        """For people: "LLaMA 4 x 256 (context 256)"."""
        return f"LLaMA {self.num_layers} x {self.dim} (context {self.context_length})"


@dataclass(frozen=True, slots=True)
class Gpt2:
    """A decoder as GPT-2 has it (Radford et al. 2019), for pretrained ones that are brought in.

    embedding [V, D] + learned position [context_length, D] -> num_layers x (LayerNorm, attention of num_heads heads,
    LayerNorm, GELU of hidden_size) -> LayerNorm -> V logits by the embedding.
    """

    vocab_size: int
    dim: int
    hidden_size: int
    num_layers: int
    num_heads: int
    context_length: int
    norm_eps: float = 1e-5
    family: Literal["gpt2"] = "gpt2"
    tie_embeddings: ClassVar[bool] = True

    def __post_init__(self) -> None:
        _require_sizes(self)
        if self.family != "gpt2":
            raise ValueError(f"no such family: {self.family!r}")
        if self.dim % self.num_heads or not self.norm_eps > 0:
            raise ValueError("dim must be a multiple of num_heads, and norm_eps above 0")

    @property
    def head_width(self) -> int:
        return self.dim // self.num_heads

    def weights(self) -> dict[str, tuple[int, ...]]:
        """Name and shape of every weight, named as Hugging Face names them; matrices are [inputs, outputs]."""
        dim = self.dim
        shapes: dict[str, tuple[int, ...]] = {
            "transformer.wte.weight": (self.vocab_size, dim),
            "transformer.wpe.weight": (self.context_length, dim),
        }
        norms = [f"transformer.h.{layer}.{name}" for layer in range(self.num_layers) for name in ("ln_1", "ln_2")]
        for norm in (*norms, "transformer.ln_f"):
            shapes[f"{norm}.weight"] = shapes[f"{norm}.bias"] = (dim,)
        for layer in range(self.num_layers):
            for name, inputs, outputs in (
                ("attn.c_attn", dim, 3 * dim),
                ("attn.c_proj", dim, dim),
                ("mlp.c_fc", dim, self.hidden_size),
                ("mlp.c_proj", self.hidden_size, dim),
            ):
                shapes[f"transformer.h.{layer}.{name}.weight"] = (inputs, outputs)
                shapes[f"transformer.h.{layer}.{name}.bias"] = (outputs,)
        return shapes

    @property
    def label(self) -> str:
        """For people: "GPT-2 12 x 768 (context 1024)"."""
        return f"GPT-2 {self.num_layers} x {self.dim} (context {self.context_length})"


@dataclass(frozen=True, slots=True)
class Seq2Seq:
    """An encoder and a decoder (Sutskever et al. 2014), and attention between them (Bahdanau 2015, Luong 2015).

    source embedding [Vs, D] -> encoder of num_layers cells, H wide -> S states of the source;
    embedding [V, D] -> decoder of num_layers cells of hidden_size H, which reads those states by its attention
    -> readout of width R -> linear to V logits. A direction of a bidirectional encoder has H / 2 units, so that both
    together are H wide. With `tie_embeddings` the last layer's weight is the target's embedding, and R = D, else R = H.
    """

    vocab_size: int  # of the target
    source_vocab_size: int
    dim: int  # of both embeddings
    hidden_size: int
    num_layers: int = 1  # of the encoder and of the decoder each
    cell: Literal["lstm", "gru"] = "lstm"
    attention: Attention = "dot"
    bidirectional: bool = True
    reverse_source: bool = False  # Sutskever 2014: the source is read from its end
    input_feeding: bool = False  # Luong 2015: the next step reads what this one's attention gave
    share_embeddings: bool = False  # one table for source and target
    tie_embeddings: bool = False
    family: Literal["seq2seq"] = "seq2seq"

    def __post_init__(self) -> None:
        _require_sizes(self)
        if self.family != "seq2seq" or self.cell not in ("lstm", "gru") or self.attention not in get_args(Attention):
            raise ValueError(f"no such network: {self.family!r} of {self.cell!r} with attention {self.attention!r}")
        if self.bidirectional and self.hidden_size % 2:
            raise ValueError("hidden_size must be even where both directions share it")
        if self.input_feeding and self.attention not in ("dot", "general"):
            raise ValueError("input feeding needs attention dot or general")
        if self.share_embeddings and self.vocab_size != self.source_vocab_size:
            raise ValueError("shared embeddings need vocab_size = source_vocab_size")

    @property
    def direction_size(self) -> int:
        """How many units a direction of the encoder has."""
        return self.hidden_size // 2 if self.bidirectional else self.hidden_size

    @property
    def readout_size(self) -> int:
        """The width R of what the head reads."""
        return self.dim if self.tie_embeddings else self.hidden_size

    @property
    def embedding_scale(self) -> float:
        """What a row of the target's table is multiplied with on its way in (Vaswani et al. 2017, section 3.4).

        Rows that also serve as the head's weight are short; unscaled, they would hardly move the gates for thousands of
        steps.
        """
        return float(self.dim) ** 0.5 if self.tie_embeddings else 1.0

    @property
    def source_scale(self) -> float:
        """The same of the source's table, which is another one unless it is shared."""
        return self.embedding_scale if self.share_embeddings else 1.0

    @property
    def fed_size(self) -> int:
        """The width of what enters the decoder beside the token: Bahdanau's context, or Luong's readout."""
        return self.hidden_size if self.attention == "bahdanau" else self.readout_size if self.input_feeding else 0

    @property
    def read_size(self) -> int:
        """The width of what the readout reads: the state, with attention its context, in Bahdanau's the token too."""
        return {"none": self.hidden_size, "bahdanau": 2 * self.hidden_size + self.dim}.get(
            self.attention, 2 * self.hidden_size
        )

    @property
    def has_readout(self) -> bool:
        """Without attention the head reads the state itself, where it has the width for that."""
        return self.attention != "none" or self.readout_size != self.hidden_size

    def weights(self) -> dict[str, tuple[int, ...]]:
        """Name and shape of every weight; those of cells are named as PyTorch names them."""
        hidden, width = self.hidden_size, self.direction_size
        shapes: dict[str, tuple[int, ...]] = {"embedding.weight": (self.vocab_size, self.dim)}
        if not self.share_embeddings:
            shapes["source_embedding.weight"] = (self.source_vocab_size, self.dim)
        for layer in range(self.num_layers):
            for way in ("", "_reverse") if self.bidirectional else ("",):
                shapes |= _cell_weights("encoder", self.cell, f"{layer}{way}", hidden if layer else self.dim, width)
            shapes |= _cell_weights(
                "decoder", self.cell, f"{layer}", hidden if layer else self.dim + self.fed_size, hidden
            )
            if self.bidirectional:
                shapes |= {f"bridge.{layer}.weight": (hidden, hidden), f"bridge.{layer}.bias": (hidden,)}
        if self.attention in ("bahdanau", "general"):
            shapes["attention.key.weight"] = (hidden, hidden)
        if self.attention == "bahdanau":
            shapes |= {"attention.query.weight": (hidden, hidden), "attention.energy.weight": (1, hidden)}
        if self.has_readout:
            shapes["readout.weight"] = (self.readout_size, self.read_size)
        if not self.tie_embeddings:
            shapes["head.weight"] = (self.vocab_size, self.readout_size)
        shapes["head.bias"] = (self.vocab_size,)
        return shapes

    @property
    def label(self) -> str:
        """For people: "seq2seq LSTM 2 x 512, dot attention"."""
        attention = {"none": "no", "bahdanau": "Bahdanau"}.get(self.attention, self.attention)
        return f"seq2seq {self.cell.upper()} {self.num_layers} x {self.hidden_size}, {attention} attention"


def _cell_weights(of: str, cell: Cell, place: str, inputs: int, hidden: int) -> dict[str, tuple[int, ...]]:
    """The weights of one layer of cells, named as PyTorch names them."""
    rows = GATES[cell] * hidden
    return {
        f"{of}.weight_ih_l{place}": (rows, inputs),
        f"{of}.weight_hh_l{place}": (rows, hidden),
        f"{of}.bias_ih_l{place}": (rows,),
        f"{of}.bias_hh_l{place}": (rows,),
    }


def _require_sizes(architecture: Any) -> None:
    """Every whole number of an architecture is a size, and none may take more memory than any network has."""
    for field in fields(architecture):
        size = getattr(architecture, field.name)
        if field.type == "int" and not (type(size) is int and 1 <= size <= LARGEST):
            raise ValueError(f"{field.name} must be between 1 and {LARGEST}, not {size!r}")


Architecture = Recurrent | Llama | Gpt2 | Seq2Seq

FAMILIES: Mapping[str, type[Architecture]] = {
    **dict.fromkeys(Recurrent.FAMILIES, Recurrent),
    "llama": Llama,
    "gpt2": Gpt2,
    "seq2seq": Seq2Seq,
}


def count_parameters(architecture: Architecture) -> int:
    total = 0
    for shape in architecture.weights().values():
        size = 1
        for length in shape:
            size *= length
        total += size
    return total


def to_json(architecture: Architecture) -> dict[str, Any]:
    return asdict(architecture)


def from_json(values: Any) -> Architecture:
    """The architecture of a model folder. Raises TuiLmError where it is not one that this program knows."""
    hint = "train the model again, or update tui-lm if the model is newer"
    if not isinstance(values, dict) or values.get("family") not in FAMILIES:
        raise TuiLmError("the model's architecture is not one that this version knows", hint)
    kind = FAMILIES[values["family"]]
    unknown = values.keys() - {field.name for field in fields(kind)}
    if unknown:
        raise TuiLmError(f"the model's architecture has unknown settings: {', '.join(sorted(unknown))}", hint)
    try:
        return kind(**values)
    except DAMAGE as error:
        raise TuiLmError(f"the model's architecture is damaged: {error}", hint) from error
