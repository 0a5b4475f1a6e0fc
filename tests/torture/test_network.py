"""No command but `serve` opens an internet socket, and that one listens on loopback.

strace watches the system calls of the process and of its children.
"""

from __future__ import annotations

import fcntl
import os
import pty
import re
import select
import shutil
import signal
import struct
import subprocess
import sys
import termios
from pathlib import Path

import pytest

from tui_lm import checkpoint

STRACE = shutil.which("strace")
TUI_LM = [sys.executable, "-m", "tui_lm"]
PATIENCE = 120  # seconds until a program counts as hanging
NOT_LOCAL = re.compile(r"\b(?:socket|socketpair)\((?!AF_UNIX)\w+|sa_family=(?!AF_UNIX)\w+")
PAIRS = "".join(f"the cat {word}\tdie Katze {word}\n" for word in ("sees", "eats", "sleeps", "runs", "sits") * 40)


def traced(command: list[str], log: Path) -> list[str]:
    assert STRACE is not None
    return [STRACE, "-f", "--seccomp-bpf", "-qq", "-e", "trace=network", "-o", str(log), *command]


@pytest.fixture(scope="module", autouse=True)
def tracing(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Skips if strace does not work here; fails if it would not show an internet socket."""
    if STRACE is None:
        pytest.skip("strace is not installed")
    log = tmp_path_factory.mktemp("strace") / "log"
    opened = "import socket; socket.socket().close(); socket.socket(socket.AF_INET6, socket.SOCK_DGRAM).close()"
    if subprocess.run(traced([sys.executable, "-c", opened], log), capture_output=True).returncode:
        pytest.skip("system calls cannot be traced here")
    assert {"AF_INET", "AF_INET6"} <= set(re.findall(r"AF_INET6?", "".join(sockets(log))))


def sockets(log: Path) -> list[str]:
    """The traced calls about any socket that is not a Unix socket."""
    return [line for line in log.read_text("utf-8", "replace").splitlines() if NOT_LOCAL.search(line)]


def run(arguments: list[str], tmp_path: Path, stdin: str = "") -> None:
    log = tmp_path / "log"
    done = subprocess.run(traced([*TUI_LM, *arguments], log), input=stdin, capture_output=True, text=True, cwd=tmp_path)
    assert done.returncode in (0, 1), done.stderr  # 1: the audit found a memorised string
    assert "Traceback" not in done.stderr and not done.stderr.startswith("error"), done.stderr
    assert not sockets(log)


@pytest.mark.parametrize(
    "arguments",
    [
        ["complete", "see y", "-m", "small"],
        ["translate", "see you", "-m", "french"],
        ["read", "chat.txt"],
    ],
    ids=" ".join,
)
@pytest.mark.usefixtures("saved", "saved_translator")
def test_the_most_used_commands_open_no_internet_socket(arguments: list[str], chat_file: Path, tmp_path: Path) -> None:
    chat_file.rename(tmp_path / "chat.txt")
    run(arguments, tmp_path)


@pytest.mark.torture
@pytest.mark.parametrize(
    "arguments",
    [
        ["--help"],
        ["train", "chat.txt", "--steps", "4", "--size", "tiny", "--canaries", "2"],
        ["train", "chat.txt", "--steps", "4", "--size", "tiny", "--arch", "llama"],
        ["train", "pairs.tsv", "--steps", "4", "--size", "tiny"],
        ["train", "chat.txt", "--explain"],
        ["demo", "--no-app", "--minutes", "0.05"],
        ["complete", "see y", "-m", "small", "--json"],
        ["generate", "see", "-m", "small", "--max-new-tokens", "5"],
        ["translate", "see you", "-m", "french", "--json"],
        ["evaluate", "small", "chat.txt", "--json"],
        ["audit", "small", "chat.txt", "--json"],
        ["inspect", "see you", "-m", "small"],
        ["inspect", "see you", "-m", "small", "--svg", "out.svg"],
        ["read", "chat.txt", "--json"],
        ["read", "chat.txt", "--messages"],
        ["models"],
        ["models", "show", "small"],
        ["models", "rename", "small", "other"],
        ["models", "export", "mini", "out", "--to", "hf"],
        ["models", "import", "hf", "--name", "again"],
        ["models", "forget", "small"],
        ["models", "remove", "small", "--yes"],
        ["shell-init", "zsh"],
        ["completion", "bash"],
    ],
    ids=" ".join,
)
@pytest.mark.usefixtures("saved", "saved_translator")
def test_no_command_opens_an_internet_socket(
    arguments: list[str], make_llama, chat_file: Path, home: Path, tmp_path: Path
) -> None:  # type: ignore[no-untyped-def]
    chat_file.rename(tmp_path / "chat.txt")
    (tmp_path / "pairs.tsv").write_text(PAIRS, "utf-8")
    model = make_llama()
    checkpoint.save(home / "models" / "mini", model)
    if "import" in arguments:
        pytest.importorskip("tokenizers")
        subprocess.run([*TUI_LM, "models", "export", "mini", "hf", "--to", "hf"], cwd=tmp_path, check=True)
    run(arguments, tmp_path)


@pytest.mark.torture
def test_processes_of_one_training_connect_over_loopback_only(chat_file: Path, tmp_path: Path) -> None:
    log = tmp_path / "log"
    arguments = ["train", str(chat_file), "--steps", "4", "--size", "tiny", "--devices", "2"]
    done = subprocess.run(traced([*TUI_LM, *arguments], log), capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    where = [line for line in log.read_text("utf-8", "replace").splitlines() if "sa_family=AF_INET" in line]
    assert where, "they must connect somehow"
    assert not [line for line in where if '"127.0.0.1"' not in line and '"::1"' not in line]


@pytest.mark.torture
@pytest.mark.usefixtures("saved")
def test_complete_over_a_pipe_opens_no_internet_socket(tmp_path: Path) -> None:
    run(["complete", "--stdio", "-m", "small"], tmp_path, '{"id": 1, "text": "see y"}\n{"sent": "see you"}\n')


@pytest.mark.usefixtures("saved")
def test_serve_listens_on_loopback_only_and_connects_to_nothing(tmp_path: Path) -> None:
    pytest.importorskip("uvicorn")
    log = tmp_path / "log"
    command = traced([*TUI_LM, "serve", "-m", "small", "--port", "0"], log)
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, start_new_session=True) as process:
        assert process.stdout is not None
        while "Ctrl-C" not in (line := process.stdout.readline()):
            assert line, "the server has ended"
        os.killpg(process.pid, signal.SIGTERM)  # strace itself ignores it until the server has ended
        process.wait(PATIENCE)
    used = [line for line in sockets(log) if "sa_family=" in line]
    assert [line for line in used if "bind(" in line] and not [line for line in used if '"127.0.0.1"' not in line]
    assert not [line for line in used if "connect(" in line]


@pytest.mark.torture
@pytest.mark.usefixtures("saved")
def test_the_language_server_opens_no_internet_socket(tmp_path: Path) -> None:
    pytest.importorskip("pygls")
    body = '{"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": {"capabilities": {}}}'
    run(["lsp", "-m", "small"], tmp_path, f"Content-Length: {len(body)}\r\n\r\n{body}")


@pytest.mark.torture
@pytest.mark.usefixtures("saved")
def test_the_app_opens_no_internet_socket(tmp_path: Path) -> None:
    """The app starts, completes typed text and quits."""
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
    command = traced([*TUI_LM, "-m", "small"], tmp_path / "log")
    environment = {**os.environ, "TERM": "xterm-256color"}
    with subprocess.Popen(command, stdin=theirs, stdout=theirs, stderr=theirs, env=environment) as process:
        os.close(theirs)
        seen = b""
        for until, keys in ((rb"\?1049h", b""), (rb"small", b"see y"), (rb"see y", b"ou tomo"), (rb"tomo", b"\x11")):
            while not re.search(until, seen):
                assert select.select([ours], [], [], PATIENCE)[0], f"{until!r} never came after {seen[-2000:]!r}"
                seen += os.read(ours, 1 << 16)
            os.write(ours, keys)
        while select.select([ours], [], [], PATIENCE)[0]:
            try:
                os.read(ours, 1 << 16)
            except OSError:  # the program has closed the terminal
                break
        assert process.wait(PATIENCE) == 0
    os.close(ours)
    assert not sockets(tmp_path / "log")
