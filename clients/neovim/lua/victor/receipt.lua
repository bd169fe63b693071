--- `:Victor receipt`: what left this machine in a model call.
local client = require("victor.client")
local say = require("victor.say")

local M = {}

---@type string|nil the youngest receipt of this window
local last

client.on("victor/chat/update", function(params)
  local victor = vim.tbl_get(params, "_meta", "victor")
  if type(victor) == "table" and type(victor.receipt) == "string" and victor.receipt ~= "" then
    last = victor.receipt
  end
end)

--- The receipt that is named, else the youngest one of this window.
---@param args victor.Args
function M.show(args)
  local id = args.text ~= "" and args.text or last
  if not id then
    return say.info("no model was called from a chat of this window. `victor receipts` in a terminal lists all.")
  end
  client.execute("victor.receipt", { id = id })
end

return M
