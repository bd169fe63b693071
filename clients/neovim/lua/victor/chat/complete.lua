--- Completes slash commands and mentions in the prompt, by what the server knows; never waits for it.
local client = require("victor.client")
local protocol = require("victor.protocol")

local M = {}

---@type victor.Cancel|nil
local cancel

--- For 'omnifunc' and 'completefunc': asks, and shows the menu when the answer comes.
---@param find_start integer
---@return integer|table
function M.omnifunc(find_start, _)
  if find_start == 1 then
    M.ask()
    -- Neither an error nor a menu: the answer opens one.
    return -2
  end
  return {}
end

--- Complete by itself behind a slash at the very start, and behind an `@` that begins a word.
function M.on_typing()
  local before = M.before_cursor()
  local word = before:match("[^%s]*$")
  if before:match("^/[%w_]*$") or word:match("^@") then
    M.ask()
  end
end

--- Ask what could stand at the cursor of the current buffer.
function M.ask()
  if cancel then
    cancel()
  end
  local buf, tick = vim.api.nvim_get_current_buf(), vim.api.nvim_buf_get_changedtick(0)
  local params = { text = M.before_cursor() }
  cancel = client.request(protocol.method.chatQueryContext, params, function(err, result)
    cancel = nil
    local is_same = vim.api.nvim_get_current_buf() == buf and vim.api.nvim_buf_get_changedtick(buf) == tick
    if not err and is_same and vim.startswith(vim.api.nvim_get_mode().mode, "i") then
      M.show(result.items)
    end
  end, nil, true)
end

--- All text of the prompt before the cursor.
---@return string
function M.before_cursor()
  local row, column = unpack(vim.api.nvim_win_get_cursor(0))
  return table.concat(vim.api.nvim_buf_get_text(0, 0, 0, row - 1, column, {}), "\n")
end

---@param items victor.ChatCompletion[]
function M.show(items)
  local first = items[1]
  if not first then
    return
  end
  -- The menu has one start for all: items that give way to another text are left out.
  local shown = {}
  for _, item in ipairs(items) do
    if item.replace == first.replace then
      table.insert(shown, { word = item.text, abbr = item.label, menu = item.detail, dup = 1, icase = 1 })
    end
  end
  local column = vim.api.nvim_win_get_cursor(0)[2]
  vim.fn.complete(column - #first.replace + 1, shown)
end

return M
