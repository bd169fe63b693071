--- Which workspace folder the person is in.
local client = require("victor.client")

local M = {}

--- The folder of the server that serves this buffer; nil lets the server choose.
---@param bufnr? integer
---@return string|nil
function M.of(bufnr)
  local running = client.get(bufnr)
  return running and running.root_dir or nil
end

return M
