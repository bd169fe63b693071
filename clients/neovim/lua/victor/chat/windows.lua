--- The windows of a chat: the transcript, and the prompt below it.
local config = require("victor.config")
local folds = require("victor.chat.folds")

local M = {}

---@class (exact) victor.ChatOptions
---@field layout 'vsplit'|'split'|'tab'|'float'
---@field width number Columns, or a share of the editor's below 1.
---@field height number Lines, or a share of the editor's below 1.
---@field prompt_height integer Lines of the prompt.
---@field mappings boolean Whether the chat's buffers have mappings of their own.
---@field autocomplete boolean Whether `/` and `@` in the prompt complete by themselves.

---@type victor.ChatOptions
local DEFAULTS = {
  layout = "vsplit",
  width = 0.45,
  height = 0.5,
  prompt_height = 5,
  mappings = true,
  autocomplete = true,
}

local OPTIONS = {
  wrap = true,
  linebreak = true,
  breakindent = true,
  number = false,
  relativenumber = false,
  signcolumn = "no",
  foldcolumn = "0",
  foldmethod = "manual",
  foldenable = true,
  foldtext = "",
  fillchars = "fold: ,eob: ",
  conceallevel = 0,
  spell = false,
  list = false,
  winbar = "%{v:lua.require'victor.chat.chats'.winbar()}",
}

---@return victor.ChatOptions
function M.options()
  return vim.tbl_extend("force", DEFAULTS, config.get().chat)
end

--- Show a chat and go to its prompt.
---@param chat victor.Chat
function M.open(chat)
  local prompt = M.window_of(chat.prompt)
  if not (prompt and M.window_of(chat.buf)) then
    M.close(chat)
    prompt = (M.LAYOUTS[M.options().layout] or M.LAYOUTS.vsplit)(chat)
  end
  vim.api.nvim_set_current_win(prompt)
end

--- Close a chat's windows in this tab page; what is written in the prompt stays.
---@param chat victor.Chat
function M.close(chat)
  for _, buf in ipairs({ chat.prompt, chat.buf }) do
    local window = M.window_of(buf)
    if window and #vim.api.nvim_list_wins() > 1 then
      vim.api.nvim_win_close(window, false)
    elseif window then
      vim.cmd.enew()
    end
  end
end

--- The window of this tab page that shows a buffer.
---@param buf integer
---@return integer|nil
function M.window_of(buf)
  for _, window in ipairs(vim.api.nvim_tabpage_list_wins(0)) do
    if vim.api.nvim_win_get_buf(window) == buf then
      return window
    end
  end
end

--- The window that shows a file, which a chat is about: the one before, else the first.
---@return integer|nil
function M.of_a_file()
  local windows = { vim.fn.win_getid(vim.fn.winnr()), vim.fn.win_getid(vim.fn.winnr("#")) }
  vim.list_extend(windows, vim.api.nvim_tabpage_list_wins(0))
  for _, window in ipairs(windows) do
    if window ~= 0 and vim.api.nvim_win_is_valid(window) and vim.api.nvim_win_get_config(window).relative == "" then
      if vim.bo[vim.api.nvim_win_get_buf(window)].buftype == "" then
        return window
      end
    end
  end
end

local function size(wish, all)
  return math.max(1, math.min(math.floor(wish < 1 and wish * all or wish), all))
end

local function dress(window, chat, buf)
  vim.api.nvim_win_set_buf(window, buf)
  for name, value in pairs(OPTIONS) do
    vim.api.nvim_set_option_value(name, value, { scope = "local", win = window })
  end
  if buf == chat.buf then
    folds.close_all(window, chat.log.entries)
    vim.api.nvim_win_set_cursor(window, { vim.api.nvim_buf_line_count(buf), 0 })
  else
    vim.wo[window].winfixheight = true
  end
  return window
end

--- Open one window with the transcript, and one for the prompt below it.
local function stacked(chat, options)
  local upper = vim.api.nvim_open_win(chat.buf, true, options)
  dress(upper, chat, chat.buf)
  return dress(vim.api.nvim_open_win(chat.prompt, true, {
    split = "below",
    win = upper,
    height = size(M.options().prompt_height, vim.o.lines),
  }), chat, chat.prompt)
end

local function floats(chat)
  local options = M.options()
  local width, height = size(options.width, vim.o.columns - 4), size(options.height, vim.o.lines - 8)
  local below = size(options.prompt_height, vim.o.lines)
  local left, top = math.floor((vim.o.columns - width) / 2), math.max(0, math.floor((vim.o.lines - height - below) / 2) - 2)
  local place = { relative = "editor", style = "minimal", border = "rounded", width = width, col = left }
  local upper = vim.tbl_extend("error", place, { row = top, height = height })
  local lower = vim.tbl_extend("error", place, { row = top + height + 2, height = below })
  dress(vim.api.nvim_open_win(chat.buf, false, upper), chat, chat.buf)
  return dress(vim.api.nvim_open_win(chat.prompt, true, lower), chat, chat.prompt)
end

---@type table<string, fun(chat: victor.Chat): integer> Each opens both windows, and gives the prompt's.
M.LAYOUTS = {
  vsplit = function(chat)
    return stacked(chat, { split = "right", win = -1, width = size(M.options().width, vim.o.columns) })
  end,
  split = function(chat)
    return stacked(chat, { split = "below", win = -1, height = size(M.options().height, vim.o.lines) })
  end,
  tab = function(chat)
    vim.cmd("tab split")
    local upper = vim.api.nvim_get_current_win()
    dress(upper, chat, chat.buf)
    local options = { split = "below", win = upper, height = size(M.options().prompt_height, vim.o.lines) }
    return dress(vim.api.nvim_open_win(chat.prompt, true, options), chat, chat.prompt)
  end,
  float = floats,
}

return M
