--- Asks the person whether a tool may do something: one question after the other, by `vim.ui.select`.
local client = require("victor.client")
local idle = require("victor.idle")
local say = require("victor.say")

local M = {}

local SHOW_ALL = "Show all of it first"
local MAX_SHOWN = 12
local TITLE = " Victor asks "
local TITLE_WAITS = " Victor asks: leave Insert mode to answer "

---@class (exact) victor.Question
---@field id string
---@field params victor.PermissionRequestParams
---@field reply victor.Reply
---@field answered boolean

---@type victor.Question[] in the order in which they came; the first is the one that is asked
local queue = {}
---@type boolean whether one is being asked now
local asking = false

---@param question victor.Question
---@param outcome table<string, any>
---@param reason? string
local function answer(question, outcome, reason)
  if question.answered then
    return
  end
  question.answered = true
  queue = vim.tbl_filter(function(each)
    return each ~= question
  end, queue)
  local meta = reason and reason ~= "" and { victor = { reason = reason } } or vim.empty_dict()
  question.reply({ outcome = outcome, _meta = meta })
  vim.api.nvim_exec_autocmds("User", { pattern = "VictorPermission", modeline = false, data = { id = question.id } })
end

---@param question victor.Question
---@param option table<string, any>
---@param done fun()
local function choose(question, option, done)
  local outcome = { outcome = "selected", optionId = option.optionId }
  if not vim.startswith(option.kind, "reject") then
    answer(question, outcome)
    return done()
  end
  vim.ui.input({ prompt = "Why not? The model is told (may be empty): " }, function(reason)
    answer(question, outcome, reason)
    done()
  end)
end

---@param value any
---@return string[]
local function lines_of(value)
  return type(value) == "string" and vim.split(value, "\n") or {}
end

--- All that is known of a question, for a person to read.
---@param params victor.PermissionRequestParams
---@return string[]
function M.whole(params)
  local meta = vim.tbl_get(params, "_meta", "victor") or {}
  local lines = { tostring(meta.wish or params.toolCall.title) .. ":", "" }
  for _, thing in ipairs(meta.things or {}) do
    vim.list_extend(lines, vim.tbl_map(function(line)
      return "    " .. line
    end, lines_of(thing)))
  end
  if meta.folder and meta.folder ~= "" then
    vim.list_extend(lines, { "", "In " .. meta.folder })
  end
  vim.list_extend(lines, { "", tostring(meta.reason or "") })
  for _, each in ipairs(params.toolCall.content or {}) do
    if each.type == "diff" then
      vim.list_extend(lines, { "", "--- " .. each.path })
      local before, after = each.oldText, each.newText
      local changed = vim.diff(type(before) == "string" and before or "", type(after) == "string" and after or "")
      vim.list_extend(lines, lines_of(changed))
    end
  end
  return lines
end

---@param lines string[]
---@return integer window above everything, never entered
local function float(lines)
  local bufnr = vim.api.nvim_create_buf(false, true)
  vim.api.nvim_buf_set_lines(bufnr, 0, -1, false, lines)
  vim.bo[bufnr].bufhidden = "wipe"
  local window = vim.api.nvim_open_win(bufnr, false, {
    relative = "editor",
    row = 0,
    col = 0,
    width = math.max(20, vim.o.columns - 4),
    height = math.min(#lines, MAX_SHOWN, math.max(1, vim.o.lines - 14)),
    style = "minimal",
    border = "rounded",
    title = TITLE,
    zindex = 60,
  })
  vim.wo[window].wrap = true
  return window
end

---@param window integer
---@param title string
local function set_title(window, title)
  if vim.api.nvim_win_is_valid(window) then
    vim.api.nvim_win_set_config(window, { title = title })
  end
end

---@param window integer
local function close(window)
  if vim.api.nvim_win_is_valid(window) then
    vim.api.nvim_win_close(window, true)
  end
end

local ask_next

--- Everything in a window of its own; the question comes again when that is closed.
---@param question victor.Question
---@param lines string[]
local function show_all(question, lines)
  local bufnr = require("victor.view").open("permission", lines, "diff")
  vim.api.nvim_create_autocmd("BufWipeout", {
    buffer = bufnr,
    once = true,
    callback = function()
      asking = false
      vim.schedule(ask_next)
    end,
  })
  if not question.answered then
    say.info("close the window (q) to answer.")
  end
end

local function done()
  asking = false
  vim.schedule(ask_next)
end

---@param question victor.Question
---@param lines string[]
---@param option table<string, any>|nil
local function take(question, lines, option)
  if question.answered then
    say.info("the question was taken back.")
    done()
  elseif option == nil then
    answer(question, { outcome = "cancelled" })
    done()
  elseif option.name == SHOW_ALL then
    show_all(question, lines)
  else
    choose(question, option, done)
  end
end

---@param question victor.Question
---@param lines string[]
---@param window integer
local function ask(question, lines, window)
  local options = vim.list_extend({}, question.params.options)
  if #lines > MAX_SHOWN then
    table.insert(options, { name = SHOW_ALL })
  end
  set_title(window, TITLE)
  vim.cmd.redraw()
  vim.ui.select(options, {
    prompt = question.params.toolCall.title,
    kind = "victor_permission",
    format_item = function(option)
      return option.name
    end,
  }, function(option)
    close(window)
    take(question, lines, option)
  end)
end

--- Shows the next question, and asks once nobody is typing: a key that was meant for the text must be no answer.
function ask_next()
  local question = queue[1]
  if asking or not question then
    return
  end
  asking = true
  local lines = M.whole(question.params)
  local window = float(lines)
  idle.wait(function()
    if question.answered then
      close(window)
      return done()
    end
    ask(question, lines, window)
  end, function()
    set_title(window, TITLE_WAITS)
  end)
end

--- The questions that wait for an answer.
---@return victor.Question[]
function M.waiting()
  return vim.list_extend({}, queue)
end

client.answer("victor/permission/request", function(params, reply)
  local id = vim.tbl_get(params, "_meta", "victor", "question") or ""
  table.insert(queue, { id = id, params = params, reply = reply, answered = false })
  ask_next()
end)

client.on("$/cancelRequest", function(params)
  for _, question in ipairs(M.waiting()) do
    if question.id == params.id then
      answer(question, { outcome = "cancelled" })
    end
  end
end)

return M
