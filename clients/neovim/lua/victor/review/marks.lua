--- Shows hunks in their buffers: the lines that go, the lines that come, and what can be done; positions follow typing.
local edits = require("victor.review.edits")
local lines = require("victor.review.lines")

local M = {}

local NAMESPACE = vim.api.nvim_create_namespace("victor.review")
local DELETED, ADDED = "VictorDelete", "VictorAdd"

---@class (exact) victor.review.Shown
---@field mark integer
---@field state string
---@field buf integer
---@field is_at_end boolean It stands behind the last line.

---@type table<string, victor.review.Shown> By the hunk's name.
local shown = {}

---@type table<integer, true> Buffers that stand beside what is proposed: the lines are seen there.
M.is_compared = {}

--- Show all hunks of a buffer as they are now.
---@param buf integer
function M.draw(buf)
  local found = edits.open_hunks(vim.uri_from_bufnr(buf))
  local places = {}
  for _, each in ipairs(found) do
    places[each.hunk.id] = M.place(each, buf)
  end
  vim.api.nvim_buf_clear_namespace(buf, NAMESPACE, 0, -1)
  for id, known in pairs(shown) do
    if known.buf == buf then
      shown[id] = nil
    end
  end
  for number, each in ipairs(found) do
    M.draw_hunk(buf, each, places[each.hunk.id], ("%d of %d"):format(number, #found))
  end
end

--- Show the hunks of all loaded buffers.
function M.draw_all()
  for _, buf in ipairs(vim.api.nvim_list_bufs()) do
    if vim.api.nvim_buf_is_loaded(buf) and vim.bo[buf].buftype == "" and vim.api.nvim_buf_get_name(buf) ~= "" then
      M.draw(buf)
    end
  end
end

--- The hunks of a buffer with the lines at which they stand now, from 0, the end exclusive; sorted.
---@param buf integer
---@return { each: victor.review.Hunk, first: integer, behind: integer }[]
function M.placed(buf)
  local found = {}
  for _, each in ipairs(edits.open_hunks(vim.uri_from_bufnr(buf))) do
    local first, behind = unpack(M.place(each, buf))
    table.insert(found, { each = each, first = first, behind = behind })
  end
  table.sort(found, function(one, other)
    return one.first < other.first
  end)
  return found
end

--- Where a hunk stands: where its mark has moved to, else where the server says.
---@return [integer, integer]
function M.place(each, buf)
  local known = shown[each.hunk.id]
  if known and known.buf == buf and known.state == each.hunk.state then
    local at = vim.api.nvim_buf_get_extmark_by_id(buf, NAMESPACE, known.mark, { details = true })
    if at[1] then
      local first = known.is_at_end and at[1] + 1 or at[1]
      return { first, math.max(first, known.is_at_end and 0 or at[3].end_row or first) }
    end
  end
  local range = each.hunk.range
  if not range or range == vim.NIL then
    return { 0, 0 }
  end
  return { range.start.line, range["end"].line }
end

function M.draw_hunk(buf, each, place, number)
  local n_lines = vim.api.nvim_buf_line_count(buf)
  local first, behind = math.min(place[1], n_lines), math.min(place[2], n_lines)
  local is_in = each.hunk.state == "applied"
  local is_at_end = first == n_lines
  local anchor = is_at_end and n_lines - 1 or first
  local options = {
    end_row = is_at_end and anchor or behind,
    end_col = 0,
    strict = false,
    virt_text = { { ("  %s"):format(M.hint(each, number)), "VictorHint" } },
    hl_group = behind > first and (is_in and ADDED or DELETED) or nil,
    hl_eol = true,
    priority = 150,
  }
  shown[each.hunk.id] = {
    mark = vim.api.nvim_buf_set_extmark(buf, NAMESPACE, anchor, 0, options),
    state = each.hunk.state,
    buf = buf,
    is_at_end = is_at_end,
  }
  M.draw_signs(buf, anchor, math.max(behind - 1, anchor), is_in)
  local other = lines.of(is_in and each.hunk.oldText or each.hunk.newText)
  if #other > 0 and not M.is_compared[buf] then
    M.draw_other(buf, other, is_in, first, behind, n_lines)
  end
end

--- A sign at each line; one that is made for a range would also stand at the line behind.
function M.draw_signs(buf, first, last, is_in)
  for row = first, last do
    local sign = { sign_text = is_in and "▎" or "●", sign_hl_group = "VictorSign" }
    vim.api.nvim_buf_set_extmark(buf, NAMESPACE, row, 0, sign)
  end
end

--- The lines that are not in the buffer: new ones below those that go, old ones above those that came.
function M.draw_other(buf, other, is_in, first, behind, n_lines)
  local is_above = is_in or (behind == first and first < n_lines)
  local row = is_above and first or math.max(behind, 1) - 1
  row = math.min(row, n_lines - 1)
  local options = { virt_lines = lines.virtual(other, is_in and DELETED or ADDED, buf), virt_lines_above = is_above }
  vim.api.nvim_buf_set_extmark(buf, NAMESPACE, row, 0, options)
  if is_above and row == 0 then
    M.reveal_above(buf, #other)
  end
end

--- What stands above the first line is shown only where a window is scrolled beyond it.
function M.reveal_above(buf, n_lines)
  for _, window in ipairs(vim.fn.win_findbuf(buf)) do
    vim.api.nvim_win_call(window, function()
      if vim.fn.line("w0") == 1 then
        vim.fn.winrestview({ topfill = n_lines })
      end
    end)
  end
end

function M.hint(each, number)
  local kind = each.file.kind
  if kind == "create" then
    return ("Victor makes this file (%s)"):format(number)
  elseif kind == "delete" then
    return ("Victor deletes this file (%s)"):format(number)
  elseif kind == "move" then
    return ("Victor moves this file to %s (%s)"):format(vim.fs.basename(vim.uri_to_fname(each.file.toUri)), number)
  end
  return each.hunk.state == "applied" and ("Victor has changed this (%s)"):format(number)
    or ("Victor proposes this (%s)"):format(number)
end

return M
