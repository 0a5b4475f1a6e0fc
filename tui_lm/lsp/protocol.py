"""The messages of the protocol, with documents that follow the edits and with an answer to every bad request.

The library's own documents end a line at form feeds and other characters that editors do not count as line ends.
Nothing here quotes a message in a log or an error, because messages hold what a person writes.
"""

from __future__ import annotations

import logging
from typing import Any

from lsprotocol import types
from pygls.exceptions import JsonRpcException, JsonRpcInvalidParams
from pygls.protocol import LanguageServerProtocol, lsp_method

from tui_lm.lsp.document import EditedDocument

# The library logs the messages that it cannot read, and editors keep what a server writes on stderr.
logging.getLogger("pygls").addHandler(logging.NullHandler())
logging.getLogger("pygls").propagate = False


class Protocol(LanguageServerProtocol):
    """`documents` are the open ones, by their address."""

    def __init__(self, *arguments: Any) -> None:
        self.documents: dict[str, EditedDocument] = {}
        super().__init__(*arguments)

    @lsp_method(types.TEXT_DOCUMENT_DID_OPEN)
    def lsp_text_document__did_open(self, params: types.DidOpenTextDocumentParams) -> None:
        opened = params.text_document
        encoding = self.workspace.position_encoding
        encoding = encoding.value if isinstance(encoding, types.PositionEncodingKind) else encoding
        self.documents[opened.uri] = EditedDocument(opened.text, opened.language_id, encoding or "utf-16")
        self._call(types.TEXT_DOCUMENT_DID_OPEN, params)

    @lsp_method(types.TEXT_DOCUMENT_DID_CHANGE)
    def lsp_text_document__did_change(self, params: types.DidChangeTextDocumentParams) -> None:
        document = self.documents[params.text_document.uri]
        for change in params.content_changes:
            where = change.range if isinstance(change, types.TextDocumentContentChangePartial) else None
            document.edit(change.text, where)

    @lsp_method(types.TEXT_DOCUMENT_DID_CLOSE)
    def lsp_text_document__did_close(self, params: types.DidCloseTextDocumentParams) -> None:
        self.documents.pop(params.text_document.uri, None)
        self._call(types.TEXT_DOCUMENT_DID_CLOSE, params)

    def structure_message(self, data: dict[str, Any]) -> Any:
        """The message in `data`. A request with wrong parameters is answered, so that the editor does not wait."""
        try:
            return super().structure_message(data)
        except JsonRpcException:
            if isinstance(data.get("id"), int | str) and "method" in data:
                self._send_response(data["id"], error=JsonRpcInvalidParams().to_response_error())
            raise

    def _call(self, method: str, params: Any) -> None:
        """Call the server's own function for a notification, if there is one."""
        if (handler := self.fm.features.get(method)) is not None:
            handler(params)
