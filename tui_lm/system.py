"""The calls that differ between operating systems: locks, processes, mapped files, the encoding of a pipe.

docs/platforms.md says which of them were tested where.
"""

from __future__ import annotations

import mmap
import os
import signal
import sys
import time
from collections.abc import Iterable, Sequence
from contextlib import suppress
from io import TextIOWrapper
from pathlib import Path
from typing import IO, TYPE_CHECKING, TextIO

if TYPE_CHECKING:
    import subprocess

INTERRUPTS = tuple(getattr(signal, name) for name in ("SIGINT", "SIGBREAK") if hasattr(signal, name))
"""The signals that interrupt a program: Ctrl-C, and on Windows also Ctrl-Break, which one program can send another."""

HANGUP = 1  # the number of SIGHUP, which Windows does not have
ATTEMPTS, PAUSE = 20, 0.05  # to replace a file that another program has open on Windows, and seconds between them


def lock(handle: int, *, shared: bool = False) -> bool:
    """Try to lock an open file until it is closed. True also if the system has no locks."""
    if sys.platform == "win32":
        import msvcrt

        try:
            msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        return True
    else:
        import fcntl

        try:
            fcntl.flock(handle, (fcntl.LOCK_SH if shared else fcntl.LOCK_EX) | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        except OSError:  # some network file systems
            return True
        return True


def start_apart(command: Sequence[str], stdout: IO[bytes], stderr: IO[bytes]) -> subprocess.Popen[bytes]:
    """Start a program that Ctrl-C in this terminal does not reach. Except on Windows it outlives the terminal."""
    import subprocess

    if sys.platform == "win32":
        group = subprocess.CREATE_NEW_PROCESS_GROUP
        return subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=stdout, stderr=stderr, creationflags=group)
    else:
        return subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=stdout, stderr=stderr, start_new_session=True)


def interrupt(process: int) -> None:
    """Interrupt a program that was started apart, as Ctrl-C does. Nothing happens if it has ended."""
    with suppress(OSError):
        if sys.platform == "win32":
            os.kill(process, signal.CTRL_BREAK_EVENT)  # any other signal would end it at once
        else:
            os.kill(process, signal.SIGINT)


def is_alive(process: int) -> bool:
    """Whether a process with this number runs."""
    if sys.platform == "win32":
        import ctypes

        query_limited_information, access_denied, still_active = 0x1000, 5, 259
        kernel = ctypes.WinDLL("kernel32", use_last_error=True)
        kernel.OpenProcess.restype = ctypes.c_void_p
        handle = kernel.OpenProcess(query_limited_information, False, process)
        if not handle:
            return ctypes.get_last_error() == access_denied
        code = ctypes.c_ulong()
        known = kernel.GetExitCodeProcess(ctypes.c_void_p(handle), ctypes.byref(code))
        kernel.CloseHandle(ctypes.c_void_p(handle))
        return bool(known) and code.value == still_active
    else:
        try:
            os.kill(process, 0)
        except ProcessLookupError:
            return False
        except PermissionError:
            pass
        return True


def lower_priority(process: int, niceness: int) -> None:
    """Let other programs go first, if the system can."""
    if sys.platform != "win32":
        with suppress(OSError):
            os.setpriority(os.PRIO_PROCESS, process, niceness)


def replace(source: Path, target: Path) -> None:
    """Rename `source` to `target`, which it replaces. Raises OSError.

    Windows refuses while another program has `target` open, as a virus scanner has for a moment after each write.
    """
    for attempt in range(ATTEMPTS):
        try:
            source.replace(target)
            return
        except PermissionError:
            if os.name != "nt" or attempt == ATTEMPTS - 1:
                raise
            time.sleep(PAUSE)


def map_file(file: IO[bytes]) -> mmap.mmap | bytes:
    """The content of a file, which takes memory only where it is read.

    On Windows it is read completely, because a file that is mapped there cannot be replaced.
    """
    if os.name == "nt":
        return file.read()
    return mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)


def release(mapped: Iterable[mmap.mmap]) -> None:
    """Give back the memory of mapped files. Their pages are read again when they are needed."""
    if sys.platform != "win32" and hasattr(mmap, "MADV_DONTNEED"):
        for each in mapped:
            each.madvise(mmap.MADV_DONTNEED)


def use_utf8(streams: Iterable[TextIO]) -> None:
    """Write UTF-8 to pipes and files on Windows, whose own encoding has no emoji. Consoles take all characters."""
    for stream in streams:
        if os.name == "nt" and isinstance(stream, TextIOWrapper) and not stream.isatty():
            stream.reconfigure(encoding="utf-8", errors="backslashreplace")
