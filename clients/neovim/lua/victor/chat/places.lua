--- Goes where a line of a chat leads: files of the workspace, and web pages that a person has seen the address of.
local render = require("victor.chat.render")
local say = require("victor.say")
local windows = require("victor.chat.windows")

local M = {}

--- Open a location in a window that shows files.
---@param location lsp.Location
---@param root string|nil Files outside of it are not opened.
---@param encoding string|nil
function M.open(location, root, encoding)
  local path = vim.startswith(location.uri, "file:") and vim.uri_to_fname(location.uri) or nil
  if not path or not M.is_inside(path, root) then
    return say.warn("that is no file of this workspace.")
  end
  local window = windows.of_a_file()
  if window then
    vim.api.nvim_set_current_win(window)
  else
    vim.cmd("topleft vnew")
  end
  vim.lsp.util.show_document(location, encoding or "utf-16", { focus = true })
end

--- The file of the workspace that is named at this column, such as `src/app.py:12` or `src/app.py#L3-L9`.
---@param line string
---@param column integer Counted from 1.
---@param root string|nil
---@return lsp.Location|nil
function M.named(line, column, root)
  local init = 1
  while true do
    local first, last = line:find("[%w%._%-/@+~\\]+[:#]?L?%d*[%-%d]*", init)
    if not first then
      return nil
    end
    if first <= column and column <= last then
      return M.location(line:sub(first, last), root)
    end
    init = last + 1
  end
end

---@param word string
---@param root string|nil
---@return lsp.Location|nil
function M.location(word, root)
  word = word:gsub("^@", "")
  local path, number = word:match("^(.-)[:#]L?(%d+)")
  path = (path or word):gsub("[%.:#]+$", "")
  if path == "" then
    return nil
  end
  local full = vim.fs.normalize(vim.fs.joinpath(root or vim.fn.getcwd(), path))
  if vim.fn.filereadable(full) == 0 then
    return nil
  end
  local line = math.max(0, (tonumber(number) or 1) - 1)
  local at = { line = line, character = 0 }
  return { uri = vim.uri_from_fname(full), range = { start = at, ["end"] = at } }
end

--- Links are followed first: what leads out of the workspace is not opened.
---@param path string
---@param root string|nil
---@return boolean
function M.is_inside(path, root)
  local real = vim.uv.fs_realpath(path)
  local real_root = vim.uv.fs_realpath(root or vim.fn.getcwd())
  return real ~= nil and real_root ~= nil and vim.fs.relpath(real_root, real) ~= nil
end

--- The address of a web page at this column; other addresses are not opened.
---@param line string
---@param column integer Counted from 1.
---@return string|nil
function M.address(line, column)
  local init = 1
  while true do
    local first, last = line:find("https?://[%w%-%._~:/%?#%[%]@!%$&'%*%+,;=%%]+", init)
    if not first then
      return nil
    end
    if first <= column and column <= last then
      return (line:sub(first, last):gsub("[%.,;:!%?'%]]+$", ""))
    end
    init = last + 1
  end
end

--- How a place of a buffer is mentioned in a question: `@src/app.py:3-9`.
---@param path string Relative to the workspace.
---@param first integer Counted from 1.
---@param last integer
---@return string
function M.mention(path, first, last)
  local range = { start = { line = first - 1 }, ["end"] = { line = last } }
  if path:find("[^%w%._%-/]") then
    return ('@"%s":%d-%d'):format(path, first, last)
  end
  return "@" .. render.place(path, range)
end

return M
