--- Waits until the person does not type: for what would take their keys for something else.
local M = {}

local QUIET_MS = 300
local LOOK_AGAIN_MS = 50

---@return boolean
local function is_free()
  local mode = vim.api.nvim_get_mode()
  return not mode.blocking and (mode.mode == "n" or mode.mode == "nt") and vim.fn.getcmdwintype() == ""
end

--- Calls back in Normal mode, a moment after the last key. `hint` is called once if that has to be waited for.
---@param go fun()
---@param hint fun()
function M.wait(go, hint)
  local namespace = vim.api.nvim_create_namespace("")
  local last, hinted = vim.uv.now(), false
  vim.on_key(function()
    last = vim.uv.now()
  end, namespace)
  local timer = assert(vim.uv.new_timer())
  timer:start(LOOK_AGAIN_MS, LOOK_AGAIN_MS, vim.schedule_wrap(function()
    if timer:is_closing() then
      return
    elseif is_free() and vim.uv.now() - last >= QUIET_MS then
      timer:close()
      vim.on_key(nil, namespace)
      return go()
    elseif not is_free() and not hinted then
      hinted = true
      hint()
    end
  end))
end

return M
