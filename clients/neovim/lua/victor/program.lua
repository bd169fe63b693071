--- Finds the program: what the person named, an environment that they allowed, or what is on PATH.
local config = require("victor.config")

local M = {}

local WINDOWS = vim.fn.has("win32") == 1
local IN_ENVIRONMENT = WINDOWS and ".venv/Scripts/victor.exe" or ".venv/bin/victor"
local NAMES = WINDOWS and { "victor.exe", "victor.cmd", "victor.bat" } or { "victor" }

---@param path string
---@return boolean
local function runs(path)
  return vim.fn.executable(path) == 1
end

--- The first on PATH. Only absolute folders count: what lies in the folder one happens to be in is not run.
---@return string|nil
local function on_path()
  for _, folder in ipairs(vim.split(vim.env.PATH or "", WINDOWS and ";" or ":", { plain = true, trimempty = true })) do
    local absolute = WINDOWS and folder:match("^%a:[/\\]") or folder:match("^/")
    for _, name in ipairs(absolute and NAMES or {}) do
      local path = vim.fs.joinpath(folder, name)
      if runs(path) then
        return path
      end
    end
  end
  return nil
end

--- The program of the environment that a folder brings along: code of that folder, which nobody has allowed yet.
---@param root string|nil
---@return string|nil
local function brought_along(root)
  local path = root and vim.fs.joinpath(root, IN_ENVIRONMENT)
  return path and runs(path) and path or nil
end

---@param root string
---@return boolean
local function is_allowed(root)
  local here = vim.fs.normalize(root)
  return vim.iter(config.get().environments):any(function(folder)
    return type(folder) == "string" and vim.fs.normalize(folder) == here
  end)
end

--- The command without its subcommand, or nil and what to do about it.
---@param root string|nil The folder that it is for.
---@return string[]|nil command, string|nil problem
function M.find(root)
  local named = config.get().command
  if named then
    if type(named[1]) == "string" and runs(vim.fs.normalize(named[1])) then
      return vim.list_extend({ vim.fs.normalize(named[1]) }, named, 2), nil
    end
    return nil, ("the option \"command\" names %s, which is no program."):format(vim.inspect(named[1]))
  end
  local brought = brought_along(root)
  if brought and root and is_allowed(root) then
    return { brought }, nil
  end
  local found = on_path()
  if found then
    return { found }, nil
  end
  return nil, "the program `victor` is not on PATH."
end

--- What else a person may do where none is found; nil if nothing.
---@param root string|nil
---@return string|nil
function M.hint(root)
  if not brought_along(root) then
    return nil
  end
  local how = 'its own .venv holds one, which is code of that folder. To run it all the same: environments = { "%s" }'
  return how:format(root)
end

return M
