"""Zip exports, read member by member without unpacking to disk. Suspicious archives are refused."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from tui_lm.chats.document import ByteStream, Document, Meter
from tui_lm.errors import TuiLmError

if TYPE_CHECKING:
    from zipfile import ZipInfo

MOST_BYTES = 16 << 30  # bytes of one member
MOST_RATIO = 200  # ratio of uncompressed to compressed size; chats reach 15, zip bombs 1,000
HARMLESS = 16 << 20  # bytes below which the ratio means nothing
MOST_MEMBERS = 200_000
READABLE = {
    *(".txt", ".text", ".md", ".log", ".weechatlog", ".json", ".jsonl", ".ndjson", ".js", ".csv", ".tsv"),
    *(".html", ".htm", ".xml", ".mbox", ".eml"),
    *(".conll", ".conllu", ".bio", ".iob"),
}


def is_zip(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(4) in (b"PK\x03\x04", b"PK\x05\x06")


def zip_documents(path: Path, meter: Meter, encoding: str | None = None) -> list[Document]:
    """The readable members, sorted by name.

    Raises TuiLmError for a broken or encrypted zip, a zip bomb, a member whose path leads outside, and a zip
    that holds only another zip.
    """
    from zipfile import BadZipFile, ZipFile

    try:
        with ZipFile(path) as archive:
            members = archive.infolist()
    except (BadZipFile, OSError, ValueError, NotImplementedError) as error:
        raise TuiLmError(f"{path.name} is a damaged zip file", "export the chat again") from error
    if len(members) > MOST_MEMBERS:
        raise _refusal(path, f"it has more than {MOST_MEMBERS:,} members")
    for member in members:
        _check_path(path, member)
    readable = [member for member in members if _is_readable(member)]
    if not readable and any(member.filename.lower().endswith(".zip") for member in members):
        raise TuiLmError(f"{path.name} holds another zip", "unpack it, and give the zip inside it")
    for member in readable:
        _check_size(path, member)
    shelf: dict[str, Document] = {}
    for member in sorted(readable, key=lambda member: member.filename):
        opener = _member_opener(path, member)
        shelf[member.filename] = Document(member.filename, member.file_size, opener, shelf, meter, encoding)
    return list(shelf.values())


def _is_readable(member: ZipInfo) -> bool:
    name = PurePosixPath(member.filename)
    hidden = name.parts[:1] == ("__MACOSX",) or name.name.startswith(".")
    return not member.is_dir() and not hidden and name.suffix.lower() in READABLE


def _check_path(path: Path, member: ZipInfo) -> None:
    name = PurePosixPath(member.filename.replace("\\", "/"))
    if name.is_absolute() or ".." in name.parts or (name.parts and name.parts[0].endswith(":")):
        raise _refusal(path, "a member's path leads outside the zip")


def _check_size(path: Path, member: ZipInfo) -> None:
    if member.flag_bits & 1:
        raise TuiLmError(f"{path.name} is encrypted", "unpack it with its password, and give the folder")
    ratio = member.file_size / max(1, member.compress_size)
    if member.file_size > MOST_BYTES or (member.file_size > HARMLESS and ratio > MOST_RATIO):
        raise _refusal(path, "it unpacks to far more than a chat would")


def _refusal(path: Path, reason: str) -> TuiLmError:
    return TuiLmError(f"{path.name} is refused: {reason}", "export the chat again, or unpack it yourself")


def _member_opener(path: Path, member: ZipInfo) -> Callable[[], AbstractContextManager[ByteStream]]:
    @contextmanager
    def opener() -> Iterator[ByteStream]:
        from zipfile import ZipFile

        with ZipFile(path) as archive, archive.open(member) as stream:
            yield stream

    return opener
