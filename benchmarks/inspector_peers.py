"""The inspector's numbers compared with those of other programs on the same model.

    python benchmarks/inspector_peers.py --llama NAME --lstm NAME [--text TEXT] [--lstmvis FOLDER]

Needs the extra `export`, and transformers, bertviz, inseq, TransformerLens and h5py; a peer that is not installed is
skipped. FOLDER is a checkout of LSTMVis, whose reader is then used too. Prints the largest difference of each
comparison, and fails if one is above 1e-4.
"""

from __future__ import annotations

import argparse
import importlib
import importlib.util
import json
import logging
import os
import re
import sys
import tempfile
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from tui_lm import checkpoint
from tui_lm.engine import Engine
from tui_lm.exchange.huggingface import export_folder
from tui_lm.inspection import autograd
from tui_lm.inspection.cursor import Cursor
from tui_lm.inspection.recording import Recording, record
from tui_lm.inspection.views import attention, lens
from tui_lm.tokenizers.stream import WritingContext

TOLERANCE = 1e-4
Found = Iterator[tuple[str, str, float]]
"""The peer, what is compared, and the largest difference."""


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--llama", default="demo-llama")
    parser.add_argument("--lstm", default="demo")
    parser.add_argument("--text", default="are you coming to the station")
    parser.add_argument("--lstmvis", type=Path)
    options = parser.parse_args()
    os.environ["HF_HUB_OFFLINE"] = "1"
    warnings.simplefilter("ignore")
    logging.disable(logging.WARNING)
    largest = 0.0
    for compare, name in ((of_attention, options.llama), (of_states, options.lstm)):
        folder = checkpoint.find(name)
        engine = Engine.open(folder)
        recording = record(engine, WritingContext(options.text, engine.me))
        print(f"{recording.model}: {recording.description}; {len(recording)} tokens")
        for peer, what, difference in compare(recording, folder, options):
            print(f"  {peer:<18} {what:<58} {difference:.1e}")
            largest = max(largest, difference)
    return int(largest > TOLERANCE)


def of_attention(recording: Recording, folder: Path, options: argparse.Namespace) -> Found:
    """A mini-LLaMA: attention, logits, lens and gradients in transformers, bertviz and TransformerLens."""
    import torch
    from transformers import LlamaForCausalLM

    ours = [
        [attention.weights(recording, layer, head)[0] for head in recording.heads(layer)] for layer in layers(recording)
    ]
    logits = np.stack([step.logits for step in recording.steps])
    tokens = torch.tensor([recording.tokens])
    with tempfile.TemporaryDirectory() as scratch:
        export_folder(checkpoint.load(folder), Path(scratch) / "model")
        model = LlamaForCausalLM.from_pretrained(Path(scratch) / "model", attn_implementation="eager").eval()
    with torch.no_grad():
        theirs = model(tokens, output_attentions=True)
    yield "transformers", "logits", apart(logits, theirs.logits[0].numpy())
    yield "transformers", "attention of every layer and head", apart(ours, torch.cat(theirs.attentions).numpy())

    target = Cursor().on(recording).target
    embedded = model.get_input_embeddings()(tokens).detach().requires_grad_()
    model(inputs_embeds=embedded).logits[0, -1].log_softmax(-1)[target].backward()
    products = (embedded.grad * embedded).sum(-1)[0].detach().numpy()
    mine = autograd.saliency(checkpoint.load(folder), recording.tokens, target)
    yield "transformers", "gradient x input of the likeliest next token", apart(mine, products)

    if importlib.util.find_spec("bertviz"):
        from bertviz import head_view, model_view

        for view in (head_view, model_view):
            page = view(theirs.attentions, list(recording.labels), html_action="return").data
            drawn = json.loads(re.findall(r"const params = (\{.*?\});? // HACK", page)[0])["attention"][0]["attn"]
            yield "bertviz", f"attention in the page of {view.__name__}", apart(ours, drawn)
    if importlib.util.find_spec("inseq"):
        yield "inseq", "gradient x input of the likeliest next token", apart(mine, of_inseq(recording, model, target))
    if importlib.util.find_spec("transformer_lens"):
        yield from of_transformer_lens(recording, model, ours, logits)


def of_inseq(recording: Recording, model: Any, target: int) -> Any:
    """inseq's gradient x input [T] for the log-probability of `target` after the text, summed over the embedding."""
    import inseq
    import torch
    from tokenizers import Tokenizer, models, pre_tokenizers
    from transformers import PreTrainedTokenizerFast

    words = {f"t{token}": token for token in range(model.config.vocab_size)}  # so that the peer reads the same tokens
    tokenizer = Tokenizer(models.WordLevel(words, unk_token="t0"))
    tokenizer.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
    named = PreTrainedTokenizerFast(tokenizer_object=tokenizer, pad_token="t0", eos_token="t0")

    def log_probability(args: Any) -> Any:
        return args.forward_output.logits[:, -1].log_softmax(-1).gather(-1, args.target_ids.reshape(-1, 1)).squeeze(-1)

    inseq.register_step_function(log_probability, "log_probability", overwrite=True)
    looked_into = inseq.load_model(model, "input_x_gradient", tokenizer=named)
    text = " ".join(f"t{token}" for token in recording.tokens)
    found = looked_into.attribute(text, f"{text} t{target}", attributed_fn="log_probability", show_progress=False)
    scores = found.sequence_attributions[0].target_attributions
    return torch.nan_to_num(scores[: len(recording), 0]).sum(-1).numpy()


def of_transformer_lens(recording: Recording, model: Any, ours: Any, logits: Any) -> Found:
    import torch
    from transformer_lens import HookedTransformer, HookedTransformerConfig
    from transformer_lens.pretrained.weight_conversions import convert_llama_weights

    shape = model.config
    grouped = shape.num_key_value_heads != shape.num_attention_heads
    config = HookedTransformerConfig(
        n_layers=shape.num_hidden_layers,
        d_model=shape.hidden_size,
        d_head=shape.head_dim,
        n_heads=shape.num_attention_heads,
        n_key_value_heads=shape.num_key_value_heads if grouped else None,
        d_mlp=shape.intermediate_size,
        d_vocab=shape.vocab_size,
        n_ctx=shape.max_position_embeddings,
        act_fn="silu",
        eps=shape.rms_norm_eps,
        normalization_type="RMS",
        final_rms=True,
        gated_mlp=True,
        positional_embedding_type="rotary",
        rotary_base=int(shape.rope_theta),
        rotary_dim=shape.head_dim,
        device="cpu",
    )
    hooked = HookedTransformer(config)
    hooked.load_state_dict(convert_llama_weights(model, config), strict=False)
    with torch.no_grad():
        theirs, cache = hooked.run_with_cache(torch.tensor([recording.tokens]), prepend_bos=False)
        patterns = [cache["pattern", layer][0].numpy() for layer in layers(recording)]
        rest = cache.accumulated_resid(incl_mid=False)[1:, 0]  # the output of each layer
        read = hooked.unembed(hooked.ln_final(rest)).numpy()
    yield "TransformerLens", "logits", apart(logits, theirs[0].numpy())
    yield "TransformerLens", "attention of every layer and head", apart(ours, patterns)
    mine = np.stack([lens.readings(recording, time) for time in range(len(recording))], axis=1)
    yield "TransformerLens", "logit lens of every layer and step", apart(mine, read)


def of_states(recording: Recording, folder: Path, options: argparse.Namespace) -> Found:
    """An LSTM: its states and gates, written in the format of LSTMVis and read back."""
    if importlib.util.find_spec("h5py") is None:
        return
    with tempfile.TemporaryDirectory() as scratch:
        series = write_lstmvis(recording, Path(scratch))
        yield from read_lstmvis(recording, Path(scratch), series, options.lstmvis)


def write_lstmvis(recording: Recording, folder: Path) -> dict[str, Any]:
    """Writes states.hdf5 [T, units], train.hdf5 with the ids and words.dict. Returns the series by their path."""
    import h5py

    names = (*recording.names,)
    series = {f"{name}_{layer + 1}": recording.series(layer, name) for layer in layers(recording) for name in names}
    with h5py.File(folder / "states.hdf5", "w") as file:
        for path, values in series.items():
            file.create_dataset(path, data=values.astype(np.float32), chunks=True, compression="gzip")
    with h5py.File(folder / "train.hdf5", "w") as file:
        file.create_dataset("word_ids", data=np.array(recording.tokens))
    words = dict(zip(recording.tokens, recording.labels, strict=True))
    lines = [f"{''.join(word.split())} {token}\n" for token, word in words.items()]
    (folder / "words.dict").write_text("".join(lines), "utf-8")
    return series


def config_of(recording: Recording, series: dict[str, Any]) -> dict[str, Any]:
    """Writes lstm.yml, the description by which LSTMVis finds a model."""
    types = [
        {"type": path.rpartition("_")[0], "layer": int(path.rpartition("_")[2]), "path": path, "transform": "raw"}
        for path in series
    ]
    return {
        "name": recording.model,
        "description": recording.description,
        "files": {"states": "states.hdf5", "train": "train.hdf5", "words": "words.dict"},
        "word_sequence": {"file": "train", "path": "word_ids", "dict_file": "words"},
        "states": {"file": "states", "types": types},
    }


def read_lstmvis(recording: Recording, folder: Path, series: dict[str, Any], checkout: Path | None) -> Found:
    import h5py

    with h5py.File(folder / "states.hdf5") as file:
        for path, values in series.items():
            yield "h5py", f"{path}, written for LSTMVis and read", apart(values, file[path][:])
    if checkout is None:
        return
    sys.path.insert(0, str(checkout))
    handler = importlib.import_module("lstmdata.data_handler").LSTMDataHandler(
        str(folder), config_of(recording, series)
    )
    last = len(recording) - 1
    for path, values in series.items():
        found, _ = handler.get_states([last], f"states::{path}", left=last, raw=True, data_transform="raw")
        yield "LSTMVis' reader", path, apart(values, found[0]["data"])
    (words,) = handler.get_words([last], left=last)
    yield "LSTMVis' reader", "tokens that differ", float(words["word_ids"] != recording.tokens)


def layers(recording: Recording) -> range:
    return range(recording.layers)


def apart(ours: Any, theirs: Any) -> float:
    """The largest absolute difference of two arrays of the same shape."""
    one, other = np.asarray(ours, dtype=np.float64), np.asarray(theirs, dtype=np.float64)
    assert one.shape == other.shape, (one.shape, other.shape)
    return float(np.abs(one - other).max())


if __name__ == "__main__":
    sys.exit(main())
