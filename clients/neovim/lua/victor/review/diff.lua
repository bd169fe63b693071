--- Neovim's own diff of a file as it is, beside the file with all open hunks decided the other way.
local lines = require("victor.review.lines")
local marks = require("victor.review.marks")
local say = require("victor.say")

local M = {}

---@param buf integer
function M.open(buf)
  local placed = marks.placed(buf)
  if #placed == 0 then
    return say.info("no change to decide about in this file. See :Victor edits.")
  end
  local name = vim.api.nvim_buf_get_name(buf)
  vim.cmd("tab split")
  vim.cmd("diffthis")
  vim.cmd("rightbelow vertical new")
  M.fill(vim.api.nvim_get_current_buf(), buf, placed, name)
  vim.cmd("diffthis")
  M.show_once(vim.api.nvim_get_current_buf(), buf)
  vim.cmd("wincmd p")
end

--- What stands in the window beside is not shown below the lines as well, which would set the two apart.
function M.show_once(scratch, buf)
  marks.is_compared[buf] = true
  marks.draw(buf)
  vim.api.nvim_create_autocmd("BufWipeout", {
    buffer = scratch,
    callback = function()
      marks.is_compared[buf] = nil
      vim.schedule(marks.draw_all)
    end,
  })
end

--- A text to look at: nothing that is written in it goes anywhere, so it cannot be written in.
function M.fill(scratch, buf, placed, name)
  local text = M.other_text(buf, placed)
  vim.bo[scratch].buftype = "nofile"
  vim.bo[scratch].bufhidden = "wipe"
  vim.bo[scratch].swapfile = false
  vim.bo[scratch].modeline = false
  pcall(vim.api.nvim_buf_set_name, scratch, ("victor://proposed/%d/%s"):format(scratch, vim.fs.basename(name)))
  vim.api.nvim_buf_set_lines(scratch, 0, -1, false, text)
  vim.bo[scratch].filetype = vim.bo[buf].filetype
  vim.bo[scratch].modifiable = false
end

--- The lines with what is proposed put in, and what is applied taken out.
function M.other_text(buf, placed)
  local changes = {}
  for _, each in ipairs(placed) do
    local hunk = each.each.hunk
    local other = hunk.state == "applied" and hunk.oldText or hunk.newText
    local is_whole = each.each.file.kind ~= "change"
    local behind = is_whole and vim.api.nvim_buf_line_count(buf) or each.behind
    table.insert(changes, { first = is_whole and 0 or each.first, behind = behind, lines = lines.of(other) })
  end
  return lines.replaced(vim.api.nvim_buf_get_lines(buf, 0, -1, false), changes)
end

return M
