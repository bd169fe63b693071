--- `:Victor commit`: a message for what is staged, into the commit that is being written.
local client = require("victor.client")
local say = require("victor.say")

local M = {}

---@param bufnr integer
---@param message string[]
local function insert(bufnr, message)
  local first = vim.api.nvim_buf_get_lines(bufnr, 0, 1, false)[1]
  -- An empty first line is where git wants the message to be.
  vim.api.nvim_buf_set_lines(bufnr, 0, first == "" and 1 or 0, false, message)
end

---@param message string[]
local function keep(message)
  vim.fn.setreg('"', message)
  require("victor.view").open("commit", message, "gitcommit")
  say.info("the message is in the unnamed register: p puts it.")
end

--- Into the buffer where it is one of a commit; else it is shown and can be put.
function M.write()
  local bufnr = vim.api.nvim_get_current_buf()
  local is_commit = vim.bo[bufnr].filetype == "gitcommit" and vim.bo[bufnr].modifiable
  say.info("a commit message is being written …")
  client.request("victor/assist/commitMessage", { root = require("victor.root").of() }, function(err, result)
    if err then
      return
    end
    local message = vim.split(vim.trim(result.message), "\n")
    if is_commit and vim.api.nvim_buf_is_valid(bufnr) then
      return insert(bufnr, message)
    end
    keep(message)
  end)
end

return M
