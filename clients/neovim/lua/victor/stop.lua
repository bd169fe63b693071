--- `:Victor stop` and `:Victor restart`: end what is being written, or the server itself.
local say = require("victor.say")

local M = {}

--- Those that may be writing something; each has a `stop()` that says whether it was.
local WRITERS = { "victor.edit", "victor.chat" }

---@return boolean
local function stop_writing()
  for _, name in ipairs(WRITERS) do
    local writer = package.loaded[name]
    if type(writer) == "table" and writer.stop() then
      return true
    end
  end
  return false
end

---@param args victor.Args
function M.run(args)
  if args.words[1] == "server" then
    require("victor.server").stop()
    return say.info("the server is stopped. :Victor restart starts it.")
  elseif args.text ~= "" then
    return say.error((":Victor stop %s is not known. Say nothing, or server."):format(args.text))
  end
  if not stop_writing() then
    say.info("nothing is being written.")
  end
end

function M.restart()
  require("victor.server").restart()
end

return M
