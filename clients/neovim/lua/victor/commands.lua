--- `:Victor`: which word is done by which function, and how it is completed.
local M = {}

---@class (exact) victor.Args
---@field words string[] What follows the subcommand, split at blanks.
---@field text string The same, as it was typed.
---@field first integer|nil First line of the range, 1-based; nil without one.
---@field last integer|nil Last line of the range.

---@class (exact) victor.Subcommand
---@field module string The module that does it, loaded when it is first asked for.
---@field run string The name of its function, which takes a `victor.Args`.
---@field about string One line for a person.
---@field words? string[] What may follow.
---@field complete? string The name of a function of the module: from the words so far to what may follow.
---@field range? true Whether it takes lines.

---@type table<string, victor.Subcommand>
M.table = {
  chat = { module = "victor.chat", run = "open", about = "Open the chat", complete = "complete", range = true },
  ask = { module = "victor.chat", run = "ask", about = "Ask about the code, or the lines", range = true },
  edit = { module = "victor.edit", run = "edit", about = "Have lines changed as you say", range = true },
  accept = {
    module = "victor.review",
    run = "accept",
    about = "Accept the change at the cursor",
    words = { "all", "file" },
    range = true,
  },
  reject = {
    module = "victor.review",
    run = "reject",
    about = "Reject the change at the cursor",
    words = { "all", "file" },
    range = true,
  },
  next = { module = "victor.review", run = "next", about = "Go to the next proposed change" },
  prev = { module = "victor.review", run = "prev", about = "Go to the previous proposed change" },
  diff = { module = "victor.review", run = "diff", about = "Show the proposed changes of the file side by side" },
  edits = { module = "victor.review", run = "list", about = "List the proposed changes" },
  undo = {
    module = "victor.checkpoints",
    run = "undo",
    about = "Take back the last change of Victor",
    words = { "file" },
  },
  redo = { module = "victor.checkpoints", run = "redo", about = "Take the last undo back" },
  checkpoints = {
    module = "victor.checkpoints",
    run = "list",
    about = "List what was changed, and restore it",
    words = { "restore", "file", "since" },
  },
  actions = { module = "victor.actions", run = "open", about = "Choose what Victor can do here", range = true },
  commit = { module = "victor.commit", run = "write", about = "Write a commit message for what is staged" },
  search = { module = "victor.search", run = "quickfix", about = "Search the index, into the quickfix list" },
  find = { module = "victor.search", run = "pick", about = "Search the index, in a picker" },
  index = {
    module = "victor.index",
    run = "run",
    about = "Look at the index, or steer it",
    words = { "status", "pause", "resume", "rebuild" },
  },
  trust = {
    module = "victor.trust",
    run = "run",
    about = "Say whether the folder's own settings count",
    words = { "status", "yes", "no" },
  },
  permissions = {
    module = "victor.permissions",
    run = "run",
    about = "Show what tools may do, or take an answer back",
    words = { "list", "forget" },
  },
  profile = { module = "victor.models", run = "profile", about = "Choose which profile answers", complete = "profiles" },
  mode = { module = "victor.models", run = "mode", about = "Choose how free the agent is", words = { "plan", "ask", "build" } },
  usage = { module = "victor.usage", run = "show", about = "Show what model calls have used" },
  receipt = { module = "victor.receipt", run = "show", about = "Show what left this machine" },
  stop = { module = "victor.stop", run = "run", about = "Stop what is being written", words = { "server" } },
  restart = { module = "victor.stop", run = "restart", about = "Start the server anew" },
  log = { module = "victor.log", run = "open", about = "Open the log" },
  doctor = { module = "victor.terminal", run = "doctor", about = "Say what is wrong and how to mend it" },
  report = { module = "victor.terminal", run = "report", about = "Write a report to send with a bug" },
  help = { module = "victor.help", run = "open", about = "Open the manual" },
}

---@param names string[]
---@param lead string
---@return string[]
local function beginning_with(names, lead)
  local found = vim.tbl_filter(function(name)
    return vim.startswith(name, lead)
  end, names)
  table.sort(found)
  return found
end

--- Runs `:Victor {subcommand} {arguments}`.
---@param asked vim.api.keyset.create_user_command.command_args
function M.run(asked)
  local name, text = asked.args:match("^%s*(%S*)%s*(.-)%s*$")
  local row = M.table[name == "" and "chat" or name]
  if not row then
    return require("victor.say").error(("there is no :Victor %s. :Victor <Tab> lists what there is."):format(name))
  end
  if asked.range > 0 and not row.range then
    return require("victor.say").error((":Victor %s takes no lines."):format(name))
  end
  local args = { words = vim.split(text, "%s+", { trimempty = true }), text = text }
  if asked.range > 0 then
    args.first, args.last = asked.line1, asked.line2
  end
  require(row.module)[row.run](args)
end

--- Completes the line that is being typed.
---@param lead string
---@param line string
---@param column integer
---@return string[]
function M.complete(lead, line, column)
  local before = line:sub(1, column - #lead):match("Victor!?%s+(.*)$") or ""
  local words = vim.split(before, "%s+", { trimempty = true })
  if #words == 0 then
    return beginning_with(vim.tbl_keys(M.table), lead)
  end
  local row = M.table[table.remove(words, 1)]
  if row and row.words and #words == 0 then
    return beginning_with(row.words, lead)
  end
  if row and row.complete then
    return beginning_with(require(row.module)[row.complete](words), lead)
  end
  return {}
end

return M
