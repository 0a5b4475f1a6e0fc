"""The language server: word candidates and ghost text at the cursor.

It does not know which suggestions were read, so it refuses none. An editor asks anew after each key, because which word
comes first depends on every letter: the lists are incomplete.
"""

from __future__ import annotations

import asyncio
import os
import sys
from collections import Counter
from functools import partial
from typing import Any

from lsprotocol import types
from pygls.exceptions import JsonRpcException, JsonRpcInternalError
from pygls.lsp.server import LanguageServer

from tui_lm import __version__
from tui_lm.completion import Candidate, Suggestion
from tui_lm.completion.words import WORD, cursor
from tui_lm.errors import TuiLmError
from tui_lm.lsp.document import EditedDocument
from tui_lm.lsp.options import SECTION, Options
from tui_lm.lsp.protocol import Protocol
from tui_lm.lsp.writer import Open, Writer
from tui_lm.safe_text import visible_line
from tui_lm.tokenizers.stream import WritingContext

CANDIDATES = 5
PATIENCE = 5.0  # seconds that an editor has to answer
ABOVE = 8  # lines above the cursor that the model reads


class Server(LanguageServer):
    """Suggestions by a completer. `model` is the one of the command line; the editor may name another."""

    protocol: Protocol

    def __init__(self, open_completer: Open, model: str | None = None) -> None:
        super().__init__("tui-lm", __version__, protocol_cls=Protocol)
        self._writer = Writer(open_completer)
        self._options = Options(model=model)
        self._model = model
        self._ready = asyncio.Event()  # once the first model is open, or cannot be opened
        self._configuring: asyncio.Task[None] | None = None
        self._in_use: Options | None = None
        self._learned: dict[str, Counter[str]] = {}  # lines by document: those it was opened with, or learned since
        for method, handler, options in (
            (types.INITIALIZE, self._initialize, None),
            (types.INITIALIZED, self._initialized, None),
            (types.WORKSPACE_DID_CHANGE_CONFIGURATION, self._configuration_changed, None),
            (types.TEXT_DOCUMENT_COMPLETION, self._complete, types.CompletionOptions()),
            (types.TEXT_DOCUMENT_INLINE_COMPLETION, self._inline, types.InlineCompletionOptions()),
            (types.TEXT_DOCUMENT_DID_OPEN, self._opened, None),
            (types.TEXT_DOCUMENT_DID_SAVE, self._saved, None),
            (types.TEXT_DOCUMENT_DID_CLOSE, self._closed, None),
        ):
            self.feature(method, options)(partial(handler))  # the library sets attributes, which methods do not take

    def serve(self) -> None:
        """Answer the editor on stdin and stdout until it ends."""
        try:
            self.start_io(stdout=os.fdopen(os.dup(sys.stdout.fileno()), "wb"))  # the library closes it at the end
        finally:
            self._writer.close()

    def report_server_error(self, error: Exception, source: Any) -> None:
        """Write the kind of an error in the editor's log. Its text could quote a document."""
        self._log(f"a message could not be handled: {type(error).__name__}")

    def _initialize(self, params: types.InitializeParams) -> None:
        self._read_options(params.initialization_options)

    def _initialized(self, _: types.InitializedParams) -> None:
        workspace = self.client_capabilities.workspace
        changes = workspace.did_change_configuration if workspace else None
        if changes and changes.dynamic_registration:
            method = types.WORKSPACE_DID_CHANGE_CONFIGURATION
            registered = types.Registration("configuration", method, {"section": SECTION})
            self.client_register_capability(types.RegistrationParams([registered]))
        self._configuring = asyncio.create_task(self._configure())

    def _configuration_changed(self, params: types.DidChangeConfigurationParams) -> None:
        if isinstance(params.settings, dict) and SECTION in params.settings:
            self._read_options(params.settings)
        self._configuring = asyncio.create_task(self._configure())

    async def _configure(self) -> None:
        """Ask for the options, and open the model that they name."""
        await self._ask_options()
        await self._use_options()
        self._ready.set()

    async def _ask_options(self) -> None:
        """Ask the editor for its configuration, if it can answer."""
        workspace = self.client_capabilities.workspace
        if not workspace or not workspace.configuration:
            return
        item = types.ConfigurationItem(section=SECTION)
        try:
            asked = self.workspace_configuration_async(types.ConfigurationParams([item]))
            found = await asyncio.wait_for(asked, PATIENCE)
        except (JsonRpcException, TimeoutError):
            return
        if found and isinstance(found[0], dict) and found[0]:
            self._read_options(found[0])

    def _read_options(self, found: Any) -> None:
        if found is None:
            return
        self._options, wrong = Options.read(found, self._model)
        for name in wrong:
            self._tell(f"tui-lm: the option {name} has a wrong value; the default is used", types.MessageType.Warning)

    async def _use_options(self) -> None:
        options = self._options
        if options == self._in_use:
            return
        self._in_use = options
        try:
            await self._writer.use(options)
        except TuiLmError as error:
            self._tell(visible_line(f"tui-lm: {error.message}; {error.hint}"), types.MessageType.Error)

    async def _complete(self, params: types.CompletionParams) -> types.CompletionList:
        await self._ready.wait()
        document = self._prose(params.text_document.uri)
        items: list[types.CompletionItem] = []
        if document is not None and not WORD.match(document.after(params.position)):
            text = document.before(params.position)
            suggestion = await self._suggest(document, params.position, text, CANDIDATES)
            token = cursor(text).token
            where = types.Range(document.back(params.position, token), params.position)
            items = [_item(candidate, i, token, where) for i, candidate in enumerate(suggestion.candidates)]
        return types.CompletionList(is_incomplete=True, items=items)

    async def _inline(self, params: types.InlineCompletionParams) -> types.InlineCompletionList:
        await self._ready.wait()
        document = self._prose(params.text_document.uri)
        if document is None or document.after(params.position).strip():
            return types.InlineCompletionList([])
        text = document.before(params.position)
        suggestion = await self._suggest(document, params.position, text, 1)
        ghost, token = suggestion.ghost, cursor(text).token
        invoked = params.context.trigger_kind == types.InlineCompletionTriggerKind.Invoked
        if not ghost and invoked:
            typed = (each.text for each in suggestion.candidates if each.text.startswith(token))
            ghost = next(typed, "")[len(token) :]
        where = types.Range(params.position, params.position)
        return types.InlineCompletionList([types.InlineCompletionItem(ghost, range=where)] if ghost else [])

    async def _suggest(self, document: EditedDocument, position: types.Position, text: str, n: int) -> Suggestion:
        """The suggestions after `text`. Raises JsonRpcException, without any text, if the completer fails."""
        above = tuple((None, line) for line in document.above(position, ABOVE))
        context = WritingContext(text, self._options.author, above)
        try:
            return await self._writer.complete(context, n)
        except Exception as error:
            raise JsonRpcInternalError(f"failed inside: {type(error).__name__}") from None

    def _prose(self, uri: str) -> EditedDocument | None:
        """The open document, if suggestions are wanted in its type."""
        document = self.protocol.documents.get(uri)
        return document if document is not None and document.language in self._options.languages else None

    def _opened(self, params: types.DidOpenTextDocumentParams) -> None:
        uri = params.text_document.uri
        self._learned[uri] = Counter(self.protocol.documents[uri].lines)

    def _closed(self, params: types.DidCloseTextDocumentParams) -> None:
        self._learned.pop(params.text_document.uri, None)

    async def _saved(self, params: types.DidSaveTextDocumentParams) -> None:
        """Learn the lines that were written since the document was opened or saved, if the user has asked for it."""
        await self._ready.wait()
        uri = params.text_document.uri
        document = self._prose(uri)
        if document is None or not self._options.learn:
            return
        lines = Counter(document.lines)
        new = lines - self._learned.get(uri, Counter())
        self._learned[uri] = lines
        try:
            await self._writer.learn([line for line in new.elements() if line.strip()], self._options.author)
        except TuiLmError as error:
            self._tell(visible_line(f"tui-lm: {error.message}; {error.hint}"), types.MessageType.Warning)

    def _tell(self, message: str, kind: types.MessageType) -> None:
        self.window_show_message(types.ShowMessageParams(kind, message))

    def _log(self, message: str) -> None:
        self.window_log_message(types.LogMessageParams(types.MessageType.Warning, f"tui-lm: {message}"))


def _item(candidate: Candidate, rank: int, token: str, where: types.Range) -> types.CompletionItem:
    """A candidate for `token` as the editor lists it. The editor itself filters, by what is typed, and sorts.

    It would hide "café" from one who has typed "cafe", so it filters the candidate in the spelling that is typed.
    """
    return types.CompletionItem(
        label=candidate.text.strip(),
        kind=types.CompletionItemKind.Text,
        detail=f"{candidate.probability:.0%}",
        sort_text=f"{rank:02d}",
        filter_text=token + candidate.text[len(token) :],
        insert_text_format=types.InsertTextFormat.PlainText,
        text_edit=types.TextEdit(where, candidate.text),
    )
