--- The person's options: `vim.g.victor`, then what `setup()` was given, over the defaults.
local M = {}

---@class (exact) victor.Config
---@field command string[]|nil The program and its first arguments; found on PATH without it.
---@field environments string[] Folders whose own `.venv` may hold the program: what lies there is run.
---@field restart boolean Whether the server is started again after a crash.
---@field picker 'auto'|'telescope'|'fzf-lua'|'snacks'|'mini.pick'|'select' What `:Victor find` shows hits with.
---@field chat table<string, any> Options of the chat.
---@field review table<string, any> Options of reviews and of the inline edit.

---@type victor.Config
local DEFAULTS = {
  command = nil,
  environments = {},
  restart = true,
  picker = "auto",
  chat = {},
  review = {},
}

---@type table<string, string>
M.KINDS = {
  command = "table",
  environments = "table",
  restart = "boolean",
  picker = "string",
  chat = "table",
  review = "table",
}

---@type table<string, any>
local given = {}

---@return table<string, any>
local function written()
  local global = type(vim.g.victor) == "table" and vim.g.victor or {}
  return vim.tbl_deep_extend("force", global, given)
end

--- What holds now. An option of the wrong kind is as if it were not there; |:checkhealth| says so.
---@return victor.Config
function M.get()
  local asked = written()
  for _, problem in ipairs(M.problems()) do
    asked[problem.name] = nil
  end
  return vim.tbl_deep_extend("force", DEFAULTS, asked)
end

--- Takes the person's options over, and says what is wrong with them.
---@param options table<string, any>|nil
function M.set(options)
  given = options or {}
  for _, problem in ipairs(M.problems()) do
    require("victor.say").warn(problem.message)
  end
end

--- What is wrong with what was written.
---@return { name: string, message: string }[]
function M.problems()
  local found = {}
  for name, value in vim.spairs(written()) do
    local kind = M.KINDS[name]
    if kind == nil then
      found[#found + 1] = { name = name, message = ("there is no option %q. See :help victor-options."):format(name) }
    elseif type(value) ~= kind then
      local message = ("the option %q must be a %s. See :help victor-options."):format(name, kind)
      found[#found + 1] = { name = name, message = message }
    end
  end
  return found
end

return M
