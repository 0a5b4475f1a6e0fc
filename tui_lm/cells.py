"""The recurrent cells: one entry each, from which every other part of the program reads the facts about a cell.

The arithmetic is elsewhere: one step in `runtime/cells.py`, training in `models/cells.py`. `docs/add-a-cell.md` lists
all files that a new cell needs.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Array = NDArray[np.floating]

Notation = Literal["textbook", "pytorch"]
PARAMETERS = ("weight_ih", "weight_hh", "bias_ih", "bias_hh")  # of one layer, as PyTorch names and orders them


@dataclass(frozen=True, slots=True)
class Equation:
    """How one gate or state is computed, in the textbooks' notation and in PyTorch's.

    `squash` is the function around the sum of the contributions of input and state: σ, tanh, or minGRU's g. It is empty
    for a state that is computed from gates alone. `numbers` is a template for the right side: {x} and {h} stand for the
    contributions of the input and of the state before, {old} for the value before the step of the state that is
    computed, and the name of a gate or state for its value at this step.
    """

    of: str
    textbook: str
    pytorch: str
    squash: str = ""
    numbers: str = ""  # by default squash({x} {h})
    textbook_numbers: str = ""  # where they differ from `numbers`

    def written(self, notation: Notation) -> str:
        return self.textbook if notation == "textbook" else self.pytorch

    def in_numbers(self, notation: Notation) -> str:
        if notation == "textbook" and self.textbook_numbers:
            return self.textbook_numbers
        return self.numbers or f"{self.squash}({{x}} {{h}})"


@dataclass(frozen=True, slots=True)
class Memory:
    """A state that is a gated sum: state' = keep * state + write * candidate, where no factor is a matrix.

    Such a state can be unrolled exactly into the contributions of all tokens (the memory ledger).
    """

    state: str
    gate: str  # decides how much is kept
    candidate: str
    one_keeps: bool = True  # what a gate of 1 does: keep the old state, or replace it
    write_gate: str | None = None  # None: what is not kept is written

    def kept(self, gate: Array) -> Array:
        """The factor of the old state, for values of `gate`."""
        return gate if self.one_keeps else 1 - gate

    def written(self, values: Callable[[str], Array]) -> Array:
        """What a step adds to the state: `values` gives a gate or the candidate by name, all of one shape."""
        write = 1 - self.kept(values(self.gate)) if self.write_gate is None else values(self.write_gate)
        result: Array = write * values(self.candidate)
        return result


@dataclass(frozen=True, slots=True)
class CellSpec:
    """A recurrent cell. H is its number of units.

    `stacked` names the blocks of H rows of the weights [len(stacked) * H, inputs], from top to bottom. `states` go from
    one step to the next; the first is the cell's output. `equations` are in reading order.
    """

    name: str  # in `--arch` and in config.json
    label: str  # shown to people
    paper: str
    stacked: tuple[str, ...]
    equations: tuple[Equation, ...]
    peak_rate: float  # AdamW, chosen on validation text (docs/decisions.md)
    states: tuple[str, ...] = ("hidden_state",)
    memory: Memory | None = None
    reads_state: bool = True  # whether gates depend on the state before; otherwise there is no weight_hh and no bias_hh
    translates: bool = False  # whether it can be the cell of an encoder and decoder
    layers: int = 1  # in the plan, unless the user says otherwise
    textbook_complement: str | None = None  # a gate for which textbooks write 1 minus PyTorch's value
    remarks: Mapping[Notation, str] = field(default_factory=dict)  # shown under the equations

    @property
    def order(self) -> tuple[str, ...]:
        """Gates and states in reading order."""
        return tuple(equation.of for equation in self.equations)

    @property
    def gates(self) -> tuple[str, ...]:
        """The names of values between 0 and 1, in reading order; candidates are not among them."""
        return tuple(equation.of for equation in self.equations if equation.squash == "σ")

    @property
    def parameters(self) -> tuple[str, ...]:
        """Names of one layer's weights, as PyTorch names and orders them."""
        return tuple(name for name in PARAMETERS if self.reads_state or not name.endswith("_hh"))

    def weights(self, prefix: str, layer: str, inputs: int, hidden: int) -> dict[str, tuple[int, ...]]:
        """Name and shape of one layer's weights."""
        rows = len(self.stacked) * hidden
        shapes = {"weight_ih": (rows, inputs), "weight_hh": (rows, hidden), "bias_ih": (rows,), "bias_hh": (rows,)}
        return {f"{prefix}.{name}_l{layer}": shapes[name] for name in self.parameters}


LSTM = CellSpec(
    name="lstm",
    label="LSTM",
    paper="Hochreiter & Schmidhuber 1997; forget gate: Gers, Schmidhuber & Cummins 2000",
    stacked=("input", "forget", "cell", "output"),
    states=("hidden_state", "cell_state"),
    memory=Memory("cell_state", "forget", "cell", write_gate="input"),
    peak_rate=0.012,
    translates=True,
    equations=(
        Equation("forget", "f_t = σ(W_f x_t + U_f h_{t-1} + b_f)", "f = σ(W_if x + b_if + W_hf h + b_hf)", "σ"),
        Equation("input", "i_t = σ(W_i x_t + U_i h_{t-1} + b_i)", "i = σ(W_ii x + b_ii + W_hi h + b_hi)", "σ"),
        Equation("cell", "C~_t = tanh(W_C x_t + U_C h_{t-1} + b_C)", "g = tanh(W_ig x + b_ig + W_hg h + b_hg)", "tanh"),
        Equation("output", "o_t = σ(W_o x_t + U_o h_{t-1} + b_o)", "o = σ(W_io x + b_io + W_ho h + b_ho)", "σ"),
        Equation(
            "cell_state",
            "C_t = f_t C_{t-1} + i_t C~_t",
            "c' = f c + i g",
            numbers="{forget} · {old} + {input} · {cell}",
        ),
        Equation("hidden_state", "h_t = o_t tanh(C_t)", "h' = o tanh(c')", numbers="{output} · tanh({cell_state})"),
    ),
)

GRU = CellSpec(
    name="gru",
    label="GRU",
    paper="Cho et al. 2014, in the variant of cuDNN and PyTorch",
    stacked=("reset", "update", "new"),
    memory=Memory("hidden_state", "update", "new"),
    peak_rate=0.008,
    translates=True,
    textbook_complement="update",
    equations=(
        Equation("update", "z_t = σ(W_z x_t + U_z h_{t-1} + b_z)", "z = σ(W_iz x + b_iz + W_hz h + b_hz)", "σ"),
        Equation("reset", "r_t = σ(W_r x_t + U_r h_{t-1} + b_r)", "r = σ(W_ir x + b_ir + W_hr h + b_hr)", "σ"),
        Equation(
            "new",
            "h~_t = tanh(W x_t + b + r_t (U h_{t-1} + b_U))",
            "n = tanh(W_in x + b_in + r (W_hn h + b_hn))",
            "tanh",
            "tanh({x} + {reset} · {h})",
        ),
        Equation(
            "hidden_state",
            "h_t = (1 - z_t) h_{t-1} + z_t h~_t",
            "h' = (1 - z) n + z h",
            numbers="(1 - {update}) · {new} + {update} · {old}",
            textbook_numbers="(1 - {update}) · {old} + {update} · {new}",
        ),
    ),
    remarks={
        "pytorch": "Here z = 1 keeps the old state, as in Cho et al. 2014; many textbooks write it the other way "
        "round.",
        "textbook": "Here z = 1 takes the new state, as in Chung et al. 2014: it is 1 minus what PyTorch computes. The "
        "reset gate stands where PyTorch and cuDNN have it, outside the product with U.",
    },
)

MINGRU = CellSpec(
    name="mingru",
    label="minGRU",
    paper="Feng et al. 2024, the plain cell in its log-space form",
    stacked=("update", "new"),
    memory=Memory("hidden_state", "update", "new", one_keeps=False),
    reads_state=False,
    peak_rate=0.012,
    layers=3,
    equations=(
        Equation("update", "z_t = σ(W_z x_t + b_z)", "z = σ(W_iz x + b_iz)", "σ", "σ({x})"),
        Equation("new", "h~_t = g(W_h x_t + b_h)", "n = g(W_in x + b_in)", "g", "g({x})"),
        Equation(
            "hidden_state",
            "h_t = (1 - z_t) h_{t-1} + z_t h~_t",
            "h' = (1 - z) h + z n",
            numbers="(1 - {update}) · {old} + {update} · {new}",
        ),
    ),
    remarks=dict.fromkeys(
        ("textbook", "pytorch"),
        "Here z = 1 takes the new state. g(a) = a + 0.5 for a >= 0, else σ(a), so no state is negative. Gate and "
        "candidate read the input alone, so that all steps can be trained at once (Feng et al. 2024).",
    ),
)

RNN = CellSpec(
    name="rnn",
    label="RNN",
    paper="Elman 1990",
    stacked=("hidden_state",),
    peak_rate=0.002,
    equations=(
        Equation(
            "hidden_state", "h_t = tanh(W x_t + U h_{t-1} + b)", "h' = tanh(W_ih x + b_ih + W_hh h + b_hh)", "tanh"
        ),
    ),
)

CELLS: Mapping[str, CellSpec] = {spec.name: spec for spec in (LSTM, GRU, MINGRU, RNN)}
