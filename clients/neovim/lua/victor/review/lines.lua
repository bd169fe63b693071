--- Lines of a text, as Neovim shows those that are in no buffer. Knows no edits.
local M = {}

local MIN_WIDTH = 10
local MAX_PIECES = 20
local GOES_ON = "↪ "

--- Its lines; none of a text that is missing or empty.
---@param text string|nil
---@return string[]
function M.of(text)
  if type(text) ~= "string" or text == "" then
    return {}
  end
  return vim.split((text:gsub("\r\n?", "\n"):gsub("\n$", "")), "\n", { plain = true })
end

--- As virtual lines whose background goes to the edge. Characters that would order a terminal about are shown; a line
--- that is too long goes on below, for Neovim would cut it off where the window ends.
---@param lines string[]
---@param group string
---@param buf integer Where they are shown.
---@return [string, string][][]
function M.virtual(lines, group, buf)
  local width, tab, shown = M.width_of(buf), (" "):rep(vim.bo[buf].tabstop), {}
  for _, line in ipairs(lines) do
    for _, text in ipairs(M.wrapped(line:gsub("\t", tab):gsub("%c", "�"), width)) do
      local padding = math.max(0, vim.o.columns - vim.api.nvim_strwidth(text))
      table.insert(shown, { { text .. (" "):rep(padding), group } })
    end
  end
  return shown
end

--- How many columns all windows of a buffer have for its text.
---@param buf integer
---@return integer
function M.width_of(buf)
  local width = vim.o.columns
  for _, window in ipairs(vim.fn.win_findbuf(buf)) do
    width = math.min(width, vim.api.nvim_win_get_width(window) - vim.fn.getwininfo(window)[1].textoff)
  end
  return math.max(MIN_WIDTH, width)
end

--- A line in pieces of at most so many columns; one that goes on for very long ends with how much is left out.
---@param line string
---@param width integer
---@return string[]
function M.wrapped(line, width)
  local pieces, rest = {}, line
  while vim.api.nvim_strwidth(rest) > width do
    if #pieces == MAX_PIECES then
      rest = ("%s … %d characters more: see :Victor diff"):format(GOES_ON, vim.fn.strchars(rest))
      break
    end
    -- A character takes a column at least, and most take one.
    local count = width
    while vim.api.nvim_strwidth(vim.fn.strcharpart(rest, 0, count)) > width do
      count = count - 1
    end
    table.insert(pieces, vim.fn.strcharpart(rest, 0, count))
    rest = GOES_ON .. vim.fn.strcharpart(rest, count)
  end
  table.insert(pieces, rest)
  return pieces
end

--- A text with places of it replaced; each `first` is counted from 0 and `behind` is exclusive.
---@param lines string[]
---@param changes { first: integer, behind: integer, lines: string[] }[]
---@return string[]
function M.replaced(lines, changes)
  local result, row = {}, 0
  table.sort(changes, function(one, other)
    return one.first < other.first
  end)
  for _, change in ipairs(changes) do
    vim.list_extend(result, lines, row + 1, change.first)
    vim.list_extend(result, change.lines)
    row = math.max(row, change.behind)
  end
  return vim.list_extend(result, lines, row + 1, #lines)
end

return M
