-- tui-lm: ghost text from your own model in Neovim (0.7 or newer) while you write prose.
--
-- Copy this file to ~/.config/nvim/lua/tui-lm.lua and call, in init.lua:
--
--   require("tui-lm").setup({})
--
-- One `tui-lm complete --stdio` answers, from the first key in a prose file until Neovim ends. It learns nothing.

local M = {
  -- options of setup()
  command = { "tui-lm", "complete", "--stdio", "--private" },
  model = nil, -- a model's name; nil: the last one used
  author = nil, -- the author who writes; nil: the default of the model
  filetypes = { "text", "markdown", "gitcommit", "mail", "rst", "asciidoc", "org", "tex" },
  history = 8, -- lines before the current one that the model reads
  keys = { all = "<M-g>", word = "<M-j>" },
}

local space = vim.api.nvim_create_namespace("tui-lm")
local job, failed, piece = nil, false, ""
local id, busy, again = 0, false, nil -- id of the last question; waiting for its answer; the next question
-- Positions { buffer, row, text before the cursor }: of the last question; of the ghost that is shown, with its text.
local asked, shown

local function clear()
  if shown and vim.api.nvim_buf_is_valid(shown.buffer) then
    vim.api.nvim_buf_clear_namespace(shown.buffer, space, 0, -1)
  end
  shown = nil
end

local function show(position, ghost)
  clear()
  if ghost == "" then
    return
  end
  shown = { buffer = position.buffer, row = position.row, text = position.text, ghost = ghost }
  vim.api.nvim_buf_set_extmark(position.buffer, space, position.row, #position.text, {
    virt_text = { { ghost, "TuiLmGhost" } },
    virt_text_pos = "overlay",
  })
end

-- The position of the cursor if it is at the end of a line of prose in insert mode, else nil.
local function here(anywhere)
  local buffer = vim.api.nvim_get_current_buf()
  local row, column = unpack(vim.api.nvim_win_get_cursor(0))
  local line = vim.api.nvim_get_current_line()
  local prose = anywhere or vim.tbl_contains(M.filetypes, vim.bo[buffer].filetype)
  if not prose or column < #line or not vim.api.nvim_get_mode().mode:find("^i") or vim.bo[buffer].buftype ~= "" then
    return nil
  end
  return { buffer = buffer, row = row - 1, text = line }
end

local function same(a, b)
  return a and b and a.buffer == b.buffer and a.row == b.row and a.text == b.text
end

local ask

local function answered(line)
  busy = false
  local ok, answer = pcall(vim.fn.json_decode, line)
  if ok and type(answer) == "table" and answer.id == id and same(asked, here(true)) then
    local ghost = type(answer.ghost) == "string" and answer.ghost or ""
    if ghost == "" and asked.wanted and type(answer.candidates) == "table" and answer.candidates[1] then
      local typed, word = asked.text:match("%S*$"), answer.candidates[1].text
      ghost = word:sub(1, #typed) == typed and word:sub(#typed + 1) or "" -- not a word in another spelling
    end
    show(asked, (ghost:gsub("%c.*", "")))
  end
  if again then
    local wanted = again.wanted
    again = nil
    ask(wanted)
  end
end

local function start()
  local command = vim.list_extend({}, M.command)
  if M.model then
    vim.list_extend(command, { "-m", M.model })
  end
  local ok, started = pcall(vim.fn.jobstart, command, {
    on_stdout = function(_, data)
      data[1] = piece .. data[1]
      piece = table.remove(data)
      for _, line in ipairs(data) do
        answered(line)
      end
    end,
    on_exit = function()
      job, busy, again, asked, piece, failed = nil, false, nil, nil, "", true
    end,
  })
  job = ok and started > 0 and started or nil
  failed = not job
end

-- Asks for the continuation, one question at a time. `wanted`: the user pressed the key, so any file type will do.
ask = function(wanted)
  local position = here(wanted)
  if shown and position and shown.buffer == position.buffer and shown.row == position.row then
    local whole = shown.text .. shown.ghost -- typing the ghost itself keeps the rest of it
    local along = #position.text > #shown.text and whole:sub(1, #position.text) == position.text
    if same(shown, position) then
      return
    end
    show(position, along and whole:sub(#position.text + 1) or "")
  else
    clear()
  end
  if not position or (not wanted and (failed or same(asked, position))) then
    return
  end
  if busy then
    again = { wanted = wanted }
    return
  end
  if not job then
    start()
    if not job then
      return
    end
  end
  id, busy = id + 1, true
  position.wanted = wanted
  asked = position
  local before = {}
  local first = math.max(0, position.row - M.history)
  for _, line in ipairs(vim.api.nvim_buf_get_lines(position.buffer, first, position.row, true)) do
    if line:find("%S") then
      table.insert(before, { vim.NIL, line })
    end
  end
  local question = { id = id, text = position.text, history = before, n = 1, author = M.author }
  vim.fn.chansend(job, vim.fn.json_encode(question) .. "\n")
end

local function take(part)
  if not same(shown, here(true)) then
    clear()
    return false
  end
  local position, ghost = shown, shown.ghost
  clear()
  vim.api.nvim_buf_set_text(position.buffer, position.row, #position.text, position.row, #position.text, { part })
  vim.api.nvim_win_set_cursor(0, { position.row + 1, #position.text + #part })
  show({ buffer = position.buffer, row = position.row, text = position.text .. part }, ghost:sub(#part + 1))
  if not shown then
    ask()
  end
  return true
end

-- Takes the whole ghost. If none is shown, asks for one.
function M.all()
  if not (shown and take(shown.ghost)) then
    ask(true)
  end
end

-- Takes the next word of the ghost.
function M.word()
  if shown then
    take(shown.ghost:match("^%s*%S+%s*$") and shown.ghost or shown.ghost:match("^%s*%S+"))
  end
end

function M.setup(options)
  for name, value in pairs(options or {}) do
    M[name] = value
  end
  vim.api.nvim_set_hl(0, "TuiLmGhost", { link = "Comment", default = true })
  local group = vim.api.nvim_create_augroup("tui-lm", { clear = true })
  local function on(events, callback)
    vim.api.nvim_create_autocmd(events, { group = group, callback = callback })
  end
  on({ "TextChangedI", "CursorMovedI", "InsertEnter" }, function()
    ask()
  end)
  on({ "InsertLeave", "BufLeave" }, function()
    asked = nil
    clear()
  end)
  vim.keymap.set("i", M.keys.all, M.all, { desc = "tui-lm: take the ghost, or ask for one" })
  vim.keymap.set("i", M.keys.word, M.word, { desc = "tui-lm: take a word of the ghost" })
end

return M
