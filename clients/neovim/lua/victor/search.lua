--- `:Victor search` and `:Victor find`: hits of the index, in the quickfix list or in a picker.
local client = require("victor.client")
local say = require("victor.say")

local M = {}

local MAX_HITS = 50

---@param query string
---@param show fun(result: victor.SearchResult)
local function search(query, show)
  client.request("victor/search", { query = query, k = MAX_HITS }, function(err, result)
    if err then
      return
    elseif #result.hits == 0 then
      local more = result.partial and " The index is not ready yet: ask again in a moment." or ""
      return say.info(("nothing is found for %q.%s"):format(query, more))
    end
    show(result)
  end)
end

---@param args victor.Args
---@param show fun(result: victor.SearchResult)
local function ask(args, show)
  if args.text ~= "" then
    return search(args.text, show)
  end
  vim.ui.input({ prompt = "Search for: " }, function(query)
    if query and vim.trim(query) ~= "" then
      search(vim.trim(query), show)
    end
  end)
end

--- What a hit shows: the definition, or what kind of text it is.
---@param hit victor.SearchHit
---@return string
function M.label(hit)
  return hit.symbol ~= "" and ("%s (%s)"):format(hit.symbol, hit.kind) or hit.kind
end

---@param hit victor.SearchHit
---@return vim.quickfix.entry
local function to_entry(hit)
  return {
    filename = vim.uri_to_fname(hit.uri),
    lnum = hit.range.start.line + 1,
    end_lnum = math.max(hit.range["end"].line, hit.range.start.line + 1),
    col = 1,
    text = M.label(hit),
  }
end

---@param args victor.Args
function M.quickfix(args)
  ask(args, function(result)
    local partial = result.partial and " (the index is not ready yet)" or ""
    local title = ("Victor: %s%s"):format(result.query, partial)
    vim.fn.setqflist({}, " ", { title = title, items = vim.tbl_map(to_entry, result.hits), nr = "$" })
    vim.cmd("botright copen")
  end)
end

---@param args victor.Args
function M.pick(args)
  ask(args, function(result)
    require("victor.picker").show(result)
  end)
end

return M
