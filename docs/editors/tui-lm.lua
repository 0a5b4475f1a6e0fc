-- tui-lm: ghost text in Neovim (0.7 or newer) while prose is written, from your own model.
--
-- Copy this file to ~/.config/nvim/lua/tui-lm.lua and call, in init.lua:
--
--   require("tui-lm").setup({})
--
-- One `tui-lm complete --stdio` answers, from the first key in a file of prose on until Neovim ends. It learns nothing.

local M = {
  -- what setup() may change
  command = { "tui-lm", "complete", "--stdio", "--private" },
  model = nil, -- a model's name; without it the one used last
  author = nil, -- who writes
  filetypes = { "text", "markdown", "gitcommit", "mail", "rst", "asciidoc", "org", "tex" },
  history = 8, -- lines before the current one that the model reads
  keys = { all = "<M-g>", word = "<M-j>" },
}

local space = vim.api.nvim_create_namespace("tui-lm")
local job, failed, piece = nil, false, ""
local id, busy, again = 0, false, nil -- of the newest question; whether its answer is awaited; what to ask after it
local asked, shown -- places { buffer, row, text before the cursor }; where a ghost is shown, with it

local function clear()
  if shown and vim.api.nvim_buf_is_valid(shown.buffer) then
    vim.api.nvim_buf_clear_namespace(shown.buffer, space, 0, -1)
  end
  shown = nil
end

local function show(place, ghost)
  clear()
  if ghost == "" then
    return
  end
  shown = { buffer = place.buffer, row = place.row, text = place.text, ghost = ghost }
  vim.api.nvim_buf_set_extmark(place.buffer, space, place.row, #place.text, {
    virt_text = { { ghost, "TuiLmGhost" } },
    virt_text_pos = "overlay",
  })
end

-- Where someone writes prose at the end of a line; nil elsewhere.
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
      ghost = answer.candidates[1].text:sub(#asked.text:match("%S*$") + 1)
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

-- Ask what follows; one question at a time. `wanted`: the user wants an answer, here and whatever file this is.
ask = function(wanted)
  local place = here(wanted)
  if shown and place and shown.buffer == place.buffer and shown.row == place.row then
    local whole = shown.text .. shown.ghost -- who types along the ghost keeps what is left of it
    local along = #place.text > #shown.text and whole:sub(1, #place.text) == place.text
    if same(shown, place) then
      return
    end
    show(place, along and whole:sub(#place.text + 1) or "")
  else
    clear()
  end
  if not place or (not wanted and (failed or same(asked, place))) then
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
  place.wanted = wanted
  asked = place
  local before = {}
  for _, line in ipairs(vim.api.nvim_buf_get_lines(place.buffer, math.max(0, place.row - M.history), place.row, true)) do
    if line:find("%S") then
      table.insert(before, { vim.NIL, line })
    end
  end
  local question = { id = id, text = place.text, history = before, n = 1, author = M.author }
  vim.fn.chansend(job, vim.fn.json_encode(question) .. "\n")
end

local function take(part)
  if not same(shown, here(true)) then
    clear()
    return false
  end
  local place, ghost = shown, shown.ghost
  clear()
  vim.api.nvim_buf_set_text(place.buffer, place.row, #place.text, place.row, #place.text, { part })
  vim.api.nvim_win_set_cursor(0, { place.row + 1, #place.text + #part })
  show({ buffer = place.buffer, row = place.row, text = place.text .. part }, ghost:sub(#part + 1))
  if not shown then
    ask()
  end
  return true
end

-- Take all of the ghost; where none is shown, ask for one.
function M.all()
  if not (shown and take(shown.ghost)) then
    ask(true)
  end
end

-- Take its next word.
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
