--- Review of what Victor proposes, or has changed: `:Victor accept`, `reject`, `next`, `prev`, `diff` and `edits`.
local client = require("victor.client")
local edits = require("victor.review.edits")
local list = require("victor.review.list")
local marks = require("victor.review.marks")
local say = require("victor.say")

local M = {}

--- `:Victor accept [all|file]`: the hunk at the cursor or the lines, those of the file, or all.
---@param args victor.Args
function M.accept(args)
  M.decide("accept", args)
end

--- `:Victor reject [all|file] [reason]`: the reason is told to the model.
---@param args victor.Args
function M.reject(args)
  M.decide("reject", args)
end

--- Go to the next hunk, of this file or of the next one.
function M.next()
  M.step(1)
end

--- Go to the hunk before.
function M.prev()
  M.step(-1)
end

--- Show the file as it is beside what it would become.
function M.diff()
  require("victor.review.diff").open(vim.api.nvim_get_current_buf())
end

--- List the hunks to decide about in the quickfix window, where `:Victor accept` and `reject` work too.
function M.list()
  list.open()
end

--- For a mapping with `expr`: decides about the hunk at the cursor, and can be repeated with `.`.
---@param decision 'accept'|'reject'
---@return string
function M.operator(decision)
  M.repeated = function()
    M.decide(decision, { words = {}, text = "" })
  end
  vim.go.operatorfunc = "v:lua.require'victor.review'.repeated"
  return "g@l"
end

--- Go to the first hunk of an edit.
---@param edit victor.EditItem
function M.go_to(edit)
  for _, buf in ipairs(vim.api.nvim_list_bufs()) do
    for _, placed in ipairs(vim.api.nvim_buf_is_loaded(buf) and marks.placed(buf) or {}) do
      if placed.each.edit.id == edit.id and vim.api.nvim_get_current_buf() == buf then
        return M.move(placed)
      end
    end
  end
end

---@param decision 'accept'|'reject'
---@param args victor.Args
function M.decide(decision, args)
  local which, reason = args.words[1], args.text
  if which == "all" or which == "file" then
    reason = vim.trim(args.text:sub(#which + 1))
  else
    which = nil
  end
  local hunks = M.chosen(which, args.first, args.last)
  if #hunks == 0 then
    local where = which == "all" and "" or which == "file" and " in this file" or " at the cursor"
    return say.info(("no change to decide about%s. See :Victor next."):format(where))
  end
  for _, group in ipairs(M.by_edit(hunks)) do
    edits.resolve(group.edit, { decision = decision, hunks = group.ids, reason = reason })
  end
end

---@param which string|nil
---@param first integer|nil Lines, counted from 1.
---@param last integer|nil
---@return victor.review.Hunk[]
function M.chosen(which, first, last)
  local buf = vim.api.nvim_get_current_buf()
  if which == "all" then
    return edits.open_hunks()
  elseif vim.bo[buf].buftype == "quickfix" then
    return list.chosen(first or vim.fn.line("."), last or first or vim.fn.line("."), which == "file")
  elseif which == "file" then
    return edits.open_hunks(vim.uri_from_bufnr(buf))
  end
  first = first or vim.fn.line(".")
  last = last or first
  local found = {}
  for _, placed in ipairs(marks.placed(buf)) do
    if M.touches(placed, first - 1, last - 1, vim.api.nvim_buf_line_count(buf)) then
      table.insert(found, placed.each)
    end
  end
  return found
end

--- Whether a hunk stands at these lines, from 0 and both included. One between two lines stands at the one behind.
function M.touches(placed, first, last, n_lines)
  local top, bottom = placed.first, placed.behind - 1
  if placed.behind == placed.first then
    top = math.min(placed.first, n_lines - 1)
    bottom = top
  end
  return top <= last and first <= bottom
end

---@param hunks victor.review.Hunk[]
---@return { edit: victor.EditItem, ids: string[] }[]
function M.by_edit(hunks)
  local groups, order = {}, {}
  for _, each in ipairs(hunks) do
    local group = groups[each.edit.id]
    if not group then
      group = { edit = each.edit, ids = {} }
      groups[each.edit.id] = group
      table.insert(order, group)
    end
    table.insert(group.ids, each.hunk.id)
  end
  return order
end

---@param direction 1|-1
function M.step(direction)
  local placed, row = marks.placed(vim.api.nvim_get_current_buf()), vim.fn.line(".") - 1
  local from, to = 1, #placed
  if direction == -1 then
    from, to = #placed, 1
  end
  for at = from, to, direction do
    if (placed[at].first - row) * direction > 0 then
      return M.move(placed[at])
    end
  end
  M.step_file(direction, placed)
end

--- No more in this file: the next file, else the first hunk of this one again.
function M.step_file(direction, placed)
  local here = vim.uri_from_bufnr(vim.api.nvim_get_current_buf())
  local others = vim.tbl_filter(function(each)
    return not edits.same_file(each.file.uri, here)
  end, edits.open_hunks())
  local next_one = others[direction == 1 and 1 or #others]
  if next_one then
    vim.cmd.edit(vim.fn.fnameescape(vim.uri_to_fname(next_one.file.uri)))
    marks.draw(vim.api.nvim_get_current_buf())
    placed = marks.placed(vim.api.nvim_get_current_buf())
  end
  if #placed == 0 then
    return say.info("there is no change to decide about.")
  end
  M.move(placed[direction == 1 and 1 or #placed])
end

--- Set the cursor on a hunk; `<C-o>` goes back.
function M.move(placed)
  vim.cmd("normal! m'")
  local row = math.min(placed.first + 1, vim.api.nvim_buf_line_count(0))
  vim.api.nvim_win_set_cursor(0, { row, 0 })
  vim.cmd("normal! zv")
end

local function told(is_new, item, stale)
  marks.draw_all()
  list.refresh()
  for _, each in ipairs(stale) do
    say.warn(("a change in %s is stale: you changed its lines."):format(each.file.path))
  end
  if is_new and not M.is_seen(item) then
    say.info(M.announcement(item))
  end
end

--- Whether one of its files is in a window, where its hunks are seen.
function M.is_seen(item)
  for _, window in ipairs(vim.api.nvim_tabpage_list_wins(0)) do
    local uri = vim.uri_from_bufnr(vim.api.nvim_win_get_buf(window))
    for _, file in ipairs(item.files) do
      if edits.same_file(file.uri, uri) then
        return true
      end
    end
  end
  return not edits.is_open(item)
end

function M.announcement(item)
  local n_files = #item.files
  local more = n_files > 1 and (" and %d more"):format(n_files - 1) or ""
  return ("changes in %s%s wait: see :Victor edits."):format(item.files[1].path, more)
end

client.on("victor/edit/didChange", function(params, ctx)
  edits.take(params.edit, ctx.client_id, function(is_new, stale)
    told(is_new, params.edit, stale)
  end)
end)

local group = vim.api.nvim_create_augroup("victor.review", {})
vim.api.nvim_create_autocmd("BufWinEnter", {
  group = group,
  callback = function(event)
    if vim.bo[event.buf].buftype == "" and #edits.open_hunks() > 0 then
      marks.draw(event.buf)
    end
  end,
})
vim.api.nvim_create_autocmd("WinResized", {
  group = group,
  callback = function()
    if #edits.open_hunks() > 0 then
      marks.draw_all()
    end
  end,
})
-- A server that ends takes its proposals along: what cannot be decided about any more is not shown either.
vim.api.nvim_create_autocmd("User", {
  group = group,
  pattern = { "VictorStarted", "VictorState" },
  callback = function()
    edits.drop_lost()
    marks.draw_all()
    list.refresh()
  end,
})

return M
