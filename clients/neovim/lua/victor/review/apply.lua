--- Applies what the server changes, as Neovim does, but without its messages: 0.12 has some that wait for a key. And
--- whole or not at all: Neovim passes over a document that was typed in since, and deletes it all the same.
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

--- Whether one is not any more as it was when the edit was made. To Neovim itself the version 0, which a file has until
--- it is typed in, means that there is none.
---@param edit lsp.WorkspaceEdit
---@return boolean
local function was_typed_in(edit)
  for _, change in ipairs(edit.documentChanges or {}) do
    local version = change.textDocument and change.textDocument.version
    local bufnr = type(version) == "number" and vim.uri_to_bufnr(change.textDocument.uri)
    if bufnr and vim.lsp.util.buf_versions[bufnr] > version then
      return true
    end
  end
  return false
end

--- Neovim tells of changes a moment late. The server is to know what the buffers hold before it hears the answer.
---@param client vim.lsp.Client
local function tell_changes(client)
  pcall(function()
    require("vim.lsp._changetracking").flush(client)
  end)
end

---@type lsp.Handler
function M.handle(_, params, ctx)
  local client = assert(vim.lsp.get_client_by_id(ctx.client_id))
  if was_typed_in(params.edit) then
    tell_changes(client)
    return { applied = false, failureReason = "It was typed in meanwhile." }
  end
  local ok, problem = pcall(vim.lsp.util.apply_workspace_edit, unannotated(params.edit), client.offset_encoding)
  tell_changes(client)
  return { applied = ok, failureReason = not ok and tostring(problem) or nil }
end

return M
