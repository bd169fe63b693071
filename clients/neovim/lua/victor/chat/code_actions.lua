--- What a person does with a block of code in an answer: yank it, or have it proposed as an edit.
local client = require("victor.client")
local code = require("victor.chat.code")
local protocol = require("victor.protocol")
local say = require("victor.say")
local windows = require("victor.chat.windows")

local M = {}

--- The block under the cursor or above it; seen from the prompt, the last one. Only what a model answered counts: what
--- a tool gave stands there too, folded away, and nobody has looked at it.
---@param chat victor.Chat
---@return victor.chat.Code|nil
local function chosen(chat)
  local is_here = vim.api.nvim_get_current_buf() == chat.buf
  local row = is_here and vim.api.nvim_win_get_cursor(0)[1] or vim.api.nvim_buf_line_count(chat.buf)
  local block
  for _, entry in ipairs(chat.log.entries) do
    if entry.kind == "answer" and entry.lines and entry.row < row then
      block = code.at(entry.lines, row - entry.row) or block
    end
  end
  if not block then
    say.info("there is no code here.")
  end
  return block
end

---@param chat victor.Chat
function M.yank(chat)
  local block = chosen(chat)
  if not block then
    return
  end
  vim.fn.setreg(vim.v.register, block.text, "l")
  local n_lines = select(2, block.text:gsub("\n", ""))
  say.info(("%d %s yanked."):format(n_lines, n_lines == 1 and "line" or "lines"))
end

--- The server finds the lines that it is for; where none are named, it goes to the cursor of the file's window.
---@param chat victor.Chat
function M.apply(chat)
  local block, window = chosen(chat), windows.of_a_file()
  if not block then
    return
  end
  if not window then
    return say.warn("open the file first that the code is for.")
  end
  local buf = vim.api.nvim_win_get_buf(window)
  local at = { line = vim.api.nvim_win_get_cursor(window)[1] - 1, character = 0 }
  local offer = { uri = vim.uri_from_bufnr(buf), text = block.text, range = { start = at, ["end"] = at } }
  client.request(protocol.method.editOffer, offer, function(err, result)
    if err then
      return
    end
    if result.edit == vim.NIL or not result.edit then
      return say.info("the file has this code already.")
    end
    say.info(("%s Review it: :Victor accept, :Victor reject."):format(result.placed))
    if vim.api.nvim_win_is_valid(window) then
      vim.api.nvim_set_current_win(window)
    end
    require("victor.review").go_to(result.edit)
  end, buf)
end

return M
