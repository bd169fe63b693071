--- The edits under review, with the texts of their hunks, kept from what the server tells.
local protocol = require("victor.protocol")
local say = require("victor.say")

local M = {}

---@class (exact) victor.review.Edit
---@field item victor.EditItem
---@field server integer The client that it is from.

---@class (exact) victor.review.Hunk
---@field edit victor.EditItem
---@field file victor.EditFile
---@field hunk victor.EditHunk

---@type table<string, victor.review.Edit>
local edits = {}

--- Take an edit as it is now; calls back once its texts are there, with the hunks that have become stale.
---@param item victor.EditItem
---@param server integer
---@param changed fun(is_new: boolean, stale: victor.review.Hunk[])
function M.take(item, server, changed)
  local before = edits[item.id]
  local stale = before and M.newly_stale(before.item, item) or {}
  if M.fill(item, before and before.item) or not M.is_open(item) then
    edits[item.id] = { item = item, server = server }
    return changed(before == nil, stale)
  end
  M.ask(server, protocol.method.editGet, { id = item.id }, function(err, result)
    if not err then
      edits[item.id] = { item = result.edit, server = server }
      changed(before == nil, stale)
    end
  end)
end

--- Decide about hunks of an edit.
---@param edit victor.EditItem
---@param params { decision: string, hunks?: string[], uri?: string, reason?: string }
function M.resolve(edit, params)
  local known = edits[edit.id]
  params.id = edit.id
  M.ask(known and known.server or -1, protocol.method.editResolve, params, function(err, result)
    for _, message in ipairs(not err and result.messages or {}) do
      say.warn(message)
    end
  end)
end

--- Ask the server that an edit is from: another one knows nothing of it.
---@param server integer
---@param method string
---@param params table
---@param callback fun(err: lsp.ResponseError|nil, result: any)
function M.ask(server, method, params, callback)
  local client = vim.lsp.get_client_by_id(server)
  if not client or client:is_stopped() then
    M.drop_lost()
    return say.warn("the server was restarted: that proposal is gone. Ask again.")
  end
  client:request(method, params, function(err, result)
    if err then
      say.failure(err)
    end
    callback(err, result)
  end)
end

--- Forget the edits of servers that are gone.
function M.drop_lost()
  for id, edit in pairs(edits) do
    local client = vim.lsp.get_client_by_id(edit.server)
    if not client or client:is_stopped() then
      edits[id] = nil
    end
  end
end

--- The hunks to decide about, of one file or of all, in the order in which the edits came.
---@param uri? string
---@return victor.review.Hunk[]
function M.open_hunks(uri)
  local items = vim.tbl_map(function(edit)
    return edit.item
  end, vim.tbl_values(edits))
  table.sort(items, function(one, other)
    return one.madeAt .. one.id < other.madeAt .. other.id
  end)
  local found = {}
  for _, item in ipairs(items) do
    for _, each in ipairs(M.hunks_of(item)) do
      if M.is_open_state(each.hunk.state) and (uri == nil or M.same_file(each.file.uri, uri)) then
        table.insert(found, each)
      end
    end
  end
  return found
end

---@param item victor.EditItem
---@return victor.review.Hunk[]
function M.hunks_of(item)
  local found = {}
  for _, file in ipairs(item.files) do
    for _, hunk in ipairs(file.hunks) do
      table.insert(found, { edit = item, file = file, hunk = hunk })
    end
  end
  return found
end

---@param state string
function M.is_open_state(state)
  return state == "proposed" or state == "applied"
end

---@param item victor.EditItem
function M.is_open(item)
  for _, each in ipairs(M.hunks_of(item)) do
    if M.is_open_state(each.hunk.state) then
      return true
    end
  end
  return false
end

--- Spelled alike or not, it is one file.
function M.same_file(one, other)
  return one == other or vim.uri_to_fname(one) == vim.uri_to_fname(other)
end

--- Give hunks the texts that they had; false where one is missing.
function M.fill(item, before)
  local texts = {}
  for _, each in ipairs(before and M.hunks_of(before) or {}) do
    texts[each.hunk.id] = each.hunk
  end
  for _, each in ipairs(M.hunks_of(item)) do
    local known = texts[each.hunk.id]
    if not known or not known.newText then
      return false
    end
    each.hunk.oldText, each.hunk.newText = known.oldText, known.newText
  end
  return true
end

function M.newly_stale(before, now)
  local states, found = {}, {}
  for _, each in ipairs(M.hunks_of(before)) do
    states[each.hunk.id] = each.hunk.state
  end
  for _, each in ipairs(M.hunks_of(now)) do
    if each.hunk.state == "stale" and M.is_open_state(states[each.hunk.id]) then
      table.insert(found, each)
    end
  end
  return found
end

return M
