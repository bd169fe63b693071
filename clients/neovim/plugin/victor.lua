--- Defines `:Victor`, the `<Plug>` mappings and the highlight groups; loads nothing else and maps no key.
if vim.g.loaded_victor then
  return
end
vim.g.loaded_victor = true

vim.api.nvim_create_user_command("Victor", function(asked)
  require("victor.commands").run(asked)
end, {
  nargs = "*",
  range = true,
  desc = "Victor, a coding assistant: see :help victor",
  complete = function(lead, line, column)
    return require("victor.commands").complete(lead, line, column)
  end,
})

--- What each mapping types; `:Victor` says the rest.
local MAPPINGS = {
  { "n", "chat", "chat" },
  { "x", "chat", "chat" },
  { "n", "actions", "actions" },
  { "x", "actions", "actions" },
  { "n", "accept", "accept" },
  { "x", "accept", "accept" },
  { "n", "accept-file", "accept file" },
  { "n", "accept-all", "accept all" },
  { "n", "reject", "reject" },
  { "x", "reject", "reject" },
  { "n", "reject-file", "reject file" },
  { "n", "reject-all", "reject all" },
  { "n", "next", "next" },
  { "n", "prev", "prev" },
  { "n", "diff", "diff" },
  { "n", "undo", "undo" },
  { "n", "redo", "redo" },
  { "n", "checkpoints", "checkpoints" },
  { "n", "stop", "stop" },
}
for _, mapping in ipairs(MAPPINGS) do
  local mode, name, words = unpack(mapping)
  local typed = mode == "x" and (":Victor %s<CR>"):format(words) or ("<Cmd>Victor %s<CR>"):format(words)
  vim.keymap.set(mode, ("<Plug>(victor-%s)"):format(name), typed, { silent = true, desc = "Victor: " .. words })
end
-- These wait for words to be typed behind them.
for _, mode in ipairs({ "n", "x" }) do
  vim.keymap.set(mode, "<Plug>(victor-ask)", ":Victor ask ", { desc = "Victor: ask" })
  vim.keymap.set(mode, "<Plug>(victor-edit)", ":Victor edit ", { desc = "Victor: edit" })
end
vim.keymap.set("n", "<Plug>(victor-search)", ":Victor search ", { desc = "Victor: search" })
vim.keymap.set("n", "<Plug>(victor-find)", ":Victor find ", { desc = "Victor: find" })

-- Neovim attaches servers by the type of a file: one without a type may hold a secret all the same.
vim.api.nvim_create_autocmd({ "BufReadPost", "BufNewFile", "BufWritePost" }, {
  group = vim.api.nvim_create_augroup("victor.attach", {}),
  callback = function(event)
    vim.schedule(function()
      local bufnr = event.buf
      if vim.api.nvim_buf_is_loaded(bufnr) and vim.bo[bufnr].filetype == "" and vim.bo[bufnr].buftype == "" then
        require("victor.server").attach(bufnr)
      end
    end)
  end,
})

require("victor.highlights").define()
