--- Starts, stops and restarts the server, and starts it again after a crash.
local client = require("victor.client")
local config = require("victor.config")
local program = require("victor.program")
local say = require("victor.say")

local M = {}

local NAME = "victor"
local WITHIN_MS = 180000
local STOP_TIMEOUT_MS = 3000

--- How long a server that crashed stays down, each time within three minutes; behind the last it stays so.
M.DELAYS_MS = { 100, 1000, 2000, 4000, 8000 }

---@alias victor.State 'stopped'|'starting'|'running'|'restarting'|'failed'

---@type victor.State
local state = "stopped"
---@type string why it does not run, for a person
local detail = ""
---@type boolean
local stopped_by_person = false
---@type string|nil the problem that was said last: once is enough
local said
---@type integer[] when it crashed, in milliseconds
local crashes = {}
---@type { code: integer, signal: integer }|nil how the process ended whose end is being handled
local ended_with
---@type table<integer, true> clients that are being stopped
local ending = {}
---@type table<integer, true> clients whose process has ended; Neovim lists them a moment longer
local gone = {}
---@type fun()|nil called when they are gone
local after_end
---@type integer buffers are attached again by the restart of this number only
local generation = 0

---@return victor.State state, string detail
function M.state()
  return state, detail
end

---@param now victor.State
---@param why? string
local function become(now, why)
  state, detail = now, why or ""
  local data = { state = now, detail = detail }
  vim.schedule(function()
    vim.api.nvim_exec_autocmds("User", { pattern = "VictorState", modeline = false, data = data })
    vim.cmd.redrawstatus({ bang = true })
  end)
end

---@param why string
local function fail(why)
  become("failed", why)
  if said ~= why then
    said = why
    say.error(why)
  end
  client.release(nil, why, "See :checkhealth victor.")
end

---@return vim.lsp.Config
local function configured()
  return vim.deepcopy(vim.lsp.config[NAME])
end

---@param bufnr integer|nil
---@return string|nil
local function root_of(bufnr)
  local markers = configured().root_markers or { ".git" }
  local named = bufnr and vim.api.nvim_buf_is_valid(bufnr) and vim.api.nvim_buf_get_name(bufnr) ~= ""
  return vim.fs.root(named and bufnr or vim.uv.cwd() or ".", markers)
end

--- Whether there is a program to start: asked for each buffer that is opened. What is missing is said once.
---@return boolean
function M.may_start()
  if stopped_by_person or state == "failed" and #crashes > #M.DELAYS_MS then
    return false
  end
  if type(configured().cmd) ~= "function" then
    return true
  end
  local found, problem = program.find(root_of(vim.api.nvim_get_current_buf()))
  if not found then
    fail(problem or "")
  end
  return found ~= nil
end

--- Starts the program for Neovim's client.
---@param dispatchers vim.lsp.rpc.Dispatchers
---@param asked vim.lsp.ClientConfig
---@return vim.lsp.rpc.PublicClient
function M.spawn(dispatchers, asked)
  local found, problem = program.find(asked.root_dir)
  if not found then
    error("Victor: " .. problem, 0)
  end
  become("starting")
  -- Neovim would report the end itself, beside what we say of it.
  local on_exit = dispatchers.on_exit
  dispatchers.on_exit = function(code, signal)
    ended_with = { code = code, signal = signal }
    on_exit(0, 0)
  end
  local options = { cwd = asked.cmd_cwd, env = asked.cmd_env, detached = asked.detached }
  return vim.lsp.rpc.start(vim.list_extend(found, { "lsp" }), dispatchers, options)
end

---@param started vim.lsp.Client
function M.on_ready(started)
  if state == "restarting" or #crashes > 0 and state == "starting" then
    say.info("the server is back.")
  end
  said = nil
  become("running")
  require("victor.status").follow(started)
  client.ready(started)
  vim.api.nvim_exec_autocmds("User", { pattern = "VictorStarted", modeline = false, data = { client_id = started.id } })
end

---@param bufnr integer
---@param made vim.lsp.ClientConfig
local function start_for(bufnr, made)
  vim.lsp.start(made, { bufnr = bufnr, reuse_client = made.reuse_client })
end

---@return boolean
local function is_enabled()
  -- 0.11 has no word for it.
  local known = vim.lsp.is_enabled or function(name)
    return rawget(vim.lsp, "_enabled_configs")[name] ~= nil
  end
  return known(NAME)
end

--- Has the server look after a buffer that Neovim attaches none to, if it is enabled.
---@param bufnr integer
function M.attach(bufnr)
  local is_file = vim.api.nvim_buf_get_name(bufnr) ~= ""
  if not is_file or not is_enabled() or #vim.lsp.get_clients({ name = NAME, bufnr = bufnr }) > 0 then
    return
  end
  if M.may_start() then
    local made = configured()
    made.root_dir = root_of(bufnr)
    start_for(bufnr, made)
  end
end

--- Starts it for these buffers, as it was for them before; without any for the folder Neovim is in.
---@param buffers integer[]
---@param made vim.lsp.ClientConfig
local function start(buffers, made)
  local n_started = 0
  for _, bufnr in ipairs(buffers) do
    if vim.api.nvim_buf_is_loaded(bufnr) then
      start_for(bufnr, made)
      n_started = n_started + 1
    end
  end
  if n_started == 0 then
    vim.lsp.start(made, { attach = false, reuse_client = made.reuse_client })
  end
end

--- Somebody needs it: it is started unless it is on its way, or the person stopped it.
---@param bufnr integer|nil
function M.want(bufnr)
  if state == "starting" or state == "restarting" then
    return
  end
  if stopped_by_person then
    return client.release(nil, "The server is stopped.", ":Victor restart starts it.")
  end
  if state == "failed" and #crashes > #M.DELAYS_MS then
    return client.release(nil, detail, ":Victor restart starts it again.")
  end
  local root = root_of(bufnr or vim.api.nvim_get_current_buf())
  local made = configured()
  if type(made.cmd) == "function" then
    local found, problem = program.find(root)
    if not found then
      said = nil
      become("failed", problem)
      return client.release(nil, problem or "", "See :checkhealth victor.")
    end
  end
  made.root_dir = root
  start({}, made)
end

---@param ended vim.lsp.Client|nil
---@return boolean
local function was_stopped(ended)
  local leaves = vim.v.exiting ~= vim.NIL
  return leaves or stopped_by_person or ended ~= nil and rawget(ended, "_is_stopping") == true
end

---@return integer n_recent
local function count_crash()
  local now = vim.uv.now()
  crashes = vim.tbl_filter(function(each)
    return now - each < WITHIN_MS
  end, crashes)
  table.insert(crashes, now)
  return #crashes
end

---@param buffers integer[]
---@param made vim.lsp.ClientConfig
---@param n_recent integer
local function start_again(buffers, made, n_recent)
  become("restarting")
  generation = generation + 1
  local mine = generation
  vim.defer_fn(function()
    if generation == mine and not stopped_by_person then
      start(buffers, made)
    end
  end, M.DELAYS_MS[n_recent])
end

local function ended_all()
  local go = after_end
  after_end = nil
  if go then
    vim.schedule(go)
  end
end

--- The process has ended. One that nobody stopped is started again, with the buffers that it had.
---@param code integer
---@param signal integer
---@param client_id integer
function M.on_exit(code, signal, client_id)
  code, signal = ended_with and ended_with.code or code, ended_with and ended_with.signal or signal
  ended_with = nil
  local ended = vim.lsp.get_client_by_id(client_id)
  local buffers = ended and vim.tbl_keys(ended.attached_buffers) or {}
  local made = ended and ended.config
  client.lost(client_id)
  ending[client_id], gone[client_id] = nil, true
  if next(ending) == nil then
    ended_all()
  end
  if was_stopped(ended) or (code == 0 and signal == 0) or not made then
    if state ~= "restarting" then
      become("stopped")
    end
    return
  end
  local how = signal ~= 0 and ("signal %d"):format(signal) or ("exit code %d"):format(code)
  local n_recent = count_crash()
  if not config.get().restart then
    return fail(("the server crashed (%s). See :Victor log."):format(how))
  end
  if n_recent > #M.DELAYS_MS then
    return fail(("the server keeps crashing (%s). See :Victor log."):format(how))
  end
  if n_recent == 1 then
    say.warn(("the server crashed (%s) and is restarted."):format(how))
  end
  start_again(buffers, made, n_recent)
end

---@return vim.lsp.Client[]
local function all()
  return vim.tbl_filter(function(each)
    return not gone[each.id]
  end, vim.lsp.get_clients({ name = NAME, _uninitialized = true }))
end

--- Asks them to end, and ends those that do not; calls back when none is left.
---@param done fun()
local function end_all(done)
  generation = generation + 1
  after_end = done
  for _, each in ipairs(all()) do
    ending[each.id] = true
    each:stop()
  end
  if next(ending) == nil then
    return ended_all()
  end
  local mine = generation
  vim.defer_fn(function()
    if mine ~= generation then
      return
    end
    for id in pairs(ending) do
      local stuck = vim.lsp.get_client_by_id(id)
      if stuck and stuck.rpc then
        stuck.rpc.terminate()
      end
    end
    -- Whatever becomes of those: who waits for their end does not wait for ever.
    ending = {}
    ended_all()
  end, STOP_TIMEOUT_MS)
end

--- Stops the server until the person starts it again.
function M.stop()
  stopped_by_person = true
  client.release(nil, "The server is stopped.", ":Victor restart starts it.")
  end_all(function()
    become("stopped")
  end)
end

--- Stops what runs and starts it anew, with the buffers that it had.
function M.restart()
  local had = vim.tbl_map(function(each)
    return { buffers = vim.tbl_keys(each.attached_buffers), root = each.root_dir }
  end, all())
  stopped_by_person, crashes, said = false, {}, nil
  end_all(function()
    if stopped_by_person then
      return
    end
    become("restarting")
    for _, each in ipairs(had) do
      local made = configured()
      made.root_dir = each.root
      start(each.buffers, made)
    end
    if #had == 0 then
      become("stopped")
      vim.lsp.enable(NAME)
      M.want(nil)
    end
  end)
end

return M
