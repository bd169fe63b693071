--- Tells the server what the other language servers report, when it asks.
local client = require("victor.client")

local M = {}

local MAX_DIAGNOSTICS = 2000

---@param diagnostic vim.Diagnostic
---@return boolean
local function is_ours(diagnostic)
  local namespace = diagnostic.namespace and vim.diagnostic.get_namespace(diagnostic.namespace)
  return diagnostic.source == "victor" or namespace ~= nil and namespace.name:find("lsp.victor.", 1, true) ~= nil
end

---@param bufnr integer
---@param row integer 0-based
---@param column integer in bytes
---@param encoding 'utf-8'|'utf-16'|'utf-32'
---@return lsp.Position
local function position(bufnr, row, column, encoding)
  local line = vim.api.nvim_buf_is_loaded(bufnr) and vim.api.nvim_buf_get_lines(bufnr, row, row + 1, false)[1]
  local character = line and vim.str_utfindex(line, encoding, math.min(column, #line), false) or column
  return { line = row, character = character }
end

---@param diagnostic vim.Diagnostic
---@param encoding 'utf-8'|'utf-16'|'utf-32'
---@return lsp.Diagnostic
local function to_lsp(diagnostic, encoding)
  local bufnr = diagnostic.bufnr
  local last, last_column = diagnostic.end_lnum or diagnostic.lnum, diagnostic.end_col or diagnostic.col
  return {
    range = {
      start = position(bufnr, diagnostic.lnum, diagnostic.col, encoding),
      ["end"] = position(bufnr, last, last_column, encoding),
    },
    severity = diagnostic.severity,
    message = diagnostic.message,
    source = diagnostic.source,
    code = diagnostic.code,
  }
end

---@param uris string[]
---@return table<string, string>|nil uris by their path; nil stands for all
local function wanted(uris)
  if #uris == 0 then
    return nil
  end
  local found = {}
  for _, uri in ipairs(uris) do
    found[vim.fs.normalize(vim.uri_to_fname(uri))] = uri
  end
  return found
end

--- What others report, by document; of these documents, or of all without any.
---@param uris string[]
---@param encoding 'utf-8'|'utf-16'|'utf-32'
---@return { uri: string, diagnostics: lsp.Diagnostic[] }[]
function M.collect(uris, encoding)
  local asked, documents, by_buffer, n_found = wanted(uris), {}, {}, 0
  for _, diagnostic in ipairs(vim.diagnostic.get(nil)) do
    local bufnr = diagnostic.bufnr
    local name = bufnr and vim.fs.normalize(vim.api.nvim_buf_get_name(bufnr)) or ""
    local is_wanted = name ~= "" and (asked == nil or asked[name] ~= nil)
    if is_wanted and not is_ours(diagnostic) and n_found < MAX_DIAGNOSTICS then
      n_found = n_found + 1
      if not by_buffer[bufnr] then
        by_buffer[bufnr] = { uri = asked and asked[name] or vim.uri_from_bufnr(bufnr), diagnostics = {} }
        table.insert(documents, by_buffer[bufnr])
      end
      table.insert(by_buffer[bufnr].diagnostics, to_lsp(diagnostic, encoding))
    end
  end
  return documents
end

client.answer("victor/editor/diagnostics", function(params, reply, ctx)
  local asking = vim.lsp.get_client_by_id(ctx.client_id)
  reply({ documents = M.collect(params.uris or {}, asking and asking.offset_encoding or "utf-16") })
end)

return M
