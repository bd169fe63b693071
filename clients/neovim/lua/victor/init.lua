--- `require("victor")`: setup, which is optional, and what goes into a status line.
local M = {}

--- Takes options over, and enables the server. Without it, `vim.lsp.enable("victor")` does.
---@param options? table<string, any> see |victor-options|
function M.setup(options)
  require("victor.config").set(options)
  vim.lsp.enable("victor")
end

--- What stands in a status line: plain text, empty where no server runs.
---@return string
function M.status()
  return require("victor.status").text()
end

return M
