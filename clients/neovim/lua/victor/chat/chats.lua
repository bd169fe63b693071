--- The chats of this window, and what a person does with them.
local buffers = require("victor.chat.buffers")
local client = require("victor.client")
local conversation = require("victor.chat.conversation")
local mappings = require("victor.chat.mappings")
local places = require("victor.chat.places")
local say = require("victor.say")
local transcript = require("victor.chat.transcript")
local view = require("victor.chat.view")
local windows = require("victor.chat.windows")

local M = {}

---@type victor.Chat[]
local chats = {}
---@type victor.Chat|nil The one that was used last.
local last

--- Open the last chat, or a new one, and go to its prompt.
function M.open()
  M.show(M.current() or M.make())
end

--- Begin a new chat.
function M.new()
  M.show(M.make())
end

--- Close the windows of the chat; an answer goes on meanwhile, and a question that was not sent stays.
function M.close()
  local chat = M.current()
  if chat and chat.buf then
    windows.close(chat)
  end
end

--- Open the chat, or close it where it is open.
function M.toggle()
  local chat = M.current()
  if chat and chat.prompt and windows.window_of(chat.prompt) then
    return M.close()
  end
  M.open()
end

--- Ask something about the current buffer, or lines of it; without a text, mention them in the prompt.
---@param text string
---@param first? integer Counted from 1.
---@param last_line? integer
function M.ask(text, first, last_line)
  local file = vim.api.nvim_get_current_buf()
  local chat = M.current() or M.make()
  M.show(chat)
  if text ~= "" then
    return M.send(chat, text, M.around(file, first, last_line))
  end
  if first and vim.bo[file].buftype == "" then
    local name, root = vim.api.nvim_buf_get_name(file), conversation.root(chat)
    local path = root and vim.fs.relpath(root, name) or vim.fn.fnamemodify(name, ":.")
    buffers.put(chat.prompt, places.mention(path, first, last_line or first) .. " ")
  end
  vim.cmd("startinsert!")
end

--- Send what stands in the prompt.
---@param chat victor.Chat
function M.send_prompt(chat)
  local text = buffers.text(chat.prompt)
  if text == "" then
    return say.info("there is nothing to send: write a question first.")
  end
  local window = windows.of_a_file()
  buffers.empty(chat.prompt)
  M.send(chat, text, M.around(window and vim.api.nvim_win_get_buf(window)))
end

--- Stop the answer that is being written. False where none is.
---@return boolean
function M.stop()
  local chat = M.current()
  return chat ~= nil and conversation.stop(chat)
end

--- Ask the last question again.
function M.retry()
  M.with_current(conversation.retry)
end

--- Begin a new chat with what was said in this one: up to the turn under the cursor, else all of it.
function M.fork()
  M.with_current(function(chat)
    if not chat.id then
      return say.warn("nothing was asked in this chat yet.")
    end
    local row = vim.api.nvim_win_get_cursor(0)[1] - 1
    local is_here = vim.api.nvim_get_current_buf() == chat.buf and chat.view ~= nil
    local entry = is_here and view.entry_at(chat.view, row) or nil
    local turn = entry and entry.turn ~= "" and entry.turn or nil
    conversation.fork(chat, turn, function(id)
      M.load(id, chat.origin)
    end)
  end)
end

--- Choose one of the chats about this folder.
function M.sessions()
  require("victor.chat.sessions").choose()
end

--- Give the chat another title.
---@param title? string
function M.rename(title)
  M.with_current(function(chat)
    require("victor.chat.sessions").rename(chat, title or "")
  end)
end

--- Forget the chat.
function M.delete()
  M.with_current(function(chat)
    require("victor.chat.sessions").delete(chat)
  end)
end

--- Yank the block of code under the cursor, or the one above it.
function M.yank()
  M.with_current(function(chat)
    require("victor.chat.code_actions").yank(chat)
  end)
end

--- Propose the block of code under the cursor as an edit of the file beside, to be reviewed.
function M.apply()
  M.with_current(function(chat)
    require("victor.chat.code_actions").apply(chat)
  end)
end

--- Show what left this machine for the answer under the cursor, or for the last one.
function M.receipt()
  M.with_current(function(chat)
    local row = vim.api.nvim_get_current_buf() == chat.buf and vim.api.nvim_win_get_cursor(0)[1] - 1 or nil
    local entry = row and chat.view and view.entry_at(chat.view, row)
    local head = transcript.find(chat.log, entry and entry.turn or chat.log.turn, "head")
    if not (head and head.receipt) then
      return say.info("there is no receipt: no model was asked.")
    end
    client.execute("victor.receipt", { id = head.receipt })
  end)
end

--- Open a chat that is kept.
---@param id string
---@param origin integer|nil
function M.load(id, origin)
  for _, chat in ipairs(chats) do
    if chat.id == id then
      return M.show(chat)
    end
  end
  local chat = M.make(origin)
  chat.id = id
  M.show(chat)
  conversation.load(chat, function(ok)
    if not ok then
      M.forget(chat)
    end
  end)
end

--- The chat of the current buffer, else the one that was used last.
---@return victor.Chat|nil
function M.current()
  return M.of_buffer(vim.api.nvim_get_current_buf()) or last
end

---@param buf integer
---@return victor.Chat|nil
function M.of_buffer(buf)
  for _, chat in ipairs(chats) do
    if chat.buf == buf or chat.prompt == buf then
      return chat
    end
  end
end

--- A line above each window of a chat, in words.
---@return string
function M.winbar()
  local buf = vim.api.nvim_win_get_buf(vim.g.statusline_winid or 0)
  local chat = M.of_buffer(buf)
  if not chat then
    return ""
  end
  if buf == chat.buf then
    return chat.log.title ~= "" and "Victor: " .. chat.log.title or "Victor"
  end
  return chat.is_busy and "Answering … <C-c> stops, <CR> tells it more" or "Ask: <CR> or :w sends, g? helps"
end

--- Do something with the current chat, or say that there is none.
---@param act fun(chat: victor.Chat)
function M.with_current(act)
  local chat = M.current()
  if not chat then
    return say.warn("no chat is open. :Victor chat opens one.")
  end
  act(chat)
end

---@param origin? integer
---@return victor.Chat
function M.make(origin)
  local file = windows.of_a_file()
  origin = origin or file and vim.api.nvim_win_get_buf(file) or nil
  M.n_made = (M.n_made or 0) + 1
  local chat = { number = M.n_made, log = transcript.new(), origin = origin, is_busy = false }
  chat.on_change = function()
    M.changed(chat)
  end
  table.insert(chats, chat)
  return chat
end

--- Forget a chat's buffers: it is gone from the server, or cannot be had.
---@param chat victor.Chat
function M.forget(chat)
  chats = vim.tbl_filter(function(each)
    return each ~= chat
  end, chats)
  last = last ~= chat and last or chats[#chats]
  windows.close(chat)
  for _, buf in ipairs({ chat.buf, chat.prompt }) do
    if vim.api.nvim_buf_is_valid(buf) then
      vim.api.nvim_buf_delete(buf, { force = true })
    end
  end
end

---@param chat victor.Chat
function M.show(chat)
  last = chat
  M.ensure_buffers(chat)
  windows.open(chat)
end

function M.ensure_buffers(chat)
  if not (chat.buf and vim.api.nvim_buf_is_loaded(chat.buf)) then
    if chat.buf and vim.api.nvim_buf_is_valid(chat.buf) then
      vim.api.nvim_buf_delete(chat.buf, { force = true })
    end
    chat.buf = buffers.transcript(chat)
    chat.view = view.new(chat.buf, chat.log, function() end)
    mappings.of_transcript(chat)
    view.now(chat.view)
    -- `:edit` would leave it empty.
    vim.api.nvim_create_autocmd("BufReadCmd", {
      buffer = chat.buf,
      callback = function()
        view.now(chat.view)
      end,
    })
  end
  if not (chat.prompt and vim.api.nvim_buf_is_loaded(chat.prompt)) then
    if chat.prompt and vim.api.nvim_buf_is_valid(chat.prompt) then
      vim.api.nvim_buf_delete(chat.prompt, { force = true })
    end
    chat.prompt = buffers.prompt(chat, function()
      M.send_prompt(chat)
    end)
    mappings.of_prompt(chat)
  end
end

function M.send(chat, text, around)
  conversation.send(chat, text, around, function()
    M.ensure_buffers(chat)
    buffers.put(chat.prompt, text)
  end)
end

--- What a question is asked about: the document, and lines of it where some were chosen.
---@param buf integer|nil
---@param first? integer Counted from 1.
---@param last_line? integer
function M.around(buf, first, last_line)
  if not buf or #vim.lsp.get_clients({ name = "victor", bufnr = buf }) == 0 then
    return {}
  end
  local document = { uri = vim.uri_from_bufnr(buf) }
  if not first then
    return { textDocument = document }
  end
  local range = { start = { line = first - 1, character = 0 }, ["end"] = { line = last_line or first, character = 0 } }
  return { textDocument = document, range = range }
end

function M.changed(chat)
  if chat.view then
    view.later(chat.view)
  end
  vim.cmd.redrawstatus({ bang = true })
end

client.on("victor/chat/update", function(params)
  for _, chat in ipairs(chats) do
    if chat.id == params.sessionId and transcript.take(chat.log, params) then
      M.changed(chat)
    end
  end
end)

return M
