--- `:Victor profile` and `:Victor mode`: who answers, and how free the agent is.
local client = require("victor.client")
local say = require("victor.say")

local M = {}

local ROUTER = "(let Victor choose)"

---@type table<string, string>
local MODES = {
  plan = "nothing is changed and nothing is run",
  ask = "every change and every command is asked for",
  build = "the permissions decide",
}

---@type string[] as the server told last, for completion
local known = {}

---@param take fun(result: victor.ModelsListResult)
local function list(take)
  client.request("victor/models/list", nil, function(err, result)
    if err then
      return
    end
    known = vim.tbl_map(function(each)
      return each.profile
    end, result.models)
    take(result)
  end)
end

---@param profile string
local function set_profile(profile)
  client.request("victor/profile/set", { profile = profile }, function(err, result)
    if not err then
      say.info(result.profile == "" and "the router chooses who answers." or ("%s answers."):format(result.profile))
    end
  end)
end

---@param model victor.ModelItem
---@return string
local function in_words(model)
  local unusable = model.unusable ~= "" and (" · " .. model.unusable) or ""
  return model.provider == "" and model.profile or ("%s · %s %s%s"):format(model.profile, model.provider, model.model, unusable)
end

---@param result victor.ModelsListResult
local function choose_profile(result)
  if #result.models == 0 then
    return say.warn("no profile is set up. See :help victor-models.")
  end
  local now = result.profile ~= "" and result.profile or "chosen by Victor"
  local models = { { profile = ROUTER, provider = "", unusable = "" } }
  vim.list_extend(models, result.models)
  local options = { prompt = ("Who answers? (now: %s)"):format(now), kind = "victor_profile", format_item = in_words }
  vim.ui.select(models, options, function(model)
    if model then
      set_profile(model.profile == ROUTER and "" or model.profile)
    end
  end)
end

---@param args victor.Args
function M.profile(args)
  if args.text ~= "" then
    return set_profile(args.text)
  end
  list(choose_profile)
end

--- What may follow `:Victor profile`. Completion cannot wait for the server: the first time it only asks.
---@return string[]
function M.profiles()
  if #known == 0 then
    list(function() end)
  end
  return known
end

---@param mode string
local function set_mode(mode)
  client.request("victor/mode/set", { mode = mode }, function(err, result)
    if not err then
      say.info(("mode %s: %s."):format(result.mode, MODES[result.mode] or ""))
    end
  end)
end

---@param args victor.Args
function M.mode(args)
  if MODES[args.text] then
    return set_mode(args.text)
  elseif args.text ~= "" then
    return say.error(("there is no mode %q. Say plan, ask or build."):format(args.text))
  end
  local options = {
    prompt = "How free is the agent?",
    kind = "victor_mode",
    format_item = function(mode)
      return ("%s: %s"):format(mode, MODES[mode])
    end,
  }
  vim.ui.select({ "plan", "ask", "build" }, options, function(mode)
    if mode then
      set_mode(mode)
    end
  end)
end

return M
