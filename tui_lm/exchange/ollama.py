"""The models in Ollama's local store. They are read where they lie; nothing is downloaded, and Ollama need not run.

A store holds `manifests/HOST/NAMESPACE/MODEL/TAG`, JSON files that name layers by their digest, and
`blobs/sha256-DIGEST`, one file a layer: the GGUF file, the licence, the template.
"""

from __future__ import annotations

import json
import os
import re
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tui_lm.errors import DAMAGE, TuiLmError
from tui_lm.safe_text import visible_line

PREFIX = "ollama:"
HOST, NAMESPACE, TAG = "registry.ollama.ai", "library", "latest"  # left out of a name where they are these
KIND = "application/vnd.ollama.image."
DIGEST = re.compile(r"sha256[:-]([0-9a-f]{64})")
MOST_NAMES = 20  # in an error
LARGEST_MANIFEST = LARGEST_LICENSE = 1 << 20  # bytes


@dataclass(frozen=True, slots=True)
class OllamaModel:
    """A model of the store: its GGUF file, and the texts of its licences."""

    name: str
    file: Path
    licenses: Sequence[str]


def open_model(name: str) -> OllamaModel:
    """The model that Ollama calls `name`: "llama3.2", "llama3.2:1b", "user/model:tag" or "hf.co/user/model".

    Raises TuiLmError, whose hint lists the models that there are, if there is none of that name.
    """
    stores = [store for store in folders() if (store / "manifests").is_dir()]
    if not stores:
        raise TuiLmError(
            "there is no store of Ollama on this machine", "set OLLAMA_MODELS to the folder that holds its manifests"
        )
    for store in stores:
        manifest = store.joinpath("manifests", *_parts(name))
        if manifest.is_file():
            return _read(store, manifest, name)
    found = names()
    listed = ", ".join(visible_line(one) for one in found[:MOST_NAMES])
    more = f" and {len(found) - MOST_NAMES} more" if len(found) > MOST_NAMES else ""
    raise TuiLmError(
        f"Ollama has no model called {visible_line(name[:100])} on this machine",
        f"it has: {listed}{more}" if found else "it has none; `ollama pull` downloads one",
    )


def names() -> list[str]:
    """The models of all stores, as `ollama list` names them."""
    found = set()
    for store in folders():
        root = store / "manifests"
        for manifest in root.glob("*/*/*/*"):
            if manifest.is_file():
                found.add(_shown(manifest.relative_to(root).parts))
    return sorted(found)


def folders() -> list[Path]:
    """The folders where Ollama may keep its models: OLLAMA_MODELS alone if it is set, else those of the platform."""
    chosen = os.environ.get("OLLAMA_MODELS")
    if chosen:
        return [Path(chosen).expanduser()]
    own = [Path.home() / ".ollama" / "models"]  # macOS, Windows, and Linux without the service
    if sys.platform == "linux":
        own += [Path("/usr/share/ollama/.ollama/models"), Path("/var/lib/ollama/.ollama/models")]  # of the service
    return own


def _parts(name: str) -> tuple[str, str, str, str]:
    """(host, namespace, model, tag). A name cannot lead out of the folder of manifests."""
    path, _, tag = name.partition(":")
    if "/" in tag:  # a host with a port, such as "localhost:5000/library/model:tag"
        host, _, rest = name.partition("/")
        path, _, tag = rest.partition(":")
        path = f"{host}/{path}"
    parts = path.split("/")
    before = [HOST, NAMESPACE][: max(0, 3 - len(parts))]
    whole = (*before, *parts, tag or TAG)
    if len(whole) != 4 or any(part in ("", ".", "..") or "\\" in part or "\0" in part for part in whole):
        raise TuiLmError(
            f"{visible_line(name[:100])} is not the name of a model of Ollama", "write it as `ollama list` does"
        )
    return whole[0], whole[1], whole[2], whole[3]


def _shown(parts: Sequence[str]) -> str:
    host, namespace, model, tag = parts
    before = (
        "" if (host, namespace) == (HOST, NAMESPACE) else f"{namespace}/" if host == HOST else f"{host}/{namespace}/"
    )
    return f"{before}{model}:{tag}"


def _read(store: Path, manifest: Path, name: str) -> OllamaModel:
    again = f"pull it again: ollama pull {visible_line(name[:100])}"
    try:
        with manifest.open("rb") as file:
            layers: list[dict[str, Any]] = json.loads(file.read(LARGEST_MANIFEST))["layers"]
        kinds = [(str(layer["mediaType"]).removeprefix(KIND), _blob(store, layer)) for layer in layers]
    except DAMAGE as error:
        raise TuiLmError(f"Ollama's manifest of {visible_line(name[:100])} is damaged", again) from error
    if any(kind == "adapter" for kind, _ in kinds):
        raise TuiLmError("this model is a base with an adapter, which cannot be imported", "import its base")
    models = [blob for kind, blob in kinds if kind == "model"]
    if not models:
        raise TuiLmError(f"{visible_line(name[:100])} is not stored as a GGUF file", "import another model")
    if not models[0].is_file():
        raise TuiLmError(f"the file of {visible_line(name[:100])} is missing from Ollama's store", again)
    texts = [_text(blob) for kind, blob in kinds if kind == "license" and blob.is_file()]
    return OllamaModel(name, models[0], texts)


def _blob(store: Path, layer: dict[str, Any]) -> Path:
    """The file of a layer. Raises ValueError for a digest that is none."""
    found = DIGEST.fullmatch(layer["digest"])
    if found is None:
        raise ValueError(layer["digest"])
    return store / "blobs" / f"sha256-{found[1]}"


def _text(blob: Path) -> str:
    with blob.open("rb") as file:
        return file.read(LARGEST_LICENSE).decode("utf-8", "replace")
