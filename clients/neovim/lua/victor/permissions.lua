--- `:Victor permissions`: the rules that hold, and answers that are taken back.
local client = require("victor.client")
local say = require("victor.say")

local M = {}

---@param rule victor.PermissionRule
---@return string
local function in_words(rule)
  local what = rule.command or rule.path or rule.url
  local where = rule.root ~= nil and rule.root ~= "" and (" in " .. vim.fn.fnamemodify(rule.root, ":~")) or ""
  return ("%-5s  %s%s%s"):format(rule.decision, rule.tool, what and (": " .. what) or "", where)
end

---@param result victor.PermissionsListResult
local function show(result)
  local lines = { ("Mode: %s. The last rule that fits wins."):format(result.mode), "" }
  for _, problem in ipairs(result.problems) do
    local line = problem.line and (":" .. problem.line) or ""
    table.insert(lines, ("Problem in %s%s: %s"):format(problem.source, line, problem.message))
  end
  for _, rule in ipairs(result.rules) do
    table.insert(lines, ("%s   (%s)"):format(in_words(rule), rule.place ~= "" and rule.place or rule.source))
  end
  require("victor.view").open("permissions", lines)
end

---@param result victor.PermissionsListResult
local function forget(result)
  local answers = vim.tbl_filter(function(rule)
    return rule.id ~= ""
  end, result.rules)
  if #answers == 0 then
    return say.info("no answer is remembered.")
  end
  local options = { prompt = "Forget which answer?", kind = "victor_permission_rule", format_item = in_words }
  vim.ui.select(answers, options, function(rule)
    if rule then
      client.request("victor/permissions/set", { forget = rule.id }, function(err)
        if not err then
          say.info("forgotten: " .. in_words(rule))
        end
      end)
    end
  end)
end

---@type table<string, fun(result: victor.PermissionsListResult)>
local WORDS = { list = show, forget = forget }

---@param args victor.Args
function M.run(args)
  local act = WORDS[args.words[1] or "list"]
  if not act then
    return say.error((":Victor permissions %s is not known. Say list or forget."):format(args.text))
  end
  client.request("victor/permissions/list", { root = require("victor.root").of() }, function(err, result)
    if not err then
      act(result)
    end
  end)
end

return M
