"""Commands import only what they need. Above all, serving never imports torch, which takes seconds."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

# Importing torch in the child process fails, as if it were not installed.
NO_TORCH = "import sys; sys.modules['torch'] = None; "
RUN = NO_TORCH + "sys.argv = ['tui-lm', *{arguments!r}]; from tui_lm.cli import main; main()"


def child(code: str, home: Path, stdin: str = "") -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-W", "error", "-c", code],
        env={**os.environ, "TUI_LM_HOME": str(home)},
        input=stdin,
        capture_output=True,
        text=True,
        timeout=120,
    )


@pytest.mark.parametrize(
    "arguments",
    [
        ["--help"],
        ["--version"],
        ["complete", "see you", "-m", "small", "--json"],
        ["generate", "see you", "-m", "small", "--max-new-tokens", "5"],
        ["models"],
        ["models", "show", "small"],
        ["read", "chat.txt"],
        ["evaluate", "small", "chat.txt", "--json"],
        ["translate", "see you", "-m", "french"],
    ],
    ids=" ".join,
)
def test_serving_works_without_torch(
    arguments: list[str], saved: Path, saved_translator: Path, chat_file: Path, home: Path
) -> None:
    arguments = [str(chat_file) if argument == "chat.txt" else argument for argument in arguments]
    result = child(RUN.format(arguments=arguments), home)
    assert result.returncode == 0, result.stderr
    assert result.stdout


def test_stdio_works_without_torch(saved: Path, home: Path) -> None:
    code = RUN.format(arguments=["complete", "--stdio", "-m", "small"])
    result = child(code, home, '{"id": 1, "text": "see y"}\n')
    assert result.returncode == 0, result.stderr
    assert '"id": 1' in result.stdout


def test_the_language_server_works_without_torch(saved: Path, home: Path) -> None:
    pytest.importorskip("pygls")
    body = '{"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": {"capabilities": {}}}'
    result = child(RUN.format(arguments=["lsp", "-m", "small"]), home, f"Content-Length: {len(body)}\r\n\r\n{body}")
    assert result.returncode == 0 and not result.stderr, result.stderr
    assert '"inlineCompletionProvider"' in result.stdout


def test_serving_programs_works_without_torch(saved: Path, home: Path) -> None:
    pytest.importorskip("uvicorn")
    code = NO_TORCH + "import tui_lm.cli.serve, tui_lm.serve.application, tui_lm.serve.listener, tui_lm.engine"
    assert child(code, home).returncode == 0


def loaded(code: str, home: Path) -> set[str]:
    """The top-level modules loaded in a child process after `code`."""
    tail = "; import sys; print(' '.join({name.partition('.')[0] for name in sys.modules}))"
    result = child(code + tail, home)
    assert result.returncode == 0, result.stderr
    return set(result.stdout.splitlines()[-1].split())


def test_the_command_line_imports_nothing_slow(home: Path) -> None:
    heavy = {"torch", "numpy", "textual", "safetensors", "sentencepiece", "platformdirs", "pydantic"}
    assert not heavy & loaded("import tui_lm.cli", home)


def test_a_suggestion_imports_one_runtime_and_nothing_slow(saved: Path, home: Path) -> None:
    at_exit = "import atexit, sys; atexit.register(lambda: print(*sys.modules)); "
    result = child(at_exit + RUN.format(arguments=["complete", "see you", "-m", "small"]), home)
    modules = set(result.stdout.splitlines()[-1].split())
    assert {"tui_lm.runtime.recurrent", "tui_lm.completion.completer"} <= modules
    assert not {"numpy.ma", "tui_lm.runtime.llama", "tui_lm.runtime.gpt2", "tui_lm.runtime.seq2seq"} & modules
    assert not {"tui_lm.architecture.classifier", "tui_lm.architecture.word_vectors"} & modules


def test_the_app_is_imported_without_torch_and_numpy(home: Path) -> None:
    assert not {"torch", "numpy"} & loaded("import tui_lm.tui.app, tui_lm.tui.screens.chat", home)


def test_the_first_frame_waits_for_no_module_of_a_training(home: Path) -> None:
    modules = child("import tui_lm.tui.app, tui_lm.tui.screens.chat, sys; print(*sys.modules)", home).stdout.split()
    assert "tui_lm.tui.screens.chat" in modules
    assert not {"tui_lm.events", "tui_lm.tui.screens.train"} & {*modules}


def test_a_training_plan_is_made_without_torch(home: Path) -> None:
    assert "torch" not in loaded("import trainers.order, trainers.config", home)


def test_a_char_model_is_served_without_sentencepiece(home: Path) -> None:
    assert "sentencepiece" not in loaded("import tui_lm.engine", home)


def test_training_does_not_import_the_compiler_of_torch(chat_file: Path, home: Path) -> None:
    """torch's optimizers would import it for nothing, which takes half of the start of a training."""
    arguments = ["train", str(chat_file), "--steps", "2", "--size", "tiny", "--name", "m", "--json"]
    no_compiler = "import sys; sys.modules['torch._dynamo'] = None; "
    result = child(no_compiler + RUN.removeprefix(NO_TORCH).format(arguments=arguments), home)
    assert result.returncode == 0, result.stderr
    assert '"run_finished"' in result.stdout
