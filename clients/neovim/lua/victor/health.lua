--- `:checkhealth victor`: why something does not work, and what to do about it.
local config = require("victor.config")
local program = require("victor.program")

local M = {}

local TIMEOUT_MS = 30000
local INSTALL = "See :help victor-install."

--- Runs the program and waits: a health check must be whole when it returns.
---@param command string[]
---@param arguments string[]
---@return table<string, any>|nil document, string problem
local function ask(command, arguments)
  local line = vim.list_extend(vim.list_extend({}, command), arguments)
  local ok, ended = pcall(function()
    return vim.system(line, { text = true, timeout = TIMEOUT_MS }):wait()
  end)
  if not ok then
    return nil, tostring(ended)
  end
  local read, document = pcall(vim.json.decode, ended.stdout or "")
  if not read or type(document) ~= "table" then
    return nil, vim.trim(ended.stderr or "") ~= "" and vim.trim(ended.stderr) or ("it ended with code " .. ended.code)
  end
  return document, ""
end

local function check_neovim()
  vim.health.start("victor: Neovim")
  if vim.fn.has("nvim-0.11") == 1 then
    vim.health.ok("version " .. tostring(vim.version()))
  else
    vim.health.error("version " .. tostring(vim.version()), "Victor needs Neovim 0.11 or newer.")
  end
  for _, problem in ipairs(config.problems()) do
    vim.health.warn(problem.message)
  end
  local picker = require("victor.picker").choose()
  vim.health.info((":Victor find shows hits by %s"):format(picker == "select" and "vim.ui.select" or picker))
end

---@param root string|nil
---@return string[]|nil
local function check_program(root)
  vim.health.start("victor: program")
  local command, problem = program.find(root)
  if not command then
    vim.health.error(problem or "", { INSTALL, program.hint(root) })
    return nil
  end
  local version, why = ask(command, { "--version", "--json" })
  if not version then
    vim.health.error(("%s does not run: %s"):format(table.concat(command, " "), why), INSTALL)
    return nil
  end
  vim.health.ok(("%s is version %s, with Python %s"):format(command[1], version.version, version.python))
  if version.protocol ~= require("victor.protocol").version then
    vim.health.warn("the program and this plugin are of different versions", "Bring both up to date.")
  end
  return command
end

---@param running vim.lsp.Client
local function check_client(running)
  local announced = vim.tbl_get(running.server_capabilities, "experimental", "victor") or {}
  vim.health.ok(("it runs, for %s"):format(vim.fn.fnamemodify(running.root_dir or "no folder", ":~")))
  local missing = vim.tbl_filter(function(name)
    return not announced[name]
  end, { "search", "status", "index", "chat", "models", "trust", "review", "checkpoints", "permission" })
  if #missing > 0 then
    local advice = "Bring the program and this plugin to the same version."
    vim.health.warn("the server does not offer: " .. table.concat(missing, ", "), advice)
  end
  local status = require("victor.status").last()
  if status and status.index.state == "error" then
    vim.health.error("the index: " .. status.index.detail, ":Victor index rebuild")
  elseif status then
    local index = status.index
    vim.health.info(("index: %s, %d of %d files"):format(index.state, index.files_done, index.files_total))
  end
end

local function check_server()
  vim.health.start("victor: server")
  local running = require("victor.client").get()
  if running then
    return check_client(running)
  end
  local state, detail = require("victor.server").state()
  if state == "failed" then
    vim.health.error(detail, { "See :Victor log.", ":Victor restart" })
  elseif not vim.lsp.is_enabled("victor") then
    vim.health.warn("it is not enabled", 'Write vim.lsp.enable("victor") into your configuration.')
  else
    vim.health.info("it does not run: open a file, or :Victor restart")
  end
end

---@param command string[]
local function check_doctor(command)
  vim.health.start("victor: doctor")
  local found, why = ask(command, { "doctor", "--json" })
  if not found or type(found.checks) ~= "table" then
    return vim.health.error("`victor doctor` does not answer: " .. why, "Run it in a terminal.")
  end
  for _, check in ipairs(found.checks) do
    local said = ("%s: %s"):format(check.name, check.detail)
    if check.ok then
      vim.health.ok(said)
    else
      vim.health.warn(said, check.fix ~= "" and check.fix or nil)
    end
  end
end

--- Called by Neovim.
function M.check()
  check_neovim()
  local running = require("victor.client").get()
  local command = check_program(running and running.root_dir or vim.fs.root(0, { ".git" }))
  check_server()
  if command then
    check_doctor(command)
  end
end

return M
