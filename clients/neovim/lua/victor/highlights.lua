--- The highlight groups: linked to those of the colour scheme, unless it or the person defines them.
local M = {}

---@type table<string, string>
M.links = {
  VictorAdd = "DiffAdd",
  VictorDelete = "DiffDelete",
  VictorHint = "Comment",
  VictorSign = "DiagnosticSignInfo",
  VictorUser = "Title",
  VictorAssistant = "Title",
  VictorTool = "Special",
  VictorNote = "Comment",
  VictorError = "DiagnosticError",
  VictorCitation = "Underlined",
  VictorContext = "Comment",
}

--- Links every group, again after each change of the colour scheme.
function M.define()
  local function link()
    for name, target in pairs(M.links) do
      vim.api.nvim_set_hl(0, name, { link = target, default = true })
    end
  end
  link()
  local group = vim.api.nvim_create_augroup("victor.highlights", {})
  vim.api.nvim_create_autocmd("ColorScheme", { group = group, callback = link })
end

return M
