--- `:Victor index`: where the index stands, and how to steer it.
local client = require("victor.client")
local say = require("victor.say")

local M = {}

---@type table<string, string>
local METHODS = {
  status = "victor/index/status",
  pause = "victor/index/pause",
  resume = "victor/index/resume",
  rebuild = "victor/index/rebuild",
}

---@param index victor.IndexStatus
---@return string
local function in_words(index)
  if index.root == "" then
    return index.detail
  end
  local counts = ("%d of %d files"):format(index.files_done, index.files_total)
  local detail = index.detail ~= "" and (" " .. index.detail) or ""
  return ("the index of %s is %s: %s.%s"):format(vim.fn.fnamemodify(index.root, ":~"), index.state, counts, detail)
end

---@param args victor.Args
function M.run(args)
  local method = METHODS[args.words[1] or "status"]
  if not method then
    return say.error((":Victor index %s is not known. Say status, pause, resume or rebuild."):format(args.text))
  end
  client.request(method, nil, function(err, result)
    if err then
      return
    end
    local indexes = #result.indexes > 0 and result.indexes or { result.index }
    say.info(table.concat(vim.tbl_map(in_words, indexes), "\n"))
  end)
end

return M
