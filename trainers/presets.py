"""The networks of each size, and their peak learning rates, chosen on validation text (docs/decisions.md)."""

from __future__ import annotations

from dataclasses import dataclass

from tui_lm.architecture import Llama

SIZES = ("auto", "tiny", "small", "base", "large", "huge")


@dataclass(frozen=True, slots=True)
class Enough:
    """The requirements of a size for automatic choice: training tokens, and seconds on two cores."""

    tokens: int
    seconds: float


ENOUGH = {"small": Enough(40_000, 20.0), "base": Enough(250_000, 75.0)}
ENOUGH_PAIRS = {"small": 5_000, "base": 20_000}  # the same for a seq2seq: sentence pairs or messages


@dataclass(frozen=True, slots=True)
class RecurrentPreset:
    """A stack of one cell. Small networks take a higher rate: `rate_factor` times the cell's."""

    hidden_size: int
    rate_factor: float = 1.0


RECURRENT = {
    "tiny": RecurrentPreset(128, rate_factor=1.5),
    "small": RecurrentPreset(320),
    "base": RecurrentPreset(512),
    "large": RecurrentPreset(1024),
    "huge": RecurrentPreset(2048),
}
EMBEDDING = {"char": 64, "subword": 192, "word": 256}  # width of the embedding, by tokenizer


@dataclass(frozen=True, slots=True)
class LlamaPreset:
    """A mini-LLaMA of 0.4M (tiny) to 100M (huge) parameters, with the peak rate of Muon."""

    num_layers: int
    dim: int
    num_heads: int
    num_kv_heads: int
    context_length: int
    learning_rate: float

    def architecture(self, vocab_size: int) -> Llama:
        """The network, with a SwiGLU of 8/3 of the width as in the paper."""
        hidden = round(self.dim / 12) * 32
        return Llama(
            vocab_size, self.dim, hidden, self.num_layers, self.num_heads, self.num_kv_heads, self.context_length
        )


LLAMA = {
    "tiny": LlamaPreset(3, 96, 3, 3, context_length=128, learning_rate=0.006),
    "small": LlamaPreset(4, 160, 5, 5, context_length=128, learning_rate=0.006),
    "base": LlamaPreset(6, 256, 8, 4, context_length=256, learning_rate=0.005),
    "large": LlamaPreset(8, 512, 8, 4, context_length=512, learning_rate=0.004),
    "huge": LlamaPreset(12, 768, 12, 12, context_length=1024, learning_rate=0.003),
}
LLAMA_BATCH = 2048  # tokens of a step: many small steps learn faster than few large ones
LLAMA_SLOWDOWN = 6  # of an LSTM of the same --size: 68,000 against 12,000 tokens a second for "base"


@dataclass(frozen=True, slots=True)
class TuningPreset:
    """How a pretrained network of others is fine-tuned, all its weights, with AdamW and without dropout."""

    learning_rate: float = 3e-4
    lora_rate: float = 1e-3  # of a low-rank change, which begins at zero
    betas: tuple[float, float] = (0.9, 0.98)
    weight_decay: float = 0.01
    warmup_steps: int = 15
    batch_size: int = 4
    sequence_length: int = 256
    context_length: int = (
        2048  # when serving: a text that outgrows it loses its first token, and then the network fails
    )
    evaluations: int = 8  # each reads the validation part, which is slow with a large network
    epochs: int = 2  # without a budget
    most_tokens: int = 1_000_000  # of a run without a budget


TUNING = TuningPreset()
PRETRAINED = 20_000_000  # parameters from which a LLaMA is one that others have trained
TUNING_PACE = 400  # tokens a second of 115M parameters on two cores with bfloat16


@dataclass(frozen=True, slots=True)
class Seq2SeqPreset:
    """An encoder and a decoder with attention; `dim` is the width of the embeddings."""

    dim: int
    hidden_size: int
    num_layers: int = 1


SEQ2SEQ = {
    "tiny": Seq2SeqPreset(128, 256),
    "small": Seq2SeqPreset(256, 384),
    "base": Seq2SeqPreset(256, 512),
    "large": Seq2SeqPreset(512, 1024, num_layers=2),
    "huge": Seq2SeqPreset(512, 1024, num_layers=4),
}
