--- Commands of the program that need no server: `:Victor doctor` and `:Victor report`.
local program = require("victor.program")
local say = require("victor.say")

local M = {}

local TIMEOUT_MS = 60000

--- Runs the program and calls back with its output; Neovim is not kept waiting.
---@param arguments string[]
---@param done fun(output: vim.SystemCompleted)
function M.run(arguments, done)
  local root = vim.fs.root(0, { ".git" }) or vim.uv.cwd()
  local command, problem = program.find(root)
  if not command then
    return say.error(problem or "")
  end
  local options = { cwd = root, text = true, timeout = TIMEOUT_MS, env = { NO_COLOR = "1", COLUMNS = "100" } }
  vim.system(vim.list_extend(command, arguments), options, vim.schedule_wrap(done))
end

---@param name string
---@param filetype string
local function shown(name, filetype)
  return function(output)
    local text = vim.trim(output.stdout or "")
    if text == "" then
      local said = vim.trim(output.stderr or "")
      return say.error(said ~= "" and said or ("`victor %s` ended with code %d."):format(name, output.code))
    end
    require("victor.view").open(name, vim.split(text, "\n"), filetype)
  end
end

function M.doctor()
  say.info("the doctor is looking …")
  M.run({ "doctor" }, shown("doctor", "text"))
end

function M.report()
  say.info("the report is being written …")
  M.run({ "report" }, shown("report", "markdown"))
end

return M
