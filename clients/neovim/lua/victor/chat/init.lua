--- What `:Victor chat` and `:Victor ask` do.
local chats = require("victor.chat.chats")

local M = {}

---@type table<string, fun(rest: string)> What may follow `:Victor chat`, and stands for what.
M.VERBS = {
  new = chats.new,
  close = chats.close,
  toggle = chats.toggle,
  retry = chats.retry,
  fork = chats.fork,
  sessions = chats.sessions,
  rename = chats.rename,
  delete = chats.delete,
  yank = chats.yank,
  apply = chats.apply,
  receipt = chats.receipt,
}

--- `:Victor chat [verb]`: open the chat, or do something with it.
---@param args victor.Args
function M.open(args)
  local verb, rest = args.text:match("^(%S*)%s*(.-)$")
  if verb == "" then
    return args.first and chats.ask("", args.first, args.last) or chats.open()
  end
  local act = M.VERBS[verb]
  if not act then
    local said = "there is no :Victor chat %s. To ask something: :Victor ask."
    return require("victor.say").error(said:format(verb))
  end
  act(rest)
end

--- `:Victor ask [question]`, with the lines of the range.
---@param args victor.Args
function M.ask(args)
  chats.ask(args.text, args.first, args.last)
end

---@param words string[]
---@return string[]
function M.complete(words)
  return #words == 0 and vim.tbl_keys(M.VERBS) or {}
end

--- Stop the answer that is being written. False where none is.
---@return boolean
function M.stop()
  return chats.stop()
end

return M
