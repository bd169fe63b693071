--- `:Victor actions`: the code actions that Victor offers for a line, a selection or a finding.
local M = {}

--- Whether it is one of Victor's: told by its command or, where it has none, by what it keeps to resolve it by.
---@param action lsp.CodeAction|lsp.Command
---@return boolean
local function is_ours(action)
  local command = type(action.command) == "table" and action.command.command or action.command
  if type(command) == "string" then
    return vim.startswith(command, "victor.")
  end
  return vim.iter(action.diagnostics or {}):any(function(diagnostic)
    return diagnostic.source == "victor"
  end)
end

---@param args victor.Args
function M.open(args)
  local options = { filter = is_ours }
  if args.first then
    local length = #vim.api.nvim_buf_get_lines(0, args.last - 1, args.last, true)[1]
    options.range = { start = { args.first, 0 }, ["end"] = { args.last, length } }
  end
  vim.lsp.buf.code_action(options)
end

return M
