"""The documents of a source, which is a file, a folder or a zip."""

from __future__ import annotations

from pathlib import Path, PurePosixPath

from tui_lm.chats.archive import READABLE, is_zip, zip_documents
from tui_lm.chats.document import Document, Meter, file_document
from tui_lm.errors import TuiLmError


def documents_of(source: Path, meter: Meter, encoding: str | None = None) -> list[Document]:
    """The documents, sorted by name. Raises TuiLmError for a missing source and a refused zip."""
    try:
        if source.is_dir():
            return _chat_files(_folder_documents(source, meter, encoding))
        if source.exists() and not source.is_file():
            raise TuiLmError(f"{source} is not a file", "give a file, a folder or a zip")
        if is_zip(source):
            return _chat_files(zip_documents(source, meter, encoding))
        return [file_document(source, source.name, {}, meter, encoding)]
    except FileNotFoundError as error:
        raise TuiLmError(f"there is no file {source}", "check the path") from error
    except OSError as error:
        raise TuiLmError(f"{source} cannot be read: {error.strerror}", "check its permissions") from error


def _folder_documents(folder: Path, meter: Meter, encoding: str | None) -> list[Document]:
    shelf: dict[str, Document] = {}
    documents = []
    for path in sorted(folder.rglob("*")):
        hidden = any(part.startswith(".") for part in path.relative_to(folder).parts)
        if hidden or not path.is_file():
            continue
        name = path.relative_to(folder).as_posix()
        if path.suffix.lower() in READABLE:
            shelf[name] = file_document(path, name, shelf, meter, encoding)
            documents.append(shelf[name])
        elif path.suffix.lower() == ".zip":
            documents += zip_documents(path, meter, encoding)
    return documents


def _chat_files(documents: list[Document]) -> list[Document]:
    """Only WhatsApp's own file if there is one, because other text files beside it are attachments."""
    for is_chat in (_is_ios_chat, _is_android_chat):
        if chats := [document for document in documents if is_chat(PurePosixPath(document.name))]:
            return chats
    return documents


def _is_ios_chat(name: PurePosixPath) -> bool:
    return name.name.startswith("_chat") and name.suffix == ".txt"


def _is_android_chat(name: PurePosixPath) -> bool:
    return "WhatsApp" in name.name and name.suffix == ".txt"
