"""The client of pytest-lsp, which types every message as lsprotocol defines it, accepts what the server sends."""

from __future__ import annotations

import os
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

pytest.importorskip("pytest_lsp", reason="pytest-lsp is not installed")

import pytest_lsp
from lsprotocol import types
from pytest_lsp import ClientServerConfig, LanguageClient

from tests.lsp.conftest import URI, scripted

TEXT = "before\n👍 see tom"
END = types.Position(line=1, character=len("👍 see tom".encode("utf-16-le")) // 2)


@pytest.fixture
async def client(tmp_path: Path) -> AsyncIterator[LanguageClient]:
    command = [sys.executable, "-W", "error", scripted(tmp_path)]
    root = str(Path(__file__).parents[2])
    config = ClientServerConfig(server_command=command, server_env={**os.environ, "PYTHONPATH": root})
    client = await config.start()
    capabilities = pytest_lsp.client_capabilities("neovim")
    capabilities.general = types.GeneralClientCapabilities(position_encodings=[types.PositionEncodingKind.Utf16])
    await client.initialize_session(
        types.InitializeParams(
            capabilities=capabilities,
            initialization_options={"author": "Ann"},
            process_id=None,
        )
    )
    client.text_document_did_open(
        types.DidOpenTextDocumentParams(types.TextDocumentItem(uri=URI, language_id="markdown", version=1, text=TEXT))
    )
    yield client
    await client.shutdown_session()
    await client.stop()


async def test_words_are_an_incomplete_list_of_edits_of_the_token(client: LanguageClient) -> None:
    document = types.TextDocumentIdentifier(URI)
    answer = await client.text_document_completion_async(types.CompletionParams(document, END))
    assert isinstance(answer, types.CompletionList) and answer.is_incomplete
    edit = answer.items[0].text_edit
    assert isinstance(edit, types.TextEdit)
    assert edit.new_text == "tomone"
    assert edit.range == types.Range(types.Position(1, 7), END)


async def test_the_ghost_is_one_inline_completion_at_the_cursor(client: LanguageClient) -> None:
    params = types.InlineCompletionParams(
        context=types.InlineCompletionContext(types.InlineCompletionTriggerKind.Automatic),
        text_document=types.TextDocumentIdentifier(URI),
        position=END,
    )
    answer = await client.text_document_inline_completion_async(params)
    assert isinstance(answer, types.InlineCompletionList)
    (item,) = answer.items
    assert item.range == types.Range(END, END)
    assert isinstance(item.insert_text, str) and "see tom" in item.insert_text
