--- What Victor changed, to be taken back: `:Victor undo`, `redo` and `checkpoints`.
local client = require("victor.client")
local preview = require("victor.checkpoint_preview")
local protocol = require("victor.protocol")
local say = require("victor.say")

local M = {}

--- `:Victor undo [file]`: take back the last change, or the last one of this file.
---@param args victor.Args
function M.undo(args)
  local argument = args.words[1] == "file" and { uri = vim.uri_from_bufnr(0) } or nil
  client.execute("victor.checkpoint.undo", argument)
end

--- Take back the last undo.
function M.redo()
  client.execute("victor.checkpoint.redo")
end

--- `:Victor checkpoints`: choose one, and see what restoring it would do. With `restore`, `file` or `since`, restore the
--- one that is shown.
---@param args victor.Args
function M.list(args)
  local verb = args.words[1]
  if verb then
    return preview.restore(verb)
  end
  local buf = vim.api.nvim_get_current_buf()
  client.request(protocol.method.checkpointList, {}, function(err, result)
    if err then
      return
    end
    if #result.checkpoints == 0 then
      return say.info("nothing was changed by Victor that could be taken back.")
    end
    local options = { prompt = "What Victor changed", kind = "victor_checkpoint", format_item = M.in_words }
    vim.ui.select(result.checkpoints, options, function(chosen)
      if chosen then
        preview.open(chosen, buf)
      end
    end)
  end, buf)
end

---@param each victor.CheckpointItem
---@return string
function M.in_words(each)
  local paths = vim.tbl_map(function(file)
    return file.path
  end, each.files)
  local said = { (each.created:sub(1, 16):gsub("T", " ")) .. " UTC", each.title, table.concat(paths, ", ") }
  if each.kind ~= "edit" then
    table.insert(said, each.kind)
  end
  if each.undone then
    table.insert(said, "taken back")
  end
  return (table.concat(said, " · "):gsub("%c", " "))
end

return M
