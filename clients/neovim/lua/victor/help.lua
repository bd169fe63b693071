--- `:Victor help`: the manual.
local M = {}

function M.open()
  vim.cmd.help("victor")
end

return M
