--- Shows hits in the picker that the person has installed, else by `vim.ui.select`.
local config = require("victor.config")

local M = {}

---@class (exact) victor.PickerItem
---@field path string The file, absolute.
---@field line integer 1-based.
---@field text string What a person reads.

---@alias victor.Picker fun(title: string, items: victor.PickerItem[])

---@type victor.Picker
local function telescope(title, items)
  local settings = require("telescope.config").values
  local function to_entry(item)
    return { value = item, display = item.text, ordinal = item.text, filename = item.path, lnum = item.line, col = 1 }
  end
  require("telescope.pickers")
    .new({}, {
      prompt_title = title,
      finder = require("telescope.finders").new_table({ results = items, entry_maker = to_entry }),
      previewer = settings.grep_previewer({}),
      sorter = settings.generic_sorter({}),
    })
    :find()
end

---@type victor.Picker
local function fzf_lua(title, items)
  local lines = vim.tbl_map(function(item)
    return ("%s:%d:1: %s"):format(item.path, item.line, item.text)
  end, items)
  local fzf = require("fzf-lua")
  fzf.fzf_exec(lines, { prompt = title .. "> ", previewer = "builtin", actions = fzf.defaults.actions.files })
end

---@type victor.Picker
local function snacks(title, items)
  local rows = vim.tbl_map(function(item)
    return { text = item.text, file = item.path, pos = { item.line, 0 } }
  end, items)
  require("snacks.picker").pick({ title = title, items = rows, format = "text" })
end

---@type victor.Picker
local function mini(title, items)
  local rows = vim.tbl_map(function(item)
    return { text = item.text, path = item.path, lnum = item.line }
  end, items)
  require("mini.pick").start({ source = { name = title, items = rows } })
end

---@type victor.Picker
local function select(title, items)
  local options = {
    prompt = title,
    kind = "victor_hit",
    format_item = function(item)
      return item.text
    end,
  }
  vim.ui.select(items, options, function(item)
    if item then
      vim.cmd.edit(vim.fn.fnameescape(item.path))
      vim.api.nvim_win_set_cursor(0, { math.min(item.line, vim.api.nvim_buf_line_count(0)), 0 })
    end
  end)
end

---@type { name: string, module: string, show: victor.Picker }[]
local PICKERS = {
  { name = "telescope", module = "telescope.pickers", show = telescope },
  { name = "fzf-lua", module = "fzf-lua", show = fzf_lua },
  { name = "snacks", module = "snacks.picker", show = snacks },
  { name = "mini.pick", module = "mini.pick", show = mini },
}

--- The one that the person chose or has; `select` if there is none.
---@return string name, victor.Picker show
function M.choose()
  local wanted = config.get().picker
  for _, each in ipairs(PICKERS) do
    if (wanted == "auto" or wanted == each.name) and pcall(require, each.module) then
      return each.name, each.show
    end
  end
  return "select", select
end

---@param result victor.SearchResult
function M.show(result)
  local label = require("victor.search").label
  local items = vim.tbl_map(function(hit)
    local line = hit.range.start.line + 1
    return {
      path = vim.uri_to_fname(hit.uri),
      line = line,
      text = ("%s:%d  %s"):format(hit.path, line, label(hit)),
    }
  end, result.hits)
  local _, show = M.choose()
  show("Victor: " .. result.query, items)
end

return M
