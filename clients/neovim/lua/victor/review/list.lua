--- The hunks to decide about as a quickfix list, which is kept up while it is there.
local edits = require("victor.review.edits")
local marks = require("victor.review.marks")
local say = require("victor.say")

local M = {}

---@type integer|nil
local id

local KINDS = { create = "new file", delete = "deleted", move = "moved" }

function M.open()
  local items = M.items()
  if #items == 0 then
    return say.info("there is no change to decide about.")
  end
  vim.fn.setqflist({}, " ", M.what(items))
  id = vim.fn.getqflist({ id = 0 }).id
  vim.cmd("botright copen")
end

--- Bring the list up to date, where there is one.
function M.refresh()
  if id and vim.fn.getqflist({ id = id }).id == id then
    vim.fn.setqflist({}, "r", vim.tbl_extend("error", M.what(M.items()), { id = id }))
  end
end

--- The hunks of these lines of the quickfix window, counted from 1; or all of the files that they are in.
---@param first integer
---@param last integer
---@param whole_file boolean
---@return victor.review.Hunk[]
function M.chosen(first, last, whole_file)
  local names, files = {}, {}
  for at, item in ipairs(vim.fn.getqflist()) do
    local data = type(item.user_data) == "table" and item.user_data or {}
    if at >= first and at <= last and data.hunk then
      names[data.hunk], files[data.uri] = true, true
    end
  end
  return vim.tbl_filter(function(each)
    return names[each.hunk.id] or whole_file and files[each.file.uri]
  end, edits.open_hunks())
end

function M.what(items)
  return { title = "Victor: changes to decide about", items = items }
end

function M.items()
  return vim.tbl_map(function(each)
    local path = vim.uri_to_fname(each.file.uri)
    local buf = vim.fn.bufnr(path)
    local place = buf ~= -1 and vim.api.nvim_buf_is_loaded(buf) and marks.place(each, buf)
    local range = each.hunk.range
    local first = place and place[1] or (type(range) == "table" and range.start.line or 0)
    local data = { hunk = each.hunk.id, uri = each.file.uri }
    return { filename = path, lnum = first + 1, text = M.in_words(each), user_data = data }
  end, edits.open_hunks())
end

--- What becomes of which lines, in one line.
---@param each victor.review.Hunk
---@return string
function M.in_words(each)
  local kind = KINDS[each.file.kind]
  local size = ("-%d +%d"):format(each.hunk.oldLines, each.hunk.newLines)
  local said = { each.hunk.state, kind or size, each.edit.title }
  vim.list_extend(said, each.file.problems)
  return (table.concat(said, " · "):gsub("%c", " "))
end

return M
