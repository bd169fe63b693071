--- `:Victor trust`: whether the folder's own settings, rules and instructions count.
local client = require("victor.client")
local say = require("victor.say")

local M = {}

---@param folder victor.FolderTrust
local function tell(folder)
  local word = folder.trusted and "is trusted" or "is not trusted"
  say.info(("%s %s. %s"):format(vim.fn.fnamemodify(folder.path, ":~"), word, folder.reason))
end

---@param root string
---@param trusted boolean
local function set(root, trusted)
  client.request("victor/trust/set", { root = root, trusted = trusted }, function(err, result)
    if not err then
      vim.iter(result.folders):each(tell)
    end
  end)
end

---@param folder victor.FolderTrust
local function ask(folder)
  local choices = { "Trust it", "Do not trust it" }
  local prompt = ("Let the settings, rules and AGENTS.md of %s count?"):format(vim.fn.fnamemodify(folder.path, ":~"))
  vim.ui.select(choices, { prompt = prompt, kind = "victor_trust" }, function(choice)
    if choice then
      set(folder.root, choice == choices[1])
    end
  end)
end

---@type table<string, fun(folder: victor.FolderTrust)>
local WORDS = {
  status = tell,
  yes = ask,
  no = function(folder)
    set(folder.root, false)
  end,
}

---@param args victor.Args
function M.run(args)
  local act = WORDS[args.words[1] or "status"]
  if not act then
    return say.error((":Victor trust %s is not known. Say status, yes or no."):format(args.text))
  end
  client.request("victor/trust/get", { root = require("victor.root").of() }, function(err, result)
    if err then
      return
    elseif #result.folders == 0 then
      return say.warn("no folder is open. Open a file of a project first.")
    end
    act(result.folders[1])
  end)
end

return M
