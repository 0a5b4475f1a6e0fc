"""Neovim's own client, headless, talks to the language server."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

pytest.importorskip("pygls", reason="the extra lsp is not installed")

from tests.lsp.conftest import scripted

pytestmark = pytest.mark.skipif(shutil.which("nvim") is None, reason="Neovim is not installed")
PATIENCE = 60  # seconds
INIT = """
local command = vim.fn.json_decode([==[%s]==])
vim.api.nvim_buf_set_lines(0, 0, -1, true, { "before", "👍 see" })
vim.bo.filetype = "markdown"
local id = vim.lsp.start_client({
  name = "tui-lm", cmd = command, root_dir = vim.fn.getcwd(), init_options = { author = "Ann" },
})
vim.lsp.buf_attach_client(0, id)
vim.wait(20000, function() return vim.lsp.get_client_by_id(id).initialized end)
for i, character in ipairs({ " ", "t", "o", "m" }) do  -- 8 bytes stand before
  vim.api.nvim_buf_set_text(0, 1, 7 + i, 1, 7 + i, { character })
end
local function ask(method, context)
  local params = { textDocument = vim.lsp.util.make_text_document_params(), context = context }
  params.position = { line = 1, character = 10 }  -- in UTF-16: the emoji counts 2
  for _, answer in pairs(vim.lsp.buf_request_sync(0, method, params, 20000) or {}) do
    return answer.result or answer.err
  end
end
local answers = { ask("textDocument/completion"), ask("textDocument/inlineCompletion", { triggerKind = 2 }) }
vim.fn.writefile({ vim.fn.json_encode(answers) }, "answers.json")
vim.lsp.stop_client(id)
vim.cmd("qall!")
"""


def test_neovim_gets_words_and_the_ghost_after_an_emoji(tmp_path: Path) -> None:
    init = tmp_path / "init.lua"
    init.write_text(INIT % json.dumps([sys.executable, scripted(tmp_path)]), "utf-8")
    command = ["nvim", "--headless", "--clean", "note.md", "-c", f"luafile {init}"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=PATIENCE)
    assert (tmp_path / "answers.json").exists(), done.stderr
    words, ghost = json.loads((tmp_path / "answers.json").read_text("utf-8"))
    assert words["items"][0]["textEdit"]["newText"] == "tomone"
    assert words["items"][0]["textEdit"]["range"]["start"] == {"line": 1, "character": 7}
    assert json.loads(ghost["items"][0]["insertText"]) == ["👍 see tom", "Ann", [[None, "before"]]]
