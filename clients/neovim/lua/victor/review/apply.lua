--- Applies what the server changes, as Neovim does, but without its messages: 0.12 has some that wait for a key.
local M = {}

--- Annotations that ask for no confirmation are for the eye alone: without them nothing is said.
---@param edit lsp.WorkspaceEdit
---@return lsp.WorkspaceEdit
local function unannotated(edit)
  for _, annotation in pairs(edit.changeAnnotations or {}) do
    if annotation.needsConfirmation then
      return edit
    end
  end
  edit.changeAnnotations = nil
  for _, change in ipairs(edit.documentChanges or {}) do
    for _, each in ipairs(change.edits or {}) do
      each.annotationId = nil
    end
  end
  return edit
end

---@type lsp.Handler
function M.handle(_, params, ctx)
  local client = assert(vim.lsp.get_client_by_id(ctx.client_id))
  local ok, problem = pcall(vim.lsp.util.apply_workspace_edit, unannotated(params.edit), client.offset_encoding)
  return { applied = ok, failureReason = not ok and tostring(problem) or nil }
end

return M
