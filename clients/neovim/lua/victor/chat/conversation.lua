--- One chat with the server: asks, steers, stops, and finds its way back after the server was gone.
local client = require("victor.client")
local protocol = require("victor.protocol")
local say = require("victor.say")
local transcript = require("victor.chat.transcript")

local M = {}
local METHOD = protocol.method

---@class (exact) victor.Chat
---@field number integer Its number in this window, which its buffers are named after.
---@field id string|nil The server's name for it; none before the first question.
---@field log victor.chat.Transcript
---@field view victor.chat.View|nil What shows it, while something does.
---@field buf integer|nil
---@field prompt integer|nil
---@field origin integer|nil The buffer that it was begun from, whose project it is about.
---@field server integer|nil The client by which it was last spoken of.
---@field is_busy boolean An answer is being written.
---@field on_change fun() Called when it is busy, or no more.

--- The buffer whose project the chat is about, while there is one.
---@param chat victor.Chat
---@return integer|nil
local function origin_of(chat)
  return chat.origin and vim.api.nvim_buf_is_valid(chat.origin) and chat.origin or nil
end

---@param chat victor.Chat
---@param method string
---@param params table
---@param callback? victor.Callback
local function request(chat, method, params, callback)
  local origin = origin_of(chat)
  client.request(method, params, function(err, result)
    local server = client.get(origin)
    chat.server = server and not err and server.id or chat.server
    if err then
      M.tell_failure(chat, err)
    end
    if callback then
      callback(err, result)
    end
  end, origin, true)
end

--- What failed is said in the chat, unless the end of the turn says so: a message of its own may wait for a key.
---@param chat victor.Chat
---@param err lsp.ResponseError
function M.tell_failure(chat, err)
  local last = chat.log.entries[#chat.log.entries]
  local is_told = last and last.failure and last.failure.message == err.message
  if is_told or err.code == client.CANCELLED or err.code == client.NOT_RUNNING and chat.is_busy then
    return
  end
  local fix = type(err.data) == "table" and err.data.fix or ""
  M.note(chat, ("%s %s"):format(err.message, fix))
end

--- Put a sentence of our own into the chat.
---@param chat victor.Chat
---@param text string
function M.note(chat, text)
  transcript.note(chat.log, text)
  chat.on_change()
end

local function set_busy(chat, is_busy)
  chat.is_busy = is_busy
  chat.on_change()
end

--- Have the server send what happened since the last update; the answer that a crash cut off then says so.
---@param chat victor.Chat
---@param then_do? fun(ok: boolean)
function M.load(chat, then_do)
  local params = { sessionId = chat.id, afterSeq = chat.log.seq }
  request(chat, METHOD.chatLoad, params, function(err)
    if then_do then
      then_do(not err)
    end
    chat.on_change()
  end)
end

--- The server ended while it answered: say so, and take up the chat with the next one.
local function recover(chat)
  M.note(chat, "The server ended before the answer did. Starting it again …")
  transcript.begin_anew(chat.log)
  M.load(chat, function(ok)
    if ok then
      M.note(chat, "The server is back, and the chat goes on. `:Victor chat retry` asks the last question again.")
    end
  end)
end

---@param chat victor.Chat
---@param then_do fun(ok: boolean)
local function with_session(chat, then_do)
  local server = client.get(origin_of(chat))
  if not chat.id then
    request(chat, METHOD.chatNew, { root = M.root(chat) }, function(err, made)
      chat.id = not err and made.sessionId or nil
      then_do(not err)
    end)
  elseif not server or server.id ~= chat.server then
    M.load(chat, then_do)
  else
    then_do(true)
  end
end

--- The folder that the chat is about.
---@param chat victor.Chat
---@return string|nil
function M.root(chat)
  local server = client.get(origin_of(chat))
  return server and server.root_dir or nil
end

local function run(chat, method, params, on_failure)
  set_busy(chat, true)
  local before = chat.log.seq
  params.sessionId = chat.id
  request(chat, method, params, function(err)
    local was_taken = chat.log.seq ~= before
    set_busy(chat, false)
    if err and err.code == client.NOT_RUNNING then
      recover(chat)
    end
    if err and not was_taken then
      on_failure()
    end
  end)
end

--- Ask; while an answer is being written, say it to the model meanwhile. `on_failure` is called if it was not taken.
---@param chat victor.Chat
---@param text string
---@param around { textDocument?: table, range?: lsp.Range }
---@param on_failure fun()
function M.send(chat, text, around, on_failure)
  local blocks = { { type = "text", text = text } }
  if chat.is_busy and not chat.id then
    say.warn("the chat is being opened. Send it again in a moment.")
    return on_failure()
  end
  if chat.is_busy then
    request(chat, METHOD.chatSteer, { sessionId = chat.id, prompt = blocks }, function(err)
      if err then
        on_failure()
      end
    end)
    return
  end
  -- In a chat that is to be loaded first, what is loaded stands above it.
  local question = not chat.id and transcript.asked(chat.log, text) or nil
  local function give_back()
    transcript.take_out(chat.log, question)
    chat.on_change()
    on_failure()
  end
  set_busy(chat, true)
  with_session(chat, function(ok)
    if not ok then
      set_busy(chat, false)
      return give_back()
    end
    question = question or transcript.asked(chat.log, text)
    run(chat, METHOD.chatPrompt, vim.tbl_extend("error", { prompt = blocks }, around), give_back)
  end)
end

--- Stop the answer that is being written. False where none is.
---@param chat victor.Chat
---@return boolean
function M.stop(chat)
  if not chat.is_busy or not chat.id then
    return false
  end
  request(chat, METHOD.chatCancel, { sessionId = chat.id })
  return true
end

--- Ask the last question again; the new turn stands for the old one.
---@param chat victor.Chat
function M.retry(chat)
  if chat.is_busy then
    return say.warn("an answer is being written. Stop it first: :Victor stop.")
  end
  if not chat.id then
    return say.warn("nothing was asked in this chat yet.")
  end
  with_session(chat, function(ok)
    if ok then
      run(chat, METHOD.chatRetry, {}, function() end)
    end
  end)
end

--- Begin a chat with the turns of another one, up to one of them.
---@param chat victor.Chat
---@param turn string|nil
---@param then_do fun(id: string)
function M.fork(chat, turn, then_do)
  request(chat, METHOD.chatFork, { sessionId = chat.id, upToTurn = turn }, function(err, made)
    if not err then
      then_do(made.sessionId)
    end
  end)
end

---@param chat victor.Chat
---@param title string
function M.rename(chat, title)
  request(chat, METHOD.chatRename, { sessionId = chat.id, title = title }, function(err)
    if not err then
      chat.log.title = title
      chat.on_change()
    end
  end)
end

return M
