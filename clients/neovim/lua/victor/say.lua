--- Tells the person something, in the words of Victor.
local M = {}

local GROUPS = { [vim.log.levels.WARN] = "WarningMsg", [vim.log.levels.ERROR] = "ErrorMsg" }

--- Whether messages are shown by Neovim itself, in a command line that has room for one.
---@return boolean
local function is_in_command_line()
  return vim.o.cmdheight > 0 and vim.startswith(debug.getinfo(vim.notify, "S").source, "@vim/_")
end

--- One that is too long for the command line would wait for a key. By `:echomsg` it is shortened there, and whole in
--- `:messages`.
---@param text string
---@param level integer
local function echo(text, level)
  vim.cmd.redraw() -- else one that follows another at once would wait for a key, too
  vim.cmd.echohl(GROUPS[level] or "None")
  vim.cmd.echomsg(vim.fn.string((text:gsub("%s+", " "))))
  vim.cmd.echohl("None")
end

---@param text string
---@param level integer
local function say(text, level)
  text = "Victor: " .. text
  vim.schedule(function()
    if is_in_command_line() then
      return echo(text, level)
    end
    vim.notify(text, level, { title = "Victor" })
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

local BY_TYPE = { M.error, M.warn, M.info, M.info, M.info }

--- What the server wants to be said: LSP's `window/showMessage`.
---@param params lsp.ShowMessageParams
function M.message(params)
  (BY_TYPE[params.type] or M.info)(params.message)
end

--- What failed, and what to do next if the server knows.
---@param err lsp.ResponseError
function M.failure(err)
  local data = type(err.data) == "table" and err.data or {}
  local fix = type(data.fix) == "string" and data.fix ~= "" and (" " .. data.fix) or ""
  M.error(err.message .. fix)
end

return M
