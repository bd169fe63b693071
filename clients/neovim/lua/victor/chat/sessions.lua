--- The chats that are kept: choose one, rename it, delete it.
local client = require("victor.client")
local conversation = require("victor.chat.conversation")
local protocol = require("victor.protocol")
local say = require("victor.say")

local M = {}

--- Choose one of the chats about this folder. One that another window has is opened as a copy.
function M.choose()
  local server = client.get()
  local params = { root = server and server.root_dir or nil }
  local origin = vim.api.nvim_get_current_buf()
  client.request(protocol.method.chatList, params, function(err, result)
    if err then
      return
    end
    if #result.sessions == 0 then
      return say.info("there are no chats about this folder yet.")
    end
    local options = { prompt = "Chats", kind = "victor_chat", format_item = M.in_words }
    vim.ui.select(result.sessions, options, function(session)
      if session then
        M.open(session, origin)
      end
    end)
  end)
end

---@param session victor.ChatSessionInfo
---@return string
function M.in_words(session)
  local victor = (session._meta or {}).victor or {}
  local turns = victor.turns or 0
  local said = { session.title ~= "" and session.title or "Untitled" }
  table.insert(said, ("%d %s"):format(turns, turns == 1 and "turn" or "turns"))
  table.insert(said, (session.updatedAt:sub(1, 16):gsub("T", " ")) .. " UTC")
  if victor.openElsewhere then
    table.insert(said, "open in another window: opens a copy")
  end
  return (table.concat(said, " · "):gsub("%s+", " "))
end

---@param session victor.ChatSessionInfo
---@param origin integer
function M.open(session, origin)
  local chat = require("victor.chat.chats")
  local victor = (session._meta or {}).victor or {}
  if not victor.openElsewhere then
    return chat.load(session.sessionId, origin)
  end
  client.request(protocol.method.chatFork, { sessionId = session.sessionId }, function(err, made)
    if not err then
      chat.load(made.sessionId, origin)
    end
  end, origin)
end

---@param chat victor.Chat
---@param title string Asked for where it is empty.
function M.rename(chat, title)
  if not chat.id then
    return say.warn("nothing was asked in this chat yet.")
  end
  if title ~= "" then
    return conversation.rename(chat, title)
  end
  vim.ui.input({ prompt = "Title: ", default = chat.log.title }, function(given)
    if given and vim.trim(given) ~= "" then
      conversation.rename(chat, vim.trim(given))
    end
  end)
end

--- Ask first: what is deleted is gone, with its receipts.
---@param chat victor.Chat
function M.delete(chat)
  local chats = require("victor.chat.chats")
  local title = chat.log.title ~= "" and chat.log.title or "this chat"
  local options = { prompt = ("Delete %s and its receipts for ever?"):format(title), kind = "victor_confirm" }
  vim.ui.select({ "Delete", "Keep" }, options, function(choice)
    if choice ~= "Delete" then
      return
    end
    if not chat.id then
      return chats.forget(chat)
    end
    client.request(protocol.method.chatDelete, { sessionId = chat.id }, function(err)
      if not err then
        chats.forget(chat)
      end
    end)
  end)
end

return M
