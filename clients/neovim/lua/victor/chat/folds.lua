--- Folds away what a person rarely reads: what a model was shown, what tools gave, what was thought.
---
--- They are manual folds: those by expression are not kept up while somebody is in Insert mode, as who writes the next
--- question is.
local M = {}

local ENDED = { completed = true, failed = true, refused = true, cancelled = true, interrupted = true }

--- Whether nothing more will come to this entry.
local function has_ended(entry, is_last)
  if entry.kind == "tool" then
    return ENDED[entry.status] == true
  end
  return entry.kind ~= "thought" or not is_last
end

local function close(window, entry)
  local first, last = entry.row + entry.fold, entry.row + #entry.lines
  vim.api.nvim_win_call(window, function()
    vim.cmd(("%d,%dfold"):format(first, last))
  end)
end

--- Fold the entries that have ended since the last time.
---@param buf integer
---@param entries victor.chat.Entry[]
function M.close_ended(buf, entries)
  local windows = vim.fn.win_findbuf(buf)
  for at, entry in ipairs(entries) do
    if entry.fold and not entry.is_folded and has_ended(entry, at == #entries) then
      entry.is_folded = true
      for _, window in ipairs(windows) do
        close(window, entry)
      end
    end
  end
end

--- Fold in a window that shows the buffer anew.
---@param window integer
---@param entries victor.chat.Entry[]
function M.close_all(window, entries)
  vim.api.nvim_win_call(window, function()
    vim.cmd("normal! zE")
  end)
  for _, entry in ipairs(entries) do
    if entry.is_folded then
      close(window, entry)
    end
  end
end

return M
