--- Keeps the hunks out of the diagnostics: the plugin shows them in place, and twice would be noise.
local config = require("victor.config")

local M = {}

local STATES = { proposed = true, applied = true }

local function is_hunk(diagnostic)
  return diagnostic.source == "victor" and STATES[diagnostic.code] == true
end

---@param diagnostics lsp.Diagnostic[]
---@return lsp.Diagnostic[]
function M.without_hunks(diagnostics)
  return vim.tbl_filter(function(each)
    return not is_hunk(each)
  end, diagnostics)
end

--- Neovim's own handlers, behind that filter. `review = { diagnostics = true }` leaves it out.
---@return table<string, lsp.Handler>
function M.handlers()
  local function filtered(field)
    return function(err, result, ctx, ...)
      if result and type(result[field]) == "table" and not config.get().review.diagnostics then
        result[field] = M.without_hunks(result[field])
      end
      return vim.lsp.handlers[ctx.method](err, result, ctx, ...)
    end
  end
  return {
    ["textDocument/publishDiagnostics"] = filtered("diagnostics"),
    ["textDocument/diagnostic"] = filtered("items"),
    ["workspace/applyEdit"] = function(...)
      return require("victor.review.apply").handle(...)
    end,
  }
end

return M
