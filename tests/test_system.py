"""The branches for Windows, with its calls replaced, and the program without the modules that only POSIX has."""

from __future__ import annotations

import ctypes
import io
import os
import signal
import subprocess
import sys
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest

from tui_lm import atomic_file, locks, system

ROOT = Path(__file__).parent.parent


class Msvcrt(ModuleType):
    """Windows' locks: one holder, until it closes the file."""

    LK_NBLCK = 2

    def __init__(self) -> None:
        super().__init__("msvcrt")
        self.taken = False

    def locking(self, handle: int, mode: int, size: int) -> None:
        assert (mode, size) == (self.LK_NBLCK, 1)
        if self.taken:
            raise PermissionError(13, "Permission denied")
        self.taken = True


@pytest.fixture
def windows(monkeypatch: pytest.MonkeyPatch) -> Msvcrt:
    """`system` believes that it runs on Windows; the locks that it uses."""
    msvcrt = Msvcrt()
    monkeypatch.setattr(system, "sys", SimpleNamespace(platform="win32"))
    monkeypatch.setattr(system, "os", SimpleNamespace(name="nt", kill=os.kill))
    monkeypatch.setitem(sys.modules, "msvcrt", msvcrt)
    monkeypatch.setattr(system, "PAUSE", 0.0)
    return msvcrt


def test_a_lock_on_windows_has_one_holder(windows: Msvcrt, tmp_path: Path) -> None:
    assert not locks.is_held(tmp_path, "train")
    assert windows.taken
    assert locks.is_held(tmp_path, "train")
    with pytest.raises(locks.LockHeldError), locks.held(tmp_path, "train", wait=0):
        pass


def test_a_training_is_interrupted_with_the_one_signal_that_does_not_kill(
    windows: Msvcrt, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent: list[tuple[int, int]] = []
    monkeypatch.setattr(system, "os", SimpleNamespace(name="nt", kill=lambda *call: sent.append(call)))
    monkeypatch.setattr(signal, "CTRL_BREAK_EVENT", 1, raising=False)
    system.interrupt(42)
    assert sent == [(42, 1)]


def test_a_training_has_a_process_group_of_its_own(windows: Msvcrt, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: dict[str, Any] = {}
    monkeypatch.setattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 512, raising=False)
    monkeypatch.setattr(subprocess, "Popen", lambda command, **options: seen.update(options))
    system.start_apart(["program"], io.BytesIO(), io.BytesIO())
    assert seen["creationflags"] == 512 and "start_new_session" not in seen
    system.lower_priority(42, 10)  # there is no such call


class Call:
    """A function of a library, which can be told the type of its result."""

    def __init__(self, result: Any) -> None:
        self._result, self.restype = result, None

    def __call__(self, *_: Any) -> Any:
        return self._result


class Kernel:
    """Windows' calls about a process that ended with a code; without a code there is none."""

    def __init__(self, code: int | None, error: int = 0) -> None:
        self.code, self.error, self.closed = code, error, False
        self.OpenProcess = Call(None if code is None else 7)

    def GetExitCodeProcess(self, handle: Any, pointer: Any) -> int:
        pointer._obj.value = self.code
        return 1

    def CloseHandle(self, handle: Any) -> None:
        self.closed = True


@pytest.mark.parametrize(
    ("kernel", "alive"), [(Kernel(259), True), (Kernel(0), False), (Kernel(None, 87), False), (Kernel(None, 5), True)]
)
def test_a_process_is_found_by_its_exit_code(
    windows: Msvcrt, monkeypatch: pytest.MonkeyPatch, kernel: Kernel, alive: bool
) -> None:
    monkeypatch.setattr(ctypes, "WinDLL", lambda *_, **__: kernel, raising=False)
    monkeypatch.setattr(ctypes, "get_last_error", lambda: kernel.error, raising=False)
    assert system.is_alive(42) is alive
    assert kernel.closed == (kernel.code is not None)


def test_a_process_is_found_by_its_number_on_posix() -> None:
    assert system.is_alive(os.getpid())
    with subprocess.Popen([sys.executable, "-c", ""]) as process:
        process.wait()
    assert not system.is_alive(process.pid)


def test_a_file_that_is_open_elsewhere_for_a_moment_is_replaced(
    windows: Msvcrt, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    path = tmp_path / "settings.toml"
    path.write_text("old")
    replace, refused = Path.replace, [0] * 3

    def busy(source: Path, target: Path) -> Path:
        if refused:
            refused.pop()
            raise PermissionError(13, "Access is denied")
        return replace(source, target)

    monkeypatch.setattr(Path, "replace", busy)
    atomic_file.write(path, b"new")
    assert path.read_text() == "new" and not atomic_file.leftovers(path)
    refused[:] = [0] * 1000
    with pytest.raises(PermissionError):
        atomic_file.write(path, b"newer")
    assert path.read_text() == "new" and not atomic_file.leftovers(path)


def test_a_mapped_file_on_windows_is_read_so_that_it_can_be_replaced(windows: Msvcrt, tmp_path: Path) -> None:
    path = tmp_path / "numbers"
    path.write_bytes(b"abc")
    with path.open("rb") as file:
        assert system.map_file(file) == b"abc"
    system.release([])


def test_a_pipe_on_windows_takes_emoji(windows: Msvcrt) -> None:
    pipe = io.TextIOWrapper(io.BytesIO(), encoding="cp1252")
    system.use_utf8([pipe])
    pipe.write("👍 \ud800")
    pipe.flush()
    assert pipe.buffer.getvalue() == "👍 \\ud800".encode()  # type: ignore[attr-defined]


POSIX_ONLY = """
import builtins, os, signal, sys
for name in ("sched_getaffinity", "setpriority", "fork"):
    delattr(os, name)
for name in ("SIGHUP", "SIGKILL", "SIGWINCH", "SIGTSTP"):
    delattr(signal, name)
load = builtins.__import__
def refuse(name, globals=None, locals=None, fromlist=(), level=0):
    inside = str((globals or {}).get("__name__", "")).startswith(("tui_lm", "trainers"))
    if inside and name in {"fcntl", "termios", "tty", "pty", "pwd", "grp", "resource"}:
        raise ImportError(name)
    return load(name, globals, locals, fromlist, level)
builtins.__import__ = refuse
"""


def test_every_module_is_imported_without_what_only_posix_has() -> None:
    modules = [
        ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
        for path in sorted((ROOT / "tui_lm").rglob("*.py"))
        if not path.is_relative_to(ROOT / "tui_lm/models") and path.name not in ("__main__.py",)
    ]
    skipped = "import sys\nfrom importlib import import_module\n" + POSIX_ONLY
    loop = f"""
for module in {modules!r}:
    try:
        import_module(module)
    except ModuleNotFoundError as error:  # of an extra
        assert not str(error.name).startswith("tui_lm"), error
"""
    done = subprocess.run([sys.executable, "-c", skipped + loop], capture_output=True, text=True, cwd=ROOT)
    assert done.returncode == 0, done.stderr
