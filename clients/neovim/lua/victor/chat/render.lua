--- How entries of a chat read as lines of a buffer. Knows no buffers, and changes nothing.
local M = {}

local INDENT = "    "
local MAX_TOOL_LINES = 400
local MAX_DIFF_CHARACTERS = 200000

---@class (exact) victor.chat.Lines
---@field lines string[]
---@field fold? integer The first of the lines that belong to a fold, counted from 1; it goes to the last.
---@field header? { line: integer, group: string } A line that is highlighted as a whole.
---@field beside? { line: integer, text: string } What stands beside a line, and is no text of the buffer.
---@field remarks? string[] What stands above the last line, and is no text of the buffer.
---@field places? table<integer, lsp.Location> Lines that lead somewhere.

local STATUS = {
  pending = "waiting",
  in_progress = "running",
  completed = "done",
  failed = "failed",
  refused = "not allowed",
  cancelled = "stopped",
  interrupted = "interrupted",
}
local STOPPED = {
  cancelled = "Stopped.",
  interrupted = "Interrupted: the program ended before the answer did.",
  max_tokens = "Cut off: the model may write no more at once. Ask it to go on.",
  max_turn_requests = "Stopped after many steps. Ask to go on.",
  refusal = "The model declined to answer.",
}
local PLAN = { completed = "[x]", in_progress = "[-]", pending = "[ ]" }

---@param entry victor.chat.Entry
---@param is_first boolean Nothing stands above it.
---@return victor.chat.Lines
function M.render(entry, is_first)
  local shown = M.KINDS[entry.kind](entry)
  if not is_first then
    shown = M.moved(shown)
  end
  return shown
end

--- The same, below an empty line.
---@param shown victor.chat.Lines
---@return victor.chat.Lines
function M.moved(shown)
  table.insert(shown.lines, 1, "")
  for _, mark in ipairs({ shown.header or {}, shown.beside or {} }) do
    mark.line = mark.line and mark.line + 1
  end
  shown.fold = shown.fold and shown.fold + 1
  local places = {}
  for line, place in pairs(shown.places or {}) do
    places[line + 1] = place
  end
  shown.places = places
  return shown
end

--- Text as lines; returns that a terminal would obey are none of a text's letters.
---@param text string
---@return string[]
function M.lines_of(text)
  return vim.split((text:gsub("\r\n", "\n")), "\n", { plain = true })
end

local function trimmed(text)
  return (text:gsub("^\n+", ""):gsub("%s+$", ""))
end

local function indented(lines, text)
  for _, line in ipairs(M.lines_of(text)) do
    table.insert(lines, INDENT .. line)
  end
end

--- One line of somebody else's words.
local function in_line(text)
  return (tostring(text):gsub("%s+", " "))
end

local function folded(header, group)
  return { lines = { header }, header = { line = 1, group = group } }
end

local function closed(shown)
  if #shown.lines > 1 then
    shown.fold = 1
  end
  return shown
end

--- Whole lines of a place, counted from 1, as in `src/app.py:3-9`.
---@param path string
---@param range lsp.Range|nil
---@return string
function M.place(path, range)
  if not range then
    return path
  end
  local first, behind = range.start.line + 1, range["end"].line
  if behind == 0 and first == 1 then
    return path
  end
  return behind > first and ("%s:%d-%d"):format(path, first, behind) or ("%s:%d"):format(path, first)
end

--- Words in lines of at most so many columns.
---@param text string
---@param width integer
---@return string[]
function M.wrapped(text, width)
  local lines = { "" }
  for word in text:gmatch("%S+") do
    local last = lines[#lines]
    if last == "" then
      lines[#lines] = word
    elseif vim.fn.strdisplaywidth(last) + 1 + vim.fn.strdisplaywidth(word) <= width then
      lines[#lines] = last .. " " .. word
    else
      table.insert(lines, word)
    end
  end
  return lines
end

--- 1234567 as `1,234,567`.
---@param number integer
---@return string
function M.count(number)
  local digits = ("%d"):format(number)
  return (digits:reverse():gsub("(%d%d%d)", "%1,"):reverse():gsub("^,", ""))
end

local function context(entry)
  local chosen = entry.context or {}
  local pieces, left_out = chosen.pieces or {}, chosen.leftOut or {}
  local n_tokens = 0
  for _, piece in ipairs(pieces) do
    n_tokens = n_tokens + (piece.tokens or 0)
  end
  local said = ("▸ Shown to the model: %d %s, %s tokens"):format(
    #pieces,
    #pieces == 1 and "piece" or "pieces",
    M.count(n_tokens)
  )
  if #left_out > 0 then
    said = ("%s; %d left out"):format(said, #left_out)
  end
  local shown = folded(said, "VictorContext")
  shown.places = {}
  for _, piece in ipairs(pieces) do
    local location = type(piece.location) == "table" and piece.location or nil
    local name = piece.path ~= "" and M.place(piece.path, location and location.range) or piece.kind
    table.insert(shown.lines, ("%s%s · %s · %s tokens"):format(INDENT, in_line(name), in_line(piece.reason), piece.tokens))
    shown.places[#shown.lines] = location
  end
  for _, each in ipairs(left_out) do
    local name = each.path ~= "" and each.path or each.kind
    table.insert(shown.lines, ("%snot shown: %s · %s"):format(INDENT, in_line(name), in_line(each.reason)))
  end
  return closed(shown)
end

local function diff_of(part)
  local old, new = part.oldText, part.newText
  old = type(old) == "string" and old or ""
  if #old + #new > MAX_DIFF_CHARACTERS then
    return "(too long to be compared here)"
  end
  local diff = vim.text.diff or vim.diff
  return trimmed(diff(old, new, { ctxlen = 2 }) --[[@as string]])
end

local function tool_text(entry)
  local parts = {}
  for _, part in ipairs(entry.content or {}) do
    if part.type == "diff" then
      table.insert(parts, in_line(part.path) .. "\n" .. diff_of(part))
    elseif part.content and part.content.text then
      table.insert(parts, trimmed(part.content.text))
    end
  end
  if #parts == 0 and entry.printed then
    table.insert(parts, trimmed(entry.printed))
  end
  return table.concat(parts, "\n")
end

local function tool(entry)
  local status = STATUS[entry.status] or entry.status
  local title = in_line(entry.title)
  local shown = folded(("▸ %s · %s"):format(title ~= "" and title or "Tool", status), "VictorTool")
  local text = tool_text(entry)
  if text ~= "" then
    indented(shown.lines, text)
  end
  local n_more = #shown.lines - 1 - MAX_TOOL_LINES
  if n_more > 0 then
    local rest = vim.list_slice(shown.lines, n_more + 2)
    shown.lines = { shown.lines[1], ("%s… %d lines more above"):format(INDENT, n_more) }
    vim.list_extend(shown.lines, rest)
  end
  return closed(shown)
end

local function thought(entry)
  local shown = folded("▸ Thought", "VictorContext")
  indented(shown.lines, trimmed(entry.text))
  return closed(shown)
end

local function plan(entry)
  local shown = { lines = { "Plan:" }, header = { line = 1, group = "VictorTool" } }
  for _, step in ipairs(entry.entries or {}) do
    table.insert(shown.lines, ("- %s %s"):format(PLAN[step.status] or "[ ]", in_line(step.content)))
  end
  return shown
end

local function quoted(text)
  return vim.tbl_map(function(line)
    return "> " .. line
  end, M.lines_of(trimmed(text)))
end

local function head(entry)
  local route = entry.route or {}
  local shown = { lines = { "# Victor" }, header = { line = 1, group = "VictorAssistant" } }
  if route.model and route.model ~= "" then
    local where = route.leavesMachine and "leaves this machine" or "local"
    shown.beside = { line = 1, text = ("%s · %s"):format(in_line(route.model), where) }
  end
  return shown
end

--- What a turn took, and where it can be read what left the machine; nil where no model was asked.
---@param entry victor.chat.Entry
---@return string|nil
function M.cost(entry)
  local usage, said = entry.usage, {}
  if usage then
    local input, output = usage.inputTokens, usage.outputTokens
    if type(input) == "number" and type(output) == "number" then
      table.insert(said, ("%s tokens in, %s out"):format(M.count(input), M.count(output)))
    end
    local cost = usage.costUsd
    if type(cost) ~= "number" then
      table.insert(said, "cost unknown")
    elseif cost > 0 then
      table.insert(said, (cost < 0.01 and "$%.4f" or "$%.2f"):format(cost))
    end
  end
  if entry.receipt then
    table.insert(said, "receipt " .. in_line(entry.receipt))
  end
  return #said > 0 and table.concat(said, " · ") or nil
end

local function ended(entry)
  local shown = { lines = {}, places = {} }
  if STOPPED[entry.stop] then
    table.insert(shown.lines, "> " .. STOPPED[entry.stop])
  end
  local failure = entry.failure
  if failure then
    vim.list_extend(shown.lines, quoted(("%s %s"):format(failure.message or "", failure.fix or "")))
    shown.header = { line = 1, group = "VictorError" }
  end
  for _, location in ipairs(entry.citations or {}) do
    local path = vim.fn.fnamemodify(vim.uri_to_fname(location.uri), ":~:.")
    table.insert(shown.lines, "→ " .. M.place(in_line(path), location.range))
    shown.places[#shown.lines] = location
  end
  -- An empty line ends it: what stands behind the last line of a buffer is not scrolled into view.
  shown.remarks = {}
  table.insert(#shown.lines > 0 and shown.lines or shown.remarks, "")
  table.insert(shown.remarks, M.cost(entry))
  if entry.route and type(entry.route.reason) == "string" and entry.route.reason ~= "" then
    table.insert(shown.remarks, in_line(entry.route.reason))
  end
  return shown
end

---@type table<victor.chat.Kind, fun(entry: victor.chat.Entry): victor.chat.Lines>
M.KINDS = {
  question = function(entry)
    local lines = { "# You", "" }
    vim.list_extend(lines, M.lines_of(trimmed(entry.text)))
    return { lines = lines, header = { line = 1, group = "VictorUser" } }
  end,
  head = head,
  answer = function(entry)
    return { lines = M.lines_of(trimmed(entry.text)) }
  end,
  thought = thought,
  tool = tool,
  plan = plan,
  context = context,
  note = function(entry)
    return { lines = quoted(entry.text), header = { line = 1, group = "VictorNote" } }
  end,
  ["end"] = ended,
}

return M
