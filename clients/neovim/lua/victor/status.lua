--- What stands in a status line: where the index is, who answers, and what is left of the budget.
local client = require("victor.client")

local M = {}

local LOW_BUDGET = 0.25

---@type table<integer, victor.StatusResult> by client
local told = {}

---@param index victor.IndexStatus
---@return string|nil
local function index_text(index)
  if index.state == "ready" then
    return nil
  elseif index.state == "paused" or index.state == "error" then
    return "index " .. index.state
  elseif index.files_total == 0 then
    return "index …"
  end
  return ("index %d%%"):format(math.floor(100 * index.files_done / index.files_total))
end

---@param status victor.StatusResult
---@return string|nil
local function route_text(status)
  if status.offline then
    return "offline"
  elseif status.route.leavesMachine == nil then
    return nil
  end
  return status.route.leavesMachine and "cloud" or "local"
end

---@param budget table<string, any>
---@return string|nil
local function budget_text(budget)
  if type(budget.limit) ~= "number" or type(budget.left) ~= "number" or budget.limit <= 0 then
    return nil
  end
  local share = math.max(0, budget.left / budget.limit)
  return share <= LOW_BUDGET and ("budget %d%% left"):format(math.floor(100 * share)) or nil
end

--- A backend that answers is not worth a word.
---@param team table<string, any>
---@return string|nil
local function team_text(team)
  if team.state == "login_needed" then
    return "team: log in"
  elseif team.state == "away" then
    return "team away"
  end
  return type(team.trouble) == "string" and team.trouble ~= "" and "team trouble" or nil
end

---@param status victor.StatusResult
---@return string[]
local function parts(status)
  local found = {}
  for _, each in ipairs({
    { index_text(status.index) },
    { route_text(status) },
    { team_text(status.team or {}) },
    { budget_text(status.budget or {}) },
    { status.mode == "plan" and "plan" or status.mode == "build" and "build" or nil },
    { status.restricted and "restricted" or nil },
  }) do
    found[#found + 1] = each[1]
  end
  return found
end

--- Plain text; empty where no server was asked for.
---@return string
function M.text()
  local state = require("victor.server").state()
  local running = client.get()
  if not running then
    return state == "stopped" and "" or ("Victor " .. state)
  end
  local status = told[running.id]
  return vim.trim("Victor " .. (status and table.concat(parts(status), " · ") or ""))
end

--- What the server told last; nil before it told anything.
---@return victor.StatusResult|nil
function M.last()
  local running = client.get()
  return running and told[running.id]
end

---@param status victor.StatusResult
---@param client_id integer
local function take(status, client_id)
  told[client_id] = status
  vim.api.nvim_exec_autocmds("User", { pattern = "VictorStatus", modeline = false, data = status })
  vim.cmd.redrawstatus({ bang = true })
end

--- Asks a server that has just started; from then on it tells by itself.
---@param started vim.lsp.Client
function M.follow(started)
  started:request("victor/status", vim.empty_dict(), function(err, status)
    if not err and status and not told[started.id] then
      take(status, started.id)
    end
  end)
end

client.on("victor/status/didChange", function(status, ctx)
  take(status, ctx.client_id)
end)

return M
