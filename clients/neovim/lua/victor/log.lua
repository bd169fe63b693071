--- `:Victor log`: Neovim's log of language servers, in which the server's own words stand too.
local M = {}

function M.open()
  vim.cmd.split({ vim.fn.fnameescape(vim.lsp.log.get_filename()), mods = { split = "botright" } })
  vim.bo.autoread = true
  vim.cmd("normal! G")
end

return M
