--- Speaks with the server: requests that wait until it is there, and who hears or answers what it sends.
local say = require("victor.say")

local M = {}

--- The error of a request that the person took back; LSP's own number.
M.CANCELLED = -32800
--- The error of a request that no server took, or that lost its server.
M.NOT_RUNNING = -32099

local NAME = "victor"
local START_TIMEOUT_MS = 20000

---@alias victor.Callback fun(err: lsp.ResponseError|nil, result: any)
---@alias victor.Cancel fun()
---@alias victor.Reply fun(result: any, err: lsp.ResponseError|nil)
---@alias victor.Answer fun(params: any, reply: victor.Reply, ctx: lsp.HandlerContext)

---@class (exact) victor.Pending
---@field client_id integer
---@field finish victor.Callback

---@class (exact) victor.Waiting
---@field bufnr integer|nil
---@field go fun(err: lsp.ResponseError|nil, client: vim.lsp.Client|nil)

--- The parts of the plugin that take a message, loaded when the first one comes.
---@type table<string, string[]>
local HOMES = {
  ["victor/chat/update"] = { "victor.chat", "victor.receipt" },
  ["victor/edit/didChange"] = { "victor.review" },
  ["victor/edit/partial"] = { "victor.edit" },
  ["victor/status/didChange"] = { "victor.status" },
  ["victor/permission/request"] = { "victor.permission" },
  ["victor/editor/diagnostics"] = { "victor.diagnostics" },
  ["$/cancelRequest"] = { "victor.permission" },
}

---@type table<string, fun(params: any, ctx: lsp.HandlerContext)[]>
local listeners = {}
---@type table<string, victor.Answer>
local answers = {}
---@type table<victor.Pending, true>
local pending = {}
---@type victor.Waiting[]
local waiting = {}

--- The running server of a buffer, else any that runs.
---@param bufnr? integer the current one without it
---@return vim.lsp.Client|nil
function M.get(bufnr)
  local attached = vim.lsp.get_clients({ name = NAME, bufnr = bufnr or vim.api.nvim_get_current_buf() })
  for _, found in ipairs({ attached, vim.lsp.get_clients({ name = NAME }) }) do
    for _, client in ipairs(found) do
      if not client:is_stopped() then
        return client
      end
    end
  end
  return nil
end

--- What came without JSON's nulls: some versions of Neovim leave them in objects.
---@param value any
---@return any
local function plain(value)
  if type(value) ~= "table" then
    return value ~= vim.NIL and value or nil
  end
  local is_list = vim.islist(value)
  for key, each in pairs(value) do
    if type(each) == "table" then
      plain(each)
    elseif each == vim.NIL and not is_list then
      value[key] = nil
    end
  end
  return value
end

--- An empty table would be sent as a list.
---@param params table|nil
---@return table
local function as_object(params)
  return params and next(params) ~= nil and params or vim.empty_dict()
end

--- Asks the server, and waits for it while it starts; it is started if it was not. What fails is said to the person,
--- and is the callback's `err`: with code `CANCELLED`, unsaid, when the returned function took the request back.
---@param method string
---@param params table|nil
---@param callback? victor.Callback called once, outside of this call
---@param bufnr? integer which project's server: that of this buffer
---@param quiet? boolean say nothing; the caller does
---@return victor.Cancel
function M.request(method, params, callback, bufnr, quiet)
  local sent ---@type vim.lsp.Client|nil
  local id ---@type integer|nil
  local entry ---@type victor.Pending
  local function finish(err, result)
    if not entry.finish then
      return
    end
    entry.finish = nil
    pending[entry] = nil
    if err and not quiet and err.code ~= M.CANCELLED then
      say.failure(err)
    end
    if callback then
      callback(err, plain(result))
    end
  end
  entry = { client_id = 0, finish = finish }
  M.when_ready(bufnr, function(err, client)
    if err or not client then
      return finish(err)
    end
    if not entry.finish then
      return
    end
    sent, entry.client_id, pending[entry] = client, client.id, true
    local ok
    ok, id = client:request(method, as_object(params), finish, bufnr or 0)
    if not ok then
      finish({ code = M.NOT_RUNNING, message = "The server is gone.", data = { fix = ":Victor restart" } })
    end
  end)
  return function()
    if sent and id and entry.finish and not sent:is_stopped() then
      sent:cancel_request(id)
    end
    -- Neovim passes the answer to a request that was cancelled on to nobody.
    finish({ code = M.CANCELLED, message = "cancelled" }, nil)
  end
end

--- Has the server execute one of its commands.
---@param command string
---@param argument? table
---@param callback? victor.Callback
---@param bufnr? integer
---@return victor.Cancel
function M.execute(command, argument, callback, bufnr)
  local params = { command = command, arguments = argument and { argument } or nil }
  return M.request("workspace/executeCommand", params, callback, bufnr)
end

--- Hears what the server tells. Several may listen.
---@param method string
---@param listener fun(params: any, ctx: lsp.HandlerContext)
function M.on(method, listener)
  listeners[method] = listeners[method] or {}
  table.insert(listeners[method], listener)
end

--- Answers what the server asks: `reply` is called once, at any later time. One function answers a method.
---@param method string
---@param answer victor.Answer
function M.answer(method, answer)
  answers[method] = answer
end

--- Calls back with a server as soon as there is one. Where none runs, one is started.
---@param bufnr integer|nil
---@param go fun(err: lsp.ResponseError|nil, client: vim.lsp.Client|nil)
function M.when_ready(bufnr, go)
  local client = M.get(bufnr)
  if client then
    return go(nil, client)
  end
  local entry = { bufnr = bufnr, go = go }
  table.insert(waiting, entry)
  vim.defer_fn(function()
    M.release(entry, "The server has not started in time.", "See :checkhealth victor.")
  end, START_TIMEOUT_MS)
  require("victor.server").want(bufnr)
end

--- The server is there: whoever waits for it goes on.
---@param client vim.lsp.Client
function M.ready(client)
  local had = waiting
  waiting = {}
  for _, entry in ipairs(had) do
    entry.go(nil, client)
  end
end

--- There will be no server: whoever waits, or one of them, is told why.
---@param one victor.Waiting|nil
---@param why string
---@param fix string
function M.release(one, why, fix)
  local had = waiting
  waiting = {}
  for _, entry in ipairs(had) do
    if one == nil or entry == one then
      entry.go({ code = M.NOT_RUNNING, message = why, data = { fix = fix } }, nil)
    else
      table.insert(waiting, entry)
    end
  end
end

--- A server is gone: what it was asked is answered with an error.
---@param client_id integer
function M.lost(client_id)
  for _, entry in ipairs(vim.tbl_keys(pending)) do
    if entry.client_id == client_id then
      -- Neovim tells of the end of a process where little of its API may be called.
      vim.schedule(function()
        entry.finish({ code = M.NOT_RUNNING, message = "The server ended before it answered.", data = { fix = "Ask again." } })
      end)
    end
  end
end

---@param method string
local function load_homes(method)
  for _, home in ipairs(HOMES[method] or {}) do
    require(home)
  end
end

---@param method string
local function listen(method)
  return function(_, params, ctx)
    load_homes(method)
    for _, listener in ipairs(listeners[method] or {}) do
      listener(plain(params), ctx)
    end
  end
end

--- Neovim runs the handler of a request in a coroutine: the answer may come whenever it is resumed.
---@param method string
local function respond(method)
  return function(_, params, ctx)
    load_homes(method)
    local answer, running = answers[method], coroutine.running()
    if not answer then
      return nil, vim.lsp.rpc.rpc_response_error(vim.lsp.protocol.ErrorCodes.MethodNotFound)
    end
    local done, waits, result, failed = false, false, nil, nil
    answer(plain(params), function(given, err)
      if done then
        return
      end
      done, result, failed = true, given, err
      if waits then
        assert(coroutine.resume(running))
      end
    end, ctx)
    if not done then
      waits = true
      coroutine.yield()
    end
    if failed == nil and result == nil then
      result = vim.NIL
    end
    return result, failed
  end
end

--- What `lsp/victor.lua` registers: every message that the server sends and LSP does not know.
---@return table<string, lsp.Handler>
function M.handlers()
  local made = {}
  for _, method in ipairs({
    "victor/chat/update",
    "victor/edit/didChange",
    "victor/edit/partial",
    "victor/status/didChange",
    "$/cancelRequest",
  }) do
    made[method] = listen(method)
  end
  for _, method in ipairs({ "victor/permission/request", "victor/editor/diagnostics" }) do
    made[method] = respond(method)
  end
  made["window/showMessage"] = function(_, params)
    say.message(params)
  end
  made["window/showDocument"] = function(...)
    require("victor.view").leave_own()
    return vim.lsp.handlers["window/showDocument"](...)
  end
  return made
end

return M
