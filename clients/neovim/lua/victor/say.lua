--- Tells the person something, in the words of Victor.
local M = {}

---@param text string
---@param level integer
local function say(text, level)
  vim.schedule(function()
    vim.notify("Victor: " .. text, level, { title = "Victor" })
  end)
end

---@param text string
function M.info(text)
  say(text, vim.log.levels.INFO)
end

---@param text string
function M.warn(text)
  say(text, vim.log.levels.WARN)
end

---@param text string
function M.error(text)
  say(text, vim.log.levels.ERROR)
end

--- What failed, and what to do next if the server knows.
---@param err lsp.ResponseError
function M.failure(err)
  local data = type(err.data) == "table" and err.data or {}
  local fix = type(data.fix) == "string" and data.fix ~= "" and (" " .. data.fix) or ""
  M.error(err.message .. fix)
end

return M
