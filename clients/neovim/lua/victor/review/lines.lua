--- Lines of a text, as Neovim shows those that are in no buffer. Knows no edits.
local M = {}

--- Its lines; none of a text that is missing or empty.
---@param text string|nil
---@return string[]
function M.of(text)
  if type(text) ~= "string" or text == "" then
    return {}
  end
  return vim.split((text:gsub("\r\n?", "\n"):gsub("\n$", "")), "\n", { plain = true })
end

--- As virtual lines whose background goes to the edge. Characters that would order a terminal about are shown.
---@param lines string[]
---@param group string
---@return [string, string][][]
function M.virtual(lines, group)
  return vim.tbl_map(function(line)
    local text = line:gsub("\t", (" "):rep(vim.bo.tabstop)):gsub("%c", "�")
    local padding = math.max(0, vim.o.columns - vim.fn.strdisplaywidth(text))
    return { { text .. (" "):rep(padding), group } }
  end, lines)
end

--- A text with places of it replaced; each `first` is counted from 0 and `behind` is exclusive.
---@param lines string[]
---@param changes { first: integer, behind: integer, lines: string[] }[]
---@return string[]
function M.replaced(lines, changes)
  local result, row = {}, 0
  table.sort(changes, function(one, other)
    return one.first < other.first
  end)
  for _, change in ipairs(changes) do
    vim.list_extend(result, lines, row + 1, change.first)
    vim.list_extend(result, change.lines)
    row = math.max(row, change.behind)
  end
  return vim.list_extend(result, lines, row + 1, #lines)
end

return M
