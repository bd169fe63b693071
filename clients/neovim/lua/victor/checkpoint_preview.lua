--- Shows as a patch what restoring a checkpoint would do, and restores it.
local client = require("victor.client")
local protocol = require("victor.protocol")
local say = require("victor.say")

local M = {}

local KEYS = "<CR> restores the file under the cursor, R all of it, S this and all changes since; q closes."

---@class (exact) victor.checkpoints.Shown
---@field item victor.CheckpointItem
---@field origin integer The buffer from which it was asked for.
---@field uris table<integer, string> The file that a line, counted from 1, is about.

---@type table<integer, victor.checkpoints.Shown> By buffer.
local shown = {}

---@param item victor.CheckpointItem
---@param origin integer
function M.open(item, origin)
  origin = vim.api.nvim_buf_is_valid(origin) and origin or 0
  client.request(protocol.method.checkpointPreview, { id = item.id }, function(err, result)
    if err then
      return
    end
    local lines, uris = M.patch(item, result.files)
    local buf = vim.api.nvim_create_buf(false, true)
    vim.api.nvim_buf_set_name(buf, ("victor://checkpoint/%d/%s"):format(buf, item.id))
    vim.api.nvim_buf_set_lines(buf, 0, -1, false, lines)
    vim.bo[buf].modeline = false
    vim.bo[buf].modifiable, vim.bo[buf].filetype, vim.bo[buf].bufhidden = false, "diff", "wipe"
    shown[buf] = { item = item, origin = origin, uris = uris }
    vim.api.nvim_create_autocmd("BufWipeout", {
      buffer = buf,
      callback = function()
        shown[buf] = nil
      end,
    })
    vim.api.nvim_open_win(buf, true, { split = "below", win = -1 })
    M.map(buf)
  end, origin)
end

--- Restore what the current buffer shows: `restore` all of it, `file` the one under the cursor, `since` all that came
--- after it too.
---@param verb string
function M.restore(verb)
  local buf = vim.api.nvim_get_current_buf()
  local this = shown[buf]
  if not this then
    return say.warn("choose a checkpoint first: :Victor checkpoints.")
  end
  local params = { id = this.item.id, since = verb == "since" }
  if verb == "file" then
    local uri = this.uris[vim.fn.line(".")]
    if not uri then
      return say.info("there is no file on this line.")
    end
    params.uris = { uri }
  end
  local origin = vim.api.nvim_buf_is_valid(this.origin) and this.origin or nil
  client.request(protocol.method.checkpointRestore, params, function(err, result)
    if not err then
      M.say_result(result)
      if vim.api.nvim_buf_is_valid(buf) then
        vim.api.nvim_buf_delete(buf, { force = true })
      end
    end
  end, origin)
end

---@param item victor.CheckpointItem
---@param files victor.CheckpointPreviewFile[]
---@return string[] lines
---@return table<integer, string> uris
function M.patch(item, files)
  local lines = { "# " .. item.title:gsub("%c", " "), "# " .. KEYS }
  local uris = {}
  for _, file in ipairs(files) do
    local first = #lines + 1
    vim.list_extend(lines, { "", M.heading(file) })
    vim.list_extend(lines, M.diff(file))
    for line = first, #lines do
      uris[line] = file.uri
    end
  end
  return lines, uris
end

function M.heading(file)
  local words = {
    unchanged = "is so already",
    change = "would be changed",
    create = "would be made again",
    delete = "would be deleted",
    conflict = "in conflict with what was changed since: it would be proposed, to be reviewed",
    unreadable = "cannot be read",
  }
  return (("# %s %s. %s"):format(file.path, words[file.how] or file.how, file.why or ""):gsub("%c", " "):gsub("%s+$", ""))
end

function M.diff(file)
  local function text(value)
    return type(value) == "string" and value or ""
  end
  local diff = vim.text.diff or vim.diff
  local patch = diff(text(file.before), text(file.after), { ctxlen = 3 }) --[[@as string]]
  local lines = { "--- " .. file.path:gsub("%c", " "), "+++ " .. file.path:gsub("%c", " ") }
  return vim.list_extend(lines, vim.split(patch:gsub("\n$", ""), "\n", { plain = true }))
end

---@param result victor.CheckpointRestoreResult
function M.say_result(result)
  local done, left = 0, {}
  for _, file in ipairs(result.files) do
    if file.how == "restored" then
      done = done + 1
    elseif file.how ~= "unchanged" then
      table.insert(left, ("%s: %s"):format(file.path, file.why))
    end
  end
  if done > 0 then
    say.info(("%d %s restored. :Victor undo takes that back."):format(done, done == 1 and "file" or "files"))
  elseif #left == 0 then
    say.info("the files are so already.")
  end
  for _, each in ipairs(left) do
    say.warn(each)
  end
  if result.editId ~= "" then
    say.info("conflicts wait for you: see :Victor edits.")
  end
end

function M.map(buf)
  for keys, verb in pairs({ ["<CR>"] = "file", R = "restore", S = "since" }) do
    vim.keymap.set("n", keys, function()
      M.restore(verb)
    end, { buffer = buf, nowait = true, desc = "Victor: restore" })
  end
  vim.keymap.set("n", "q", "<Cmd>close<CR>", { buffer = buf, nowait = true, desc = "Victor: close" })
end

return M
