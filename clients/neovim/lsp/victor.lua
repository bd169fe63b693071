--- How Neovim starts Victor's server: `vim.lsp.enable("victor")` is all that is needed.
---@type vim.lsp.Config
return {
  cmd = function(dispatchers, config)
    return require("victor.server").spawn(dispatchers, config)
  end,
  root_markers = { ".git", ".jj", ".hg" },
  -- Only decides whether there is something to start; where the root is, is found by the markers.
  root_dir = function(_, on_dir)
    if require("victor.server").may_start() then
      on_dir(nil)
    end
  end,
  -- One server for a project and for what lies outside of every project, such as a chat.
  reuse_client = function(client, config)
    return client.name == config.name
      and not client:is_stopped()
      and (not config.root_dir or client.root_dir == config.root_dir)
  end,
  capabilities = {
    experimental = {
      victor = {
        version = 1,
        status = true,
        chat = true,
        models = true,
        permission = true,
        review = true,
        diagnostics = true,
        trust = true,
        assist = true,
      },
    },
  },
  handlers = vim.tbl_extend(
    "error",
    require("victor.client").handlers(),
    require("victor.review.noise").handlers()
  ),
  on_init = function(client)
    require("victor.server").on_ready(client)
  end,
  on_exit = function(code, signal, client_id)
    require("victor.server").on_exit(code, signal, client_id)
  end,
}
