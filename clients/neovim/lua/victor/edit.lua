--- Inline edit, `:Victor edit`: say what is to be done with lines, see it come, then review it.
local client = require("victor.client")
local config = require("victor.config")
local lines = require("victor.review.lines")
local protocol = require("victor.protocol")
local say = require("victor.say")

local M = {}

local NAMESPACE = vim.api.nvim_create_namespace("victor.edit")

---@class (exact) victor.Running
---@field token string
---@field buf integer
---@field mark integer Where the asked lines are by now.
---@field first integer Where they were when it was asked, from 0.
---@field n_lines integer How many they were.
---@field cancel victor.Cancel
---@field keys table|nil The mapping that `<C-c>` had.

---@type victor.Running[]
local running = {}
local n_asked = 0

local draw, begin, finish, map_stop, unmap_stop

--- `:[range]Victor edit [instruction]`. Without lines it is about what is defined at the cursor.
---@param args victor.Args
function M.edit(args)
  local buf = vim.api.nvim_get_current_buf()
  local first = (args.first or vim.fn.line(".")) - 1
  local behind = args.first and args.last or first
  if args.text ~= "" then
    return begin(buf, first, behind, args.text)
  end
  vim.ui.input({ prompt = "Victor, edit: " }, function(instruction)
    if instruction and vim.trim(instruction) ~= "" then
      begin(buf, first, behind, vim.trim(instruction))
    end
  end)
end

--- Stop the edit that is being written in this buffer, else all. False where none is.
---@return boolean
function M.stop()
  local buf = vim.api.nvim_get_current_buf()
  local here = vim.tbl_filter(function(each)
    return each.buf == buf
  end, running)
  local stopped = #here > 0 and here or vim.list_slice(running)
  for _, each in ipairs(stopped) do
    each.cancel()
  end
  if #stopped > 0 then
    say.info("stopped. Nothing was changed.")
  end
  return #stopped > 0
end

---@param buf integer
---@param first integer From 0.
---@param behind integer The same where no lines were chosen.
---@param instruction string
function begin(buf, first, behind, instruction)
  n_asked = n_asked + 1
  local each = { token = ("edit-%d"):format(n_asked), buf = buf, first = first, n_lines = behind - first }
  local asked = {
    uri = vim.uri_from_bufnr(buf),
    range = { start = { line = first, character = 0 }, ["end"] = { line = behind, character = 0 } },
    instruction = instruction,
    partialToken = each.token,
  }
  table.insert(running, each)
  draw(each, nil)
  map_stop(each)
  each.cancel = client.request(protocol.method.editPropose, asked, function(err, result)
    finish(each)
    local edit = not err and result.edit
    if edit and edit ~= vim.NIL then
      require("victor.review").go_to(edit)
    elseif not err then
      say.info("there is nothing to change.")
    end
  end, buf)
end

---@param each victor.Running
function finish(each)
  running = vim.tbl_filter(function(other)
    return other ~= each
  end, running)
  if vim.api.nvim_buf_is_valid(each.buf) then
    vim.api.nvim_buf_clear_namespace(each.buf, NAMESPACE, 0, -1)
    unmap_stop(each)
  end
end

--- Show how far the model has come; the buffer itself stays as it is.
---@param each victor.Running
---@param partial victor.EditPartialParams|nil
function draw(each, partial)
  local n_all = vim.api.nvim_buf_line_count(each.buf)
  local moved = 0
  if each.mark then
    local at = vim.api.nvim_buf_get_extmark_by_id(each.buf, NAMESPACE, each.mark, {})
    moved = (at[1] or each.first) - each.first
  end
  vim.api.nvim_buf_clear_namespace(each.buf, NAMESPACE, 0, -1)
  local top = math.min(each.first + moved, n_all - 1)
  local model = partial and partial.model and partial.model ~= "" and (" (%s)"):format(partial.model) or ""
  local hint = ("  Victor is writing%s … :Victor stop ends it"):format(model)
  each.mark = vim.api.nvim_buf_set_extmark(each.buf, NAMESPACE, math.max(top, 0), 0, {
    virt_text = { { hint, "VictorHint" } },
    sign_text = "…",
    sign_hl_group = "VictorSign",
  })
  if not partial or partial.text == "" then
    return
  end
  local first = math.min(partial.range.start.line + moved, n_all - 1)
  local behind = math.min(partial.range["end"].line + moved, n_all)
  local last = math.max(behind - 1, first)
  local new = lines.of(partial.text)
  local is_between = behind <= first
  vim.api.nvim_buf_set_extmark(each.buf, NAMESPACE, is_between and first or last, 0, {
    virt_lines = lines.virtual(new, "VictorAdd", each.buf),
    virt_lines_above = is_between,
  })
  if not is_between then
    local old = { end_row = behind, hl_group = "VictorDelete", hl_eol = true, strict = false, priority = 150 }
    vim.api.nvim_buf_set_extmark(each.buf, NAMESPACE, first, 0, old)
  end
end

--- For as long as it runs `<C-c>` stops it, in its buffer alone.
function map_stop(each)
  if config.get().review.mappings == false then
    return
  end
  local keys = vim.api.nvim_buf_call(each.buf, function()
    return vim.fn.maparg("<C-c>", "n", false, true)
  end)
  each.keys = keys.buffer == 1 and keys.desc ~= "Victor: stop the edit" and keys or {}
  vim.keymap.set("n", "<C-c>", M.stop, { buffer = each.buf, nowait = true, desc = "Victor: stop the edit" })
end

function unmap_stop(each)
  for _, other in ipairs(running) do
    if other.buf == each.buf then
      other.keys = other.keys and each.keys
      return
    end
  end
  if not each.keys then
    return
  end
  pcall(vim.keymap.del, "n", "<C-c>", { buffer = each.buf })
  if each.keys.lhs then
    vim.api.nvim_buf_call(each.buf, function()
      vim.fn.mapset("n", false, each.keys)
    end)
  end
end

client.on("victor/edit/partial", function(params)
  for _, each in ipairs(running) do
    if each.token == params.token and vim.api.nvim_buf_is_loaded(each.buf) then
      draw(each, params)
    end
  end
end)

return M
