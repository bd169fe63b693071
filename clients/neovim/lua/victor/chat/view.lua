--- Writes a chat's transcript into its buffer: only what changed, without moving a cursor that is not at the end.
local folds = require("victor.chat.folds")
local render = require("victor.chat.render")

local M = {}

local NAMESPACE = vim.api.nvim_create_namespace("victor.chat")
local FLUSH_MS = 30

---@class (exact) victor.chat.View
---@field buf integer
---@field log victor.chat.Transcript
---@field is_waiting boolean A drawing is on its way.
---@field tick integer The buffer's changedtick after the last drawing; another one means that somebody wrote into it.
---@field marks table<integer, lsp.Location> Places, by the marks on them.
---@field on_drawn fun() Called after each drawing.

---@param buf integer
---@param log victor.chat.Transcript
---@param on_drawn fun()
---@return victor.chat.View
function M.new(buf, log, on_drawn)
  return { buf = buf, log = log, is_waiting = false, tick = -1, marks = {}, on_drawn = on_drawn }
end

local n_same, replace, decorate, clear, draw, width_of

--- Draw soon: what changes meanwhile is drawn together.
---@param view victor.chat.View
function M.later(view)
  if not view.is_waiting then
    view.is_waiting = true
    vim.defer_fn(function()
      view.is_waiting = false
      M.now(view)
    end, FLUSH_MS)
  end
end

--- Draw what changed.
---@param view victor.chat.View
function M.now(view)
  if not vim.api.nvim_buf_is_loaded(view.buf) then
    return
  end
  local following = M.windows_at_end(view.buf)
  local n_before = vim.api.nvim_buf_line_count(view.buf)
  vim.bo[view.buf].modifiable = true
  local is_anew = view.log.removed or view.tick ~= vim.api.nvim_buf_get_changedtick(view.buf)
  if is_anew then
    clear(view)
  end
  local row = 0
  for at, entry in ipairs(view.log.entries) do
    entry.row = row
    if entry.is_dirty then
      draw(view, entry, at == 1)
    end
    row = row + #entry.lines
  end
  vim.bo[view.buf].modifiable = false
  vim.bo[view.buf].modified = false
  if is_anew or vim.api.nvim_buf_line_count(view.buf) < n_before then
    M.highlight(view.buf)
  end
  view.tick = vim.api.nvim_buf_get_changedtick(view.buf)
  folds.close_ended(view.buf, view.log.entries)
  M.to_end(view.buf, following)
  view.on_drawn()
end

--- Highlight as Markdown, from the start: Neovim 0.12 may draw by the tree of a text that was longer, and fails.
---@param buf integer
function M.highlight(buf)
  pcall(vim.treesitter.stop, buf)
  pcall(function()
    vim.treesitter.get_parser(buf, "markdown"):invalidate(true)
    vim.treesitter.start(buf, "markdown")
  end)
end

--- What leads somewhere on this line, counted from 0.
---@param view victor.chat.View
---@param row integer
---@return lsp.Location|nil
function M.place_at(view, row)
  for _, found in ipairs(vim.api.nvim_buf_get_extmarks(view.buf, NAMESPACE, { row, 0 }, { row, -1 }, {})) do
    if view.marks[found[1]] then
      return view.marks[found[1]]
    end
  end
end

--- The entry that is shown on this line, counted from 0.
---@param view victor.chat.View
---@param row integer
---@return victor.chat.Entry|nil
function M.entry_at(view, row)
  for _, entry in ipairs(view.log.entries) do
    if entry.row and entry.lines and row >= entry.row and row < entry.row + #entry.lines then
      return entry
    end
  end
end

--- The windows whose cursor is on the last line: they follow what is written, unless lines are being selected there.
---@param buf integer
---@return integer[]
function M.windows_at_end(buf)
  local last = vim.api.nvim_buf_line_count(buf)
  local selecting = vim.api.nvim_get_mode().mode:find("^[vVsS\22\19]") and vim.api.nvim_get_current_win() or nil
  return vim.tbl_filter(function(window)
    return window ~= selecting and vim.api.nvim_win_get_cursor(window)[1] == last
  end, vim.fn.win_findbuf(buf))
end

---@param buf integer
---@param windows integer[]
function M.to_end(buf, windows)
  local last = vim.api.nvim_buf_line_count(buf)
  for _, window in ipairs(windows) do
    vim.api.nvim_win_set_cursor(window, { last, 0 })
  end
end

--- The whole is drawn anew: entries are gone, or somebody wrote into the buffer.
function clear(view)
  vim.api.nvim_buf_clear_namespace(view.buf, NAMESPACE, 0, -1)
  vim.api.nvim_buf_set_lines(view.buf, 0, -1, false, {})
  view.marks, view.log.removed = {}, false
  for _, entry in ipairs(view.log.entries) do
    entry.is_dirty, entry.is_folded, entry.lines, entry.marks = true, false, nil, nil
  end
end

function draw(view, entry, is_first)
  local shown = render.render(entry, is_first)
  local before = entry.lines
  if not before then
    -- A buffer without text has one empty line, which the first entry takes.
    local behind = is_first and vim.api.nvim_buf_line_count(view.buf) == 1 and -1 or entry.row
    vim.api.nvim_buf_set_lines(view.buf, entry.row, behind, false, shown.lines)
  else
    replace(view.buf, entry.row, before, shown.lines)
  end
  entry.lines, entry.fold, entry.is_dirty = shown.lines, shown.fold, false
  decorate(view, entry, shown)
end

--- Lines above the first that differs are left alone, and text that grows is appended: marks and folds stay.
function replace(buf, row, before, after)
  local same = n_same(before, after)
  local last, grown = before[same + 1], after[same + 1]
  if same == #before - 1 and grown and vim.startswith(grown, last) then
    local more = vim.list_slice(after, same + 1)
    more[1] = grown:sub(#last + 1)
    vim.api.nvim_buf_set_text(buf, row + same, #last, row + same, #last, more)
  elseif same < math.max(#before, #after) then
    vim.api.nvim_buf_set_lines(buf, row + same, row + #before, false, vim.list_slice(after, same + 1))
  end
end

function n_same(before, after)
  local same = 0
  while same < #before and same < #after and before[same + 1] == after[same + 1] do
    same = same + 1
  end
  return same
end

--- Virtual lines are cut off, not wrapped, where the window ends.
function width_of(buf)
  local widths = vim.tbl_map(vim.api.nvim_win_get_width, vim.fn.win_findbuf(buf))
  return #widths > 0 and math.max(20, math.min(unpack(widths)) - 1) or 80
end

function decorate(view, entry, shown)
  for _, id in ipairs(entry.marks or {}) do
    vim.api.nvim_buf_del_extmark(view.buf, NAMESPACE, id)
    view.marks[id] = nil
  end
  entry.marks = {}
  local function mark(line, options)
    local id = vim.api.nvim_buf_set_extmark(view.buf, NAMESPACE, entry.row + line - 1, 0, options)
    table.insert(entry.marks, id)
    return id
  end
  if shown.header then
    mark(shown.header.line, { line_hl_group = shown.header.group })
  end
  if shown.beside then
    mark(shown.beside.line, { virt_text = { { "  " .. shown.beside.text, "VictorHint" } } })
  end
  local remarks = {}
  for _, text in ipairs(shown.remarks or {}) do
    for _, line in ipairs(render.wrapped(text, width_of(view.buf))) do
      table.insert(remarks, { { line, "VictorHint" } })
    end
  end
  if #remarks > 0 then
    mark(#shown.lines, { virt_lines = remarks, virt_lines_above = true })
  end
  for line, place in pairs(shown.places or {}) do
    view.marks[mark(line, { end_col = #shown.lines[line], hl_group = "VictorCitation" })] = place
  end
end

return M
