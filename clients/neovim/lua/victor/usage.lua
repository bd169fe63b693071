--- `:Victor usage`: what model calls have used, and what is left of the budgets.
local client = require("victor.client")

local M = {}

---@param amount { calls: integer, input_tokens: integer, output_tokens: integer, cost_usd: number }
---@return string
local function in_words(amount)
  return ("%d calls, %d tokens in, %d out, $%.4f"):format(
    amount.calls or 0,
    amount.input_tokens or 0,
    amount.output_tokens or 0,
    amount.cost_usd or 0
  )
end

---@param lines string[]
---@param budgets table<string, any>[]
local function add_budgets(lines, budgets)
  if #budgets > 0 then
    vim.list_extend(lines, { "", "Budgets" })
  end
  for _, each in ipairs(budgets) do
    table.insert(lines, ("  %s: %s of %s %s left"):format(each.name, each.left, each.limit, each.unit))
  end
end

---@param result victor.UsageResult
local function show(result)
  local lines = { "All: " .. in_words(result) }
  add_budgets(lines, result.budgets)
  for _, kind in ipairs({ "day", "model", "provider", "task" }) do
    local rows = result.by[kind]
    if type(rows) == "table" and next(rows) then
      vim.list_extend(lines, { "", "By " .. kind })
      for name, amount in vim.spairs(rows) do
        table.insert(lines, ("  %s: %s"):format(name, in_words(amount)))
      end
    end
  end
  require("victor.view").open("usage", lines)
end

function M.show()
  client.request("victor/usage", nil, function(err, result)
    if not err then
      show(result)
    end
  end)
end

return M
