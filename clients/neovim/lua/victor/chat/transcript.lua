--- What happened in one chat, as entries in order, kept from the server's updates. Knows no buffers.
local M = {}

---@alias victor.chat.Kind 'question'|'head'|'answer'|'thought'|'tool'|'plan'|'context'|'note'|'end'

---@class (exact) victor.chat.Entry
---@field kind victor.chat.Kind
---@field turn string The turn that it belongs to.
---@field text? string What was said.
---@field is_echo? boolean A question that the server has not told us: it does not send them back to who asked.
---@field id? string A tool's call.
---@field title? string What a tool does.
---@field status? string How far a tool is.
---@field printed? string What it printed so far.
---@field content? table[] What came of it.
---@field places? table[] The places that it is about.
---@field entries? table[] Of a plan.
---@field context? table What the model is shown.
---@field route? table Who answers, and why.
---@field usage? table Tokens and cost.
---@field receipt? string The receipt's number.
---@field stop? string How the turn ended.
---@field citations? lsp.Location[]
---@field failure? table What went wrong: `message`, `fix`.
---@field is_dirty? boolean It is not shown as it is now.
---@field lines? string[] As it is shown. The view's.
---@field row? integer Where it is shown. The view's, as all that follows.
---@field fold? integer The first of its lines that is folded away, counted from 1.
---@field is_folded? boolean
---@field marks? integer[]

---@class (exact) victor.chat.Transcript
---@field entries victor.chat.Entry[]
---@field seq integer The number of the last update.
---@field turn string The last turn; empty without one.
---@field title string
---@field removed boolean Entries were taken away since this was last looked at.
---@field is_void? boolean What comes next takes the place of all that is there.

---@return victor.chat.Transcript
function M.new()
  return { entries = {}, seq = 0, turn = "", title = "", removed = false }
end

--- The question that was just asked is the one of the turn that is heard of next. True for an update that repeats it.
local function is_echo_of(log, turn, update)
  local last = log.entries[#log.entries]
  if not last or not last.is_echo then
    return false
  end
  last.turn, last.is_echo = turn, nil
  return update.sessionUpdate == "user_message_chunk"
end

--- Take an update; what it changes is marked as dirty. False for one that was there before.
---@param log victor.chat.Transcript
---@param params victor.ChatUpdateParams
---@return boolean
function M.take(log, params)
  local meta = (params._meta or {}).victor or {}
  local seq = meta.seq or 0
  if log.is_void then
    log.entries, log.removed, log.is_void = {}, true, nil
  end
  if seq ~= 0 and seq <= log.seq then
    return false
  end
  log.seq = math.max(log.seq, seq)
  local turn = meta.turnId or ""
  log.turn = turn ~= "" and turn or log.turn
  local update = params.update
  if is_echo_of(log, turn, update) then
    return true
  end
  local take = M.takers[update.sessionUpdate]
  if take then
    take(log, turn, update, meta)
  end
  return true
end

--- Whether the last turn has not ended.
---@param log victor.chat.Transcript
function M.is_open(log)
  local last = log.entries[#log.entries]
  return last ~= nil and last.kind ~= "end"
end

--- Add the question that the person has just asked.
---@param log victor.chat.Transcript
---@param text string
---@return victor.chat.Entry
function M.asked(log, text)
  return M.add(log, { kind = "question", turn = "", text = text, is_echo = true })
end

--- Add a sentence that is no update: the client's own word.
---@param log victor.chat.Transcript
---@param text string
function M.note(log, text)
  M.add(log, { kind = "note", turn = log.turn, text = text })
end

--- The last entry of this kind in a turn.
---@param log victor.chat.Transcript
---@param turn string
---@param kind victor.chat.Kind
---@return victor.chat.Entry|nil
function M.find(log, turn, kind)
  for at = #log.entries, 1, -1 do
    local entry = log.entries[at]
    if entry.kind == kind and entry.turn == turn then
      return entry
    end
  end
end

---@param log victor.chat.Transcript
---@param entry victor.chat.Entry
---@return victor.chat.Entry
function M.add(log, entry)
  entry.is_dirty = true
  table.insert(log.entries, entry)
  return entry
end

--- The next update is the first one again: what a server that crashed had told is not always what it had kept.
---@param log victor.chat.Transcript
function M.begin_anew(log)
  log.seq, log.is_void = 0, true
end

--- Forget one entry.
---@param log victor.chat.Transcript
---@param entry victor.chat.Entry
function M.take_out(log, entry)
  log.entries = vim.tbl_filter(function(each)
    return each ~= entry
  end, log.entries)
  log.removed = true
end

--- Forget what this turn held: another one stands for it.
---@param log victor.chat.Transcript
---@param turn string
function M.remove(log, turn)
  local left = vim.tbl_filter(function(entry)
    return entry.turn ~= turn
  end, log.entries)
  log.removed = log.removed or #left < #log.entries
  log.entries = left
end

--- The head of a turn's answer, to which belongs who gives it and what it took.
local function head_of(log, turn)
  return M.find(log, turn, "head") or M.add(log, { kind = "head", turn = turn })
end

--- Add what the model's side does, below a head if it is the first of its turn, or the first since the person spoke.
local function answer_side(log, turn, entry)
  local last = log.entries[#log.entries]
  if not last or last.turn ~= turn or last.kind == "question" then
    local before = M.find(log, turn, "head") or {}
    local same = { route = before.route, usage = before.usage, receipt = before.receipt }
    M.add(log, vim.tbl_extend("error", { kind = "head", turn = turn }, same))
  end
  entry.turn = turn
  return M.add(log, entry)
end

local function more_text(kind)
  return function(log, turn, update)
    local text = (update.content or {}).text or ""
    local last = log.entries[#log.entries]
    if last and last.kind == kind and last.turn == turn then
      last.text, last.is_dirty = last.text .. text, true
    else
      answer_side(log, turn, { kind = kind, text = text })
    end
  end
end

local function tool_of(log, id)
  for at = #log.entries, 1, -1 do
    if log.entries[at].id == id then
      return log.entries[at]
    end
  end
end

local function take_tool(log, turn, update, meta)
  local entry = tool_of(log, update.toolCallId)
  if not entry then
    entry = answer_side(log, turn, { kind = "tool", id = update.toolCallId, title = "", status = "pending" })
  end
  entry.title = update.title or entry.title
  entry.status = meta.outcome or update.status or entry.status
  entry.content = update.content or entry.content
  entry.places = update.locations or entry.places
  if meta.printed then
    entry.printed = (entry.printed or "") .. meta.printed
  end
  entry.is_dirty = true
end

local GOES_ON = { pending = true, in_progress = true }

--- Of a call that was under way when the server ended nobody tells how it ended.
local function interrupt_tools(log, turn)
  for _, entry in ipairs(log.entries) do
    if entry.kind == "tool" and entry.turn == turn and GOES_ON[entry.status] then
      entry.status, entry.is_dirty = "interrupted", true
    end
  end
end

--- The sum of what the calls of a turn took; what is not known of one is not known of all.
local function sum(before, usage)
  if not before then
    return usage
  end
  local function known(name)
    local one, other = before[name], usage[name]
    return type(one) == "number" and type(other) == "number" and one + other or nil
  end
  local input, output = known("inputTokens"), known("outputTokens")
  return { inputTokens = input, outputTokens = output, costUsd = known("costUsd") }
end

--- What the turn was asked; what was said while it ran is not asked again.
local function first_question(log, turn)
  for _, entry in ipairs(log.entries) do
    if entry.kind == "question" and entry.turn == turn then
      return entry
    end
  end
end

--- What the protocol of chats has no word for, by its name in `_meta.victor`.
local OWN = {
  context = function(log, turn, context)
    local entry = M.find(log, turn, "context") or answer_side(log, turn, { kind = "context" })
    entry.context, entry.is_dirty = context, true
  end,
  route = function(log, turn, route)
    local head = head_of(log, turn)
    head.route, head.is_dirty = route, true
  end,
  usage = function(log, turn, usage)
    local head = head_of(log, turn)
    head.usage, head.is_dirty = sum(head.usage, usage), true
  end,
  receipt = function(log, turn, receipt)
    local head = head_of(log, turn)
    head.receipt, head.is_dirty = receipt, true
  end,
  note = function(log, turn, text)
    answer_side(log, turn, { kind = "note", text = text })
  end,
  compacted = function(log, turn, compacted)
    local said = "Earlier messages were summed up: %d of them, now %d tokens instead of %d."
    local text = said:format(compacted.messages or 0, compacted.tokensAfter or 0, compacted.tokensBefore or 0)
    answer_side(log, turn, { kind = "note", text = text })
  end,
  retried = function(log, turn, old_turn)
    local question = first_question(log, old_turn)
    M.remove(log, old_turn)
    if question and not M.find(log, turn, "question") then
      M.add(log, { kind = "question", turn = turn, text = question.text })
    end
  end,
}

local function take_own(log, turn, update, meta)
  if type(update.title) == "string" then
    log.title = update.title
  end
  for name, take in pairs(OWN) do
    local value = meta[name]
    if value ~= nil and value ~= vim.NIL then
      take(log, turn, value)
    end
  end
  if meta.stopReason then
    local head = M.find(log, turn, "head") or {}
    local failure = type(meta.error) == "table" and meta.error or nil
    local citations = type(meta.citations) == "table" and meta.citations or {}
    local ended = { kind = "end", turn = turn, stop = meta.stopReason, citations = citations, failure = failure }
    ended.usage, ended.receipt, ended.route = head.usage, head.receipt, head.route
    M.add(log, ended)
    interrupt_tools(log, turn)
  end
end

---@type table<string, fun(log: victor.chat.Transcript, turn: string, update: table, meta: table)>
M.takers = {
  user_message_chunk = function(log, turn, update)
    M.add(log, { kind = "question", turn = turn, text = (update.content or {}).text or "" })
  end,
  agent_message_chunk = more_text("answer"),
  agent_thought_chunk = more_text("thought"),
  tool_call = take_tool,
  tool_call_update = take_tool,
  plan = function(log, turn, update)
    local entry = M.find(log, turn, "plan") or answer_side(log, turn, { kind = "plan" })
    entry.entries, entry.is_dirty = update.entries, true
  end,
  session_info_update = take_own,
}

return M
