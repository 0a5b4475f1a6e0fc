"""The wheel holds the program and nothing else, and what people install runs."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import venv
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
LESSONS = {f"tui_lm/bundled/learn/{page.name}" for page in (ROOT / "docs" / "learn").glob("*.md")}
DATA = {"tui_lm/bundled/chat.txt", "tui_lm/bundled/english-hindi.tsv"} | LESSONS


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    pytest.importorskip("hatchling")
    folder = tmp_path_factory.mktemp("wheel")
    build = "import sys; from hatchling.build import build_wheel; build_wheel(sys.argv[1])"
    subprocess.run([sys.executable, "-c", build, str(folder)], cwd=ROOT, check=True, capture_output=True)
    (path,) = folder.iterdir()
    return path


def test_the_wheel_holds_every_file_of_the_program_and_the_bundled_texts(wheel: Path) -> None:
    names = {name for name in zipfile.ZipFile(wheel).namelist() if ".dist-info/" not in name}
    files = [path for room in ("tui_lm", "trainers") for path in (ROOT / room).rglob("*") if path.is_file()]
    expected = {str(path.relative_to(ROOT).as_posix()) for path in files if "__pycache__" not in path.parts}
    assert names == expected | DATA


def test_the_wheel_describes_itself(wheel: Path) -> None:
    from tui_lm import __version__

    with zipfile.ZipFile(wheel) as archive:
        info = f"tui_lm-{__version__}.dist-info"
        metadata = archive.read(f"{info}/METADATA").decode()
        assert "tui-lm = tui_lm.__main__:main" in archive.read(f"{info}/entry_points.txt").decode()
        assert f"{info}/licenses/LICENSE" in archive.namelist()
    for line in (
        f"Version: {__version__}",
        "Requires-Python: >=3.11",
        "License-Expression: MIT",
        "Provides-Extra: lsp",
    ):
        assert line in metadata, line


def runs(program: Path, folder: Path) -> None:
    """The installed program trains, completes, and finds its bundled files; it never looks into this checkout."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "VIRTUAL_ENV"))}
    environment["TUI_LM_HOME"] = str(folder / "home")

    def run(*arguments: str) -> str:
        done = subprocess.run([program, *arguments], cwd=folder, env=environment, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        return done.stdout

    assert run("--version").startswith("tui-lm ")
    run("demo", "--no-app", "--minutes", "0.1")
    assert run("complete", "see you ").strip()
    assert run("shell-init", "bash") and run("completion", "bash")


@pytest.mark.slow
def test_pip_installs_a_program_that_runs(wheel: Path, tmp_path: Path) -> None:
    venv.create(tmp_path / "venv", with_pip=True)
    binaries = tmp_path / "venv" / ("Scripts" if os.name == "nt" else "bin")
    pip = [binaries / "python", "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    constraints = [] if os.environ.get("TUI_LM_NEWEST") else ["-c", ROOT / "constraints.txt"]
    subprocess.run([*pip, *constraints, wheel], check=True, cwd=tmp_path)
    runs(binaries / "tui-lm", tmp_path)


@pytest.mark.slow
def test_uv_installs_a_tool_that_runs(wheel: Path, tmp_path: Path) -> None:
    uv = shutil.which("uv")
    if uv is None:
        pytest.skip("uv is not installed")
    folders = {"UV_TOOL_DIR": str(tmp_path / "tools"), "UV_TOOL_BIN_DIR": str(tmp_path / "bin")}
    command = [uv, "tool", "install", "--quiet", "--python", sys.executable, "-c", ROOT / "constraints.txt", wheel]
    subprocess.run(command, check=True, env={**os.environ, **folders}, cwd=tmp_path)
    runs(tmp_path / "bin" / ("tui-lm.exe" if os.name == "nt" else "tui-lm"), tmp_path)
