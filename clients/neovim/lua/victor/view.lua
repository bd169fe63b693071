--- A window with something to read: one for each name, closed by `q`.
local M = {}

---@param bufnr integer
local function show(bufnr)
  local shown = vim.fn.win_findbuf(bufnr)[1]
  if shown then
    return vim.api.nvim_set_current_win(shown)
  end
  vim.cmd("botright sbuffer " .. bufnr)
end

--- Opens it, or what is open of that name anew.
---@param name string
---@param lines string[]
---@param filetype? string
---@return integer bufnr
function M.open(name, lines, filetype)
  local uri = "victor://" .. name
  local bufnr = vim.fn.bufnr("^" .. uri .. "$")
  if bufnr == -1 then
    bufnr = vim.api.nvim_create_buf(false, true)
    vim.api.nvim_buf_set_name(bufnr, uri)
    vim.bo[bufnr].bufhidden = "wipe"
    vim.bo[bufnr].modeline = false
    vim.keymap.set("n", "q", "<Cmd>close<CR>", { buffer = bufnr, desc = "Close" })
  end
  vim.bo[bufnr].modifiable = true
  vim.api.nvim_buf_set_lines(bufnr, 0, -1, false, vim.split(table.concat(lines, "\n"), "\n"))
  vim.bo[bufnr].modifiable = false
  show(bufnr)
  vim.bo[bufnr].filetype = filetype or "text"
  vim.api.nvim_win_set_cursor(0, { 1, 0 })
  return bufnr
end

--- Goes from a window of the plugin's own to one of a file: nothing is opened in place of a chat or its prompt.
function M.leave_own()
  if not vim.startswith(vim.api.nvim_buf_get_name(0), "victor://") then
    return
  end
  local window = require("victor.chat.windows").of_a_file()
  if window then
    return vim.api.nvim_set_current_win(window)
  end
  vim.cmd("topleft vnew")
end

return M
