--- Finds the block of code in an answer at a place. Knows no buffers.
local M = {}

---@class (exact) victor.chat.Code
---@field text string With a line end behind each line.
---@field language string
---@field first integer The line of the opening fence, counted from 1.
---@field last integer The line of the closing fence.

--- All blocks, in order. One whose fence is not closed goes on to the end.
---@param lines string[]
---@return victor.chat.Code[]
function M.blocks(lines)
  local found, open = {}, nil
  for number, line in ipairs(lines) do
    local indent, fence, info = line:match("^(%s*)(```+)%s*(.-)%s*$")
    if not fence then
      indent, fence, info = line:match("^(%s*)(~~~+)%s*(.-)%s*$")
    end
    if open and fence and info == "" and fence:sub(1, 1) == open.mark and #fence >= open.length then
      open.last = number
      table.insert(found, M.closed(open, lines))
      open = nil
    elseif not open and fence then
      local language = info:match("^[%w%+#_%-%.]*") or ""
      open = { first = number, mark = fence:sub(1, 1), length = #fence, indent = #indent, language = language }
    end
  end
  if open then
    open.last = #lines + 1
    table.insert(found, M.closed(open, lines))
  end
  return found
end

--- The block at a line; where there is none, the last one above it.
---@param lines string[]
---@param number integer Counted from 1.
---@return victor.chat.Code|nil
function M.at(lines, number)
  local best
  for _, block in ipairs(M.blocks(lines)) do
    if block.first <= number then
      best = block
    end
  end
  return best
end

function M.closed(open, lines)
  local inside = {}
  for number = open.first + 1, open.last - 1 do
    local blank = #(lines[number]:match("^%s*"))
    table.insert(inside, lines[number]:sub(math.min(open.indent, blank) + 1))
  end
  local text = #inside > 0 and table.concat(inside, "\n") .. "\n" or ""
  return { text = text, language = open.language, first = open.first, last = open.last }
end

return M
