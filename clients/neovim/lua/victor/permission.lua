--- Asks the person whether a tool may do something: one question after the other, by `vim.ui.select`.
local client = require("victor.client")
local idle = require("victor.idle")
local say = require("victor.say")

local M = {}

local SHOW_ALL = "Show all of it first"
local MAX_SHOWN = 12
local MAX_NAME = 160
local TITLE = " Victor asks "
local TITLE_WAITS = " Victor asks: leave Insert mode to answer "

---@class (exact) victor.Question
---@field id string
---@field params victor.PermissionRequestParams
---@field server integer the client that asks
---@field reply victor.Reply
---@field answered boolean
---@field was_read boolean All of it was shown in a window to read.

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

---@param option table<string, any>
---@return boolean
local function is_no(option)
  return vim.startswith(option.kind, "reject")
end

---@param question victor.Question
---@param option table<string, any>
---@param done fun()
local function choose(question, option, done)
  local outcome = { outcome = "selected", optionId = option.optionId }
  if not is_no(option) then
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
  for _, pattern in ipairs(M.cut(params) and meta.patterns or {}) do
    vim.list_extend(lines, { "", "What is remembered is about:", "    " .. pattern })
  end
  for _, each in ipairs(params.toolCall.content or {}) do
    if each.type == "diff" then
      vim.list_extend(lines, { "", "--- " .. each.path })
      local before, after = each.oldText, each.newText
      local changed = vim.diff(type(before) == "string" and before or "", type(after) == "string" and after or "")
      vim.list_extend(lines, lines_of(changed))
    end
  end
  return lines_of(table.concat(lines, "\n"))
end

--- Whether the names of the answers are too long for a menu; what they are about then stands in the whole.
---@param params victor.PermissionRequestParams
---@return boolean
function M.cut(params)
  return vim.iter(params.options):any(function(option)
    return vim.fn.strdisplaywidth(option.name) > MAX_NAME
  end)
end

---@param option table<string, any>
---@return string
local function in_menu(option)
  return vim.fn.strdisplaywidth(option.name) > MAX_NAME and vim.fn.strcharpart(option.name, 0, MAX_NAME) .. "…"
    or option.name
end

---@param lines string[]
---@return integer window above everything, never entered
---@return boolean fits Whether all of it is seen there.
local function float(lines)
  local bufnr = vim.api.nvim_create_buf(false, true)
  vim.api.nvim_buf_set_lines(bufnr, 0, -1, false, lines)
  vim.bo[bufnr].bufhidden = "wipe"
  local window = vim.api.nvim_open_win(bufnr, false, {
    relative = "editor",
    row = 0,
    col = 0,
    width = math.max(20, vim.o.columns - 4),
    height = MAX_SHOWN,
    style = "minimal",
    border = "rounded",
    title = TITLE,
    zindex = 60,
  })
  vim.wo[window].wrap = true
  -- A line may take many rows.
  local n_rows = vim.api.nvim_win_text_height(window, {}).all
  local height = math.min(n_rows, MAX_SHOWN, math.max(1, vim.o.lines - 14))
  vim.api.nvim_win_set_config(window, { height = height })
  return window, n_rows <= height
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

--- Lines that fit: one that takes more rows than a window has cannot be read to its end.
---@param lines string[]
---@return string[]
local function broken(lines)
  local width, found = math.max(20, vim.o.columns - 8), {}
  for _, line in ipairs(lines) do
    while vim.fn.strdisplaywidth(line) > width do
      local is_wide = vim.fn.strdisplaywidth(vim.fn.strcharpart(line, 0, width)) > width
      local n_characters = is_wide and math.floor(width / 2) or width
      table.insert(found, vim.fn.strcharpart(line, 0, n_characters))
      line = "  > " .. vim.fn.strcharpart(line, n_characters)
    end
    table.insert(found, line)
  end
  return found
end

--- Everything in a window of its own; the question comes again when that is closed.
---@param question victor.Question
---@param lines string[]
local function show_all(question, lines)
  question.was_read = true
  local bufnr = require("victor.view").open("permission", broken(lines), "diff")
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

--- A yes to what nobody saw is none: what does not fit is read first, or refused.
---@param question victor.Question
---@param fits boolean
---@return table<string, any>[]
local function options_of(question, fits)
  if fits and not M.cut(question.params) then
    return question.params.options
  elseif question.was_read then
    return vim.list_extend(vim.list_slice(question.params.options), { { name = SHOW_ALL } })
  end
  return vim.list_extend({ { name = SHOW_ALL } }, vim.tbl_filter(is_no, question.params.options))
end

---@param question victor.Question
---@param lines string[]
---@param window integer
---@param fits boolean
local function ask(question, lines, window, fits)
  set_title(window, TITLE)
  vim.cmd.redraw()
  vim.ui.select(options_of(question, fits), {
    prompt = question.params.toolCall.title,
    kind = "victor_permission",
    format_item = in_menu,
  }, function(option)
    close(window)
    -- A menu may have kept from us what came meanwhile: that goes first.
    vim.schedule(function()
      take(question, lines, option)
    end)
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
  local window, fits = float(lines)
  idle.wait(function()
    if question.answered then
      close(window)
      return done()
    end
    ask(question, lines, window, fits)
  end, function()
    set_title(window, TITLE_WAITS)
  end)
end

--- The questions that wait for an answer.
---@return victor.Question[]
function M.waiting()
  return vim.list_extend({}, queue)
end

client.answer("victor/permission/request", function(params, reply, ctx)
  local id = vim.tbl_get(params, "_meta", "victor", "question") or ""
  table.insert(queue, { id = id, params = params, server = ctx.client_id, reply = reply, answered = false, was_read = false })
  ask_next()
end)

---@param is_over fun(question: victor.Question): boolean
local function take_back(is_over)
  for _, question in ipairs(vim.tbl_filter(is_over, queue)) do
    answer(question, { outcome = "cancelled" })
  end
end

client.on("$/cancelRequest", function(params)
  take_back(function(question)
    return question.id == params.id
  end)
end)

-- A server that ended hears no answer.
vim.api.nvim_create_autocmd("User", {
  group = vim.api.nvim_create_augroup("victor.permission", {}),
  pattern = "VictorState",
  callback = function()
    take_back(function(question)
      local server = vim.lsp.get_client_by_id(question.server)
      return server == nil or server:is_stopped()
    end)
  end,
})

return M
