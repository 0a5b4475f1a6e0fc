"""Neovim, headless: the ghost is virtual text after the cursor, and two keys take it."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.editors.screen import PATIENCE, Screen, wait_for

pytestmark = pytest.mark.skipif(shutil.which("nvim") is None, reason="Neovim is not installed")
PLUGIN = Path(__file__).parents[2] / "docs" / "editors" / "tui-lm.lua"
GHOST = """luaeval('(function()
  local space = vim.api.nvim_create_namespace("tui-lm")
  for _, mark in ipairs(vim.api.nvim_buf_get_extmarks(0, space, 0, -1, {details = true})) do
    return mark[3] .. ":" .. mark[4].virt_text[1][1]
  end
  return ""
end)()')""".replace("\n", " ")


class Neovim:
    def __init__(self, folder: Path, setup: dict[str, object]) -> None:
        self._address = str(folder / "socket")
        options = json.dumps(setup).replace('"', '\\"')
        init = folder / "init.lua"
        init.write_text(
            f'vim.g.options = "{options}"\nlocal options = vim.fn.json_decode(vim.g.options)\n'
            f'dofile("{PLUGIN}").setup(options)\n',
            encoding="utf-8",
        )
        self._process = subprocess.Popen(
            ["nvim", "--headless", "--clean", "--listen", self._address, "-u", str(init)],
            cwd=folder,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        wait_for(lambda: (folder / "socket").exists())

    def _remote(self, *arguments: str) -> str:
        done = subprocess.run(
            ["nvim", "--server", self._address, *arguments], capture_output=True, text=True, timeout=PATIENCE
        )
        assert done.returncode == 0, done.stderr
        return done.stdout or done.stderr  # Neovim 0.7 answers on stderr

    def type(self, keys: str) -> None:
        """Type keys in Vim's notation."""
        self._remote("--remote-send", keys)

    def evaluate(self, expression: str) -> str:
        return self._remote("--remote-expr", expression)

    def see(self, line: str, ghost: str) -> None:
        """Wait until the line has this text and this ghost, given as "column:ghost"."""
        wait_for(lambda: (self.evaluate("getline('.')"), self.evaluate(GHOST)) == (line, ghost))

    def close(self) -> None:
        self._process.kill()
        self._process.wait()


@pytest.fixture
def open_neovim(tmp_path: Path) -> Iterator[Callable[..., Neovim]]:
    opened: list[Neovim] = []

    def start(command: list[str], **setup: object) -> Neovim:
        opened.append(Neovim(tmp_path, {"command": command, **setup}))
        return opened[-1]

    yield start
    for neovim in opened:
        neovim.close()


@pytest.fixture
def neovim(open_neovim: Callable[..., Neovim], scripted: str) -> Neovim:
    neovim = open_neovim(scripted.split())
    neovim.type(":set filetype=markdown<CR>")
    return neovim


def test_the_ghost_is_taken_word_by_word_then_whole(neovim: Neovim) -> None:
    neovim.type("iwe meet tom")
    neovim.see("we meet tom", "11:orrow at six")
    neovim.type("<M-j>")
    neovim.see("we meet tomorrow", "16: at six")
    neovim.type("<M-g>")
    neovim.see("we meet tomorrow at six", "23:, bring soup")
    neovim.type("<M-g>!<Esc>")
    neovim.see("we meet tomorrow at six, bring soup!", "")


def test_the_ghost_follows_typing_and_comes_back_after_backspace(neovim: Neovim) -> None:
    neovim.type("iwe meet tomor")
    neovim.see("we meet tomor", "13:row at six")
    neovim.type("x")
    neovim.see("we meet tomorx", "")
    neovim.type("<BS>r")
    neovim.see("we meet tomorr", "14:ow at six")
    neovim.type("<Esc>")
    neovim.see("we meet tomorr", "")
    neovim.type("a")
    neovim.see("we meet tomorr", "14:ow at six")


def test_no_ghost_inside_a_line_or_in_code(neovim: Neovim, asked: Callable[[], list[str]]) -> None:
    neovim.type("itwo")
    neovim.see("two", "3: lines")
    neovim.type("<Left>")
    neovim.see("two", "")
    neovim.type("<Esc>:set filetype=python<CR>cctwo")
    count = len(asked())
    neovim.type("<BS>o")
    neovim.see("two", "")
    assert len(asked()) == count
    neovim.type("<M-g>")  # asked for, it comes anywhere
    neovim.see("two", "3: lines")


def test_alt_g_shows_the_most_probable_word_when_there_is_no_ghost(neovim: Neovim) -> None:
    neovim.type("iwhat")
    neovim.see("what", "")
    neovim.type("<M-g>")
    neovim.see("what", "4:ever")


def test_other_scripts_and_emoji_are_completed(neovim: Neovim) -> None:
    neovim.type("iनमस्ते ")
    neovim.see("नमस्ते ", f"{len('नमस्ते '.encode())}:दोस्त 👍")
    neovim.type("<M-g>")
    neovim.see("नमस्ते दोस्त 👍", "")


def test_a_completer_that_cannot_start_leaves_the_editor_usable(open_neovim: Callable[..., Neovim]) -> None:
    neovim = open_neovim(["no-such-program"])
    neovim.type(":set filetype=markdown<CR>iwe meet tom<M-g><M-j> x")
    neovim.see("we meet tom x", "")
    neovim.type("<Esc>")
    assert neovim.evaluate("v:errmsg") == ""


def test_a_real_model_suggests_and_learns_nothing_in_private(open_neovim: Callable[..., Neovim], saved: Path) -> None:
    command = [sys.executable, "-m", "tui_lm", "complete", "--stdio", "--private"]
    neovim = open_neovim(command, model="small", author="Ann")
    neovim.type(":set filetype=markdown<CR>isee y")
    neovim.type("<M-g>")
    wait_for(lambda: neovim.evaluate(GHOST).startswith("5:"))
    assert not list(saved.glob("learned*"))


def test_the_ghost_is_drawn_on_a_real_screen(start: Callable[..., Screen], scripted: str, tmp_path: Path) -> None:
    (tmp_path / "init.lua").write_text(
        f'dofile("{PLUGIN}").setup({{ command = vim.split("{scripted}", " ") }})\n', encoding="utf-8"
    )
    screen = start(f"nvim --clean -u {tmp_path / 'init.lua'} note.md")
    screen.see("~")
    screen.type("iwe meet tom")
    screen.see("we meet tomorrow at six")
    screen.press("M-j")
    screen.type("?")
    screen.see("we meet tomorrow?", without="six")
