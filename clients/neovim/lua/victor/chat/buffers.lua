--- The two buffers of a chat: the transcript, which nobody edits by accident, and the prompt, which is plain text.
---
--- They are two so that `u` in the prompt is about the person's words only, however much is written above it.
local say = require("victor.say")

local M = {}

---@param chat victor.Chat
---@return integer
function M.transcript(chat)
  local buf = M.named(("victor://chat/%d"):format(chat.number))
  vim.bo[buf].buftype = "nofile"
  vim.bo[buf].undolevels = -1
  vim.bo[buf].modifiable = false
  vim.bo[buf].filetype = "victor-chat"
  return buf
end

--- `on_write` is called by `:w` in it. `:wa` from elsewhere, or 'autowrite', is about files: it sends nothing, and the
--- question stays as it is.
---@param chat victor.Chat
---@param on_write fun()
---@return integer
function M.prompt(chat, on_write)
  local buf = M.named(("victor://chat/%d/prompt"):format(chat.number))
  vim.bo[buf].buftype = "acwrite"
  vim.bo[buf].filetype = "victor-prompt"
  vim.bo[buf].modified = M.text(buf) ~= ""
  local is_here = false
  vim.api.nvim_create_autocmd({ "BufEnter", "BufLeave" }, {
    buffer = buf,
    callback = function(event)
      is_here = event.event == "BufEnter"
    end,
  })
  vim.api.nvim_create_autocmd("BufWriteCmd", {
    buffer = buf,
    callback = function()
      if is_here then
        return on_write()
      end
      say.warn("the question in the prompt was not sent: <CR> there sends it.")
    end,
  })
  vim.api.nvim_create_autocmd({ "TextChanged", "TextChangedI" }, {
    buffer = buf,
    callback = function()
      if M.text(buf) == "" then
        vim.bo[buf].modified = false
      end
    end,
  })
  return buf
end

--- What is written in a prompt, without the blanks around it.
---@param buf integer
---@return string
function M.text(buf)
  return vim.trim(table.concat(vim.api.nvim_buf_get_lines(buf, 0, -1, false), "\n"))
end

--- Write into a prompt; `u` takes it back. What stands there stays below it, with the cursor where it was in it.
---@param buf integer
---@param text string
function M.put(buf, text)
  local behind = M.text(buf) == "" and -1 or 0
  vim.api.nvim_buf_set_lines(buf, 0, behind, false, vim.split(text, "\n", { plain = true }))
end

--- Empty a prompt; `u` brings back what stood there.
---@param buf integer
function M.empty(buf)
  vim.api.nvim_buf_set_lines(buf, 0, -1, false, { "" })
  vim.bo[buf].modified = false
end

--- A session brings buffers back that are named so and are none of ours: they give way, and what was typed in them stays.
---@param name string
---@return string[]|nil typed
local function take_place_of(name)
  local former = vim.fn.bufnr(("^%s$"):format(name))
  if former == -1 then
    return nil
  end
  local typed = vim.bo[former].modified and vim.api.nvim_buf_get_lines(former, 0, -1, false) or nil
  vim.api.nvim_buf_delete(former, { force = true })
  return typed
end

function M.named(name)
  local typed = take_place_of(name)
  local buf = vim.api.nvim_create_buf(false, false)
  vim.api.nvim_buf_set_name(buf, name)
  if typed then
    vim.api.nvim_buf_set_lines(buf, 0, -1, false, typed)
  end
  vim.bo[buf].bufhidden = "hide"
  vim.bo[buf].swapfile = false
  -- Neovim looks for them whenever an event is carried out here, and what stands here others have written.
  vim.bo[buf].modeline = false
  return buf
end

return M
