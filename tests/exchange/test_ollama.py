"""Models are read from Ollama's local store, a small one made by these tests. They need the extra `base`."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import numpy as np
import pytest

from tests.conftest import TEXTS
from tests.exchange.test_gguf_base import byte_level, write_gguf
from tui_lm import checkpoint
from tui_lm.cli import main
from tui_lm.errors import TuiLmError
from tui_lm.exchange import bases, ollama

pytest.importorskip("gguf", reason="needs the extra `base`")
pytest.importorskip("tokenizers", reason="needs the extra `base`")


def put(store: Path, data: bytes, kind: str) -> dict[str, object]:
    """Store a layer. Returns its entry in a manifest."""
    digest = hashlib.sha256(data).hexdigest()
    (store / "blobs").mkdir(parents=True, exist_ok=True)
    (store / "blobs" / f"sha256-{digest}").write_bytes(data)
    return {"mediaType": f"application/vnd.ollama.image.{kind}", "digest": f"sha256:{digest}", "size": len(data)}


def describe(store: Path, path: str, layers: list[dict[str, object]]) -> None:
    manifest = store / "manifests" / path
    manifest.parent.mkdir(parents=True, exist_ok=True)
    media = "application/vnd.docker.distribution.manifest.v2+json"
    manifest.write_text(json.dumps({"schemaVersion": 2, "mediaType": media, "layers": layers}))


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "store"
    write_gguf(tmp_path / "m.gguf", byte_level(TEXTS))
    model = put(folder, (tmp_path / "m.gguf").read_bytes(), "model")
    license = put(folder, b"Do as you like.", "license")
    describe(folder, "registry.ollama.ai/library/tiny/latest", [model, license, put(folder, b"{{x}}", "template")])
    describe(folder, "registry.ollama.ai/library/tiny/1b", [model])
    describe(folder, "registry.ollama.ai/zoe/own/v2", [model])
    describe(folder, "hf.co/maker/base-GGUF/Q4_K_M", [model])
    monkeypatch.setenv("OLLAMA_MODELS", str(folder))
    return folder


@pytest.mark.parametrize(
    "name", ["tiny", "tiny:latest", "tiny:1b", "library/tiny", "zoe/own:v2", "hf.co/maker/base-GGUF:Q4_K_M"]
)
def test_a_name_of_ollama_finds_its_file(name: str, store: Path, tmp_path: Path) -> None:
    assert ollama.open_model(name).file.read_bytes() == (tmp_path / "m.gguf").read_bytes()


def test_an_imported_model_is_the_file_with_its_licence(
    store: Path, home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.argv", ["tui-lm", "models", "import", "ollama:tiny:1b"])
    with pytest.raises(SystemExit) as ended:
        main()
    assert not ended.value.code
    plain = bases.open_base(str(tmp_path / "m.gguf"), "m").model
    for name, weight in checkpoint.load(home / "models/tiny-1b").weights.items():
        np.testing.assert_array_equal(weight, plain.weights[name])
    legal = bases.open_base("ollama:tiny", "m").legal
    assert legal["LICENSE"] == "Do as you like."
    assert "tiny" in legal["NOTICE"] and "apache-2.0" in legal["NOTICE"]


def test_an_unknown_name_lists_those_that_there_are(store: Path) -> None:
    with pytest.raises(TuiLmError) as error:
        bases.open_base("ollama:llama3.2", "m")
    assert error.value.hint == "it has: hf.co/maker/base-GGUF:Q4_K_M, tiny:1b, tiny:latest, zoe/own:v2"


def test_a_machine_without_a_store_says_where_it_would_be(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OLLAMA_MODELS", str(tmp_path / "nowhere"))
    with pytest.raises(TuiLmError, match="no store of Ollama") as error:
        bases.open_base("ollama:tiny", "m")
    assert "OLLAMA_MODELS" in str(error.value.hint)


def test_without_the_variable_the_folders_are_those_of_the_platform(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OLLAMA_MODELS", raising=False)
    assert ollama.folders()[0] == Path.home() / ".ollama" / "models"
    monkeypatch.setattr("sys.platform", "linux")
    assert Path("/usr/share/ollama/.ollama/models") in ollama.folders()


@pytest.mark.parametrize("name", ["../../secret", "a/b/c/d/e", "", "tiny:..", "a\\b", "/etc/passwd"])
def test_a_name_leads_to_no_file_outside_the_store(name: str, store: Path) -> None:
    with pytest.raises(TuiLmError):
        ollama.open_model(name)


@pytest.mark.parametrize(
    ("layers", "says"),
    [
        ([{"mediaType": "application/vnd.ollama.image.model", "digest": "sha256:../../x"}], "damaged"),
        ([{"mediaType": "application/vnd.ollama.image.model", "digest": f"sha256:{'0' * 64}"}], "missing"),
        ([{"mediaType": "application/vnd.ollama.image.adapter", "digest": f"sha256:{'0' * 64}"}], "adapter"),
        ([{"mediaType": "application/vnd.ollama.image.template", "digest": f"sha256:{'0' * 64}"}], "not stored as"),
        ([{}], "damaged"),
    ],
)
def test_a_damaged_or_unusual_manifest_is_refused(layers: list[dict[str, object]], says: str, store: Path) -> None:
    describe(store, "registry.ollama.ai/library/odd/latest", layers)
    with pytest.raises(TuiLmError, match=says):
        ollama.open_model("odd")
