"""Small pretrained models with random weights, one of each family, made by transformers and by its tokenizers.

Each is saved as a Hugging Face folder, and written as a GGUF file the way llama.cpp's converter writes it.
"""

from __future__ import annotations

import json
import warnings
from pathlib import Path
from typing import Any

import numpy as np

from tests.conftest import TEXTS
from tests.exchange.conftest import PROMPTS

FAMILIES = ("llama2", "llama3", "qwen2", "qwen3", "gpt2")
COMMON = {
    "hidden_size": 48, "intermediate_size": 80, "num_hidden_layers": 2, "num_attention_heads": 4,
    "num_key_value_heads": 2, "max_position_embeddings": 128, "rms_norm_eps": 1e-5,
}  # fmt: skip
ROPE = {
    "rope_type": "llama3", "rope_theta": 100.0, "factor": 8.0, "low_freq_factor": 1.0, "high_freq_factor": 4.0,
    "original_max_position_embeddings": 32,
}  # fmt: skip
WORDS = (
    r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{{L}}\p{{N}}]?\p{{L}}+|{}"
    r"| ?[^\s\p{{L}}\p{{N}}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
)
HARD = [
    *PROMPTS,
    "I'VE seen it's we'll THEY'RE don't",
    "12345 in 2024, 3.14159 and ١٢٣",
    "   leading,  inner   and trailing   ",
    "\r\n\r\nwindows\r\nlines \n \n",
    "snake_case_name = f(x)[0] -> {'a': 1}",
    "ﬁ ligature, Å Angstrom, e\u0301 decomposed",
    "<|endoftext|> <s> </s> <unk> [other] <author:0> <0x41>",
]


def config(family: str, size: int) -> Any:
    """The configuration of a small network. Its parts, and no name, make it one of the family."""
    import transformers

    ids = {"vocab_size": size, "bos_token_id": 1, "eos_token_id": 2}
    if family == "gpt2":
        return transformers.GPT2Config(**ids, n_embd=48, n_layer=2, n_head=4, n_positions=128)
    if family == "llama2":
        return transformers.LlamaConfig(**ids, **COMMON, tie_word_embeddings=False)
    if family == "llama3":
        return transformers.LlamaConfig(**ids, **COMMON, tie_word_embeddings=True, rope_parameters=ROPE)
    if family == "qwen2":
        return transformers.Qwen2Config(**ids, **COMMON, tie_word_embeddings=True)
    return transformers.Qwen3Config(**ids, **COMMON, tie_word_embeddings=False, head_dim=20)


def tokenizer_json(family: str) -> dict[str, Any]:
    """A tokenizer.json trained on our texts, with the splitting rules of the family."""
    import tokenizers
    from tokenizers import pre_tokenizers

    rules = {
        "gpt2": pre_tokenizers.ByteLevel(add_prefix_space=False),
        "llama3": _pattern(r"\p{N}{1,3}"),
        "qwen2": _pattern(r"\p{N}"),
        "qwen3": _pattern(r"\p{N}"),
    }
    trained = tokenizers.Tokenizer(tokenizers.models.BPE())
    special = ["<|endoftext|>", "<|im_start|>", "<|im_end|>"]
    if family == "llama2":
        trained = tokenizers.Tokenizer(tokenizers.models.BPE(unk_token="<unk>", byte_fallback=True, fuse_unk=True))
        space = "\u2581"
        trained.normalizer = tokenizers.normalizers.Sequence(
            [tokenizers.normalizers.Prepend(space), tokenizers.normalizers.Replace(" ", space)]
        )
        trained.decoder = tokenizers.decoders.Sequence(
            [
                tokenizers.decoders.Replace(space, " "), tokenizers.decoders.ByteFallback(), tokenizers.decoders.Fuse(),
                tokenizers.decoders.Strip(" ", 1, 0),
            ]
        )  # fmt: skip
        special = ["<unk>", "<s>", "</s>", *(f"<0x{value:02X}>" for value in range(256))]
        trainer = tokenizers.trainers.BpeTrainer(vocab_size=600, special_tokens=special, show_progress=False)
    else:
        trained.pre_tokenizer, trained.decoder = rules[family], tokenizers.decoders.ByteLevel()
        trainer = tokenizers.trainers.BpeTrainer(
            vocab_size=450, special_tokens=special, initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
            show_progress=False,
        )  # fmt: skip
    trained.train_from_iterator([*TEXTS, *HARD[:-1]] * 3, trainer)
    values: dict[str, Any] = json.loads(trained.to_str())
    values["added_tokens"] = [token for token in values["added_tokens"] if not token["content"].startswith("<0x")]
    values["model"]["ignore_merges"] = family == "llama3"
    if family.startswith("qwen"):
        values["normalizer"] = {"type": "NFC"}
    return values


def _pattern(digits: str) -> Any:
    import tokenizers
    from tokenizers import pre_tokenizers

    split = pre_tokenizers.Split(tokenizers.Regex(WORDS.format(digits)), "isolated")
    return pre_tokenizers.Sequence([split, pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)])


def save_folder(family: str, folder: Path) -> Any:
    """The model in `folder`, as transformers saves it. Returns transformers' model."""
    import torch
    import transformers

    values = tokenizer_json(family)
    torch.manual_seed(7)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # theirs
        model = transformers.AutoModelForCausalLM.from_config(config(family, len(values["model"]["vocab"]))).eval()
        with torch.no_grad():
            for name, weight in model.named_parameters():
                weight.normal_(float("norm" in name or ".ln_" in name) * (weight.dim() == 1), 0.15)
        model.save_pretrained(folder)
    (folder / "tokenizer.json").write_text(json.dumps(values), "utf-8")
    return model


def write_gguf(family: str, theirs: Any, values: dict[str, Any], path: Path) -> None:
    """`theirs` in llama.cpp's layout: names from the table of the package gguf, rows as its converter has them."""
    import gguf

    kind = theirs.config.model_type
    table = gguf.get_tensor_name_map(
        {"llama": gguf.MODEL_ARCH.LLAMA, "qwen2": gguf.MODEL_ARCH.QWEN2, "qwen3": gguf.MODEL_ARCH.QWEN3}.get(
            kind, gguf.MODEL_ARCH.GPT2
        ),
        2,
    )
    writer, own = gguf.GGUFWriter(path, kind), theirs.config
    writer.add_context_length(128)
    writer.add_embedding_length(48)
    writer.add_block_count(2)
    writer.add_head_count(4)
    if kind == "gpt2":
        writer.add_feed_forward_length(192)
        writer.add_layer_norm_eps(own.layer_norm_epsilon)
    else:
        writer.add_feed_forward_length(80)
        writer.add_head_count_kv(2)
        writer.add_layer_norm_rms_eps(own.rms_norm_eps)
        writer.add_rope_freq_base(own.rope_parameters["rope_theta"])
        if kind == "qwen3":
            writer.add_key_length(20)
            writer.add_value_length(20)
    _write_tokenizer(writer, family, values)
    tied = kind == "gpt2" or own.tie_word_embeddings
    for name, tensor in theirs.state_dict().items():
        weight = tensor.numpy()
        if name == "lm_head.weight" and tied:
            continue
        if kind == "llama" and name.endswith(("q_proj.weight", "k_proj.weight")):  # as its converter permutes them
            heads = 4 if "q_proj" in name else 2
            weight = weight.reshape(heads, 2, len(weight) // heads // 2, -1).swapaxes(1, 2).reshape(weight.shape)
        if kind == "gpt2" and name.endswith(("attn.weight", "proj.weight", "fc.weight")):
            weight = weight.T
        writer.add_tensor(table.get_name(name, (".weight", ".bias")), np.ascontiguousarray(weight))
    if family == "llama3":
        writer.add_tensor("rope_freqs.weight", _llama3_factors())
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def _llama3_factors() -> np.ndarray:
    """As llama.cpp's converter computes them: by wavelength, in three ranges."""
    factors = []
    for i in range(6):
        wavelength = 2 * np.pi * ROPE["rope_theta"] ** (2 * i / 12)  # type: ignore[operator]
        if wavelength < 32 / 4:
            factors.append(1.0)
        elif wavelength > 32 / 1:
            factors.append(8.0)
        else:
            smooth = (32 / wavelength - 1) / (4 - 1)
            factors.append(1 / ((1 - smooth) / 8 + smooth))
    return np.array(factors, np.float32)


def _write_tokenizer(writer: Any, family: str, values: dict[str, Any]) -> None:
    import gguf

    vocabulary = values["model"]["vocab"]
    tokens = sorted(vocabulary, key=vocabulary.get)
    special = {token["content"] for token in values["added_tokens"]}
    types = [gguf.TokenType.CONTROL if token in special else gguf.TokenType.NORMAL for token in tokens]
    merges = [merge if isinstance(merge, str) else " ".join(merge) for merge in values["model"]["merges"]]
    if family == "llama2":
        types = [
            gguf.TokenType.BYTE if token.startswith("<0x") else kind for token, kind in zip(tokens, types, strict=True)
        ]
        order = {merge.replace(" ", "", 1): -float(i) for i, merge in reversed([*enumerate(merges)])}
        writer.add_tokenizer_model("llama")
        writer.add_token_scores([order.get(token, -float(len(merges))) for token in tokens])
    else:
        writer.add_tokenizer_model("gpt2")
        writer.add_tokenizer_pre({"gpt2": "gpt-2", "llama3": "llama-bpe"}.get(family, "qwen2"))
        writer.add_token_merges(merges)
    writer.add_token_list(tokens)
    writer.add_token_types(types)
    writer.add_bos_token_id(1)
    writer.add_eos_token_id(2)
