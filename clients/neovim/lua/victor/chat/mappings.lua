--- The keys of a chat's own buffers; nothing outside of them is mapped.
local places = require("victor.chat.places")
local say = require("victor.say")
local view = require("victor.chat.view")
local windows = require("victor.chat.windows")

local M = {}

local function chats()
  return require("victor.chat.chats")
end

---@param buf integer
---@param modes string|string[]
---@param keys string
---@param act fun()
---@param meaning string
local function map(buf, modes, keys, act, meaning)
  vim.keymap.set(modes, keys, act, { buffer = buf, nowait = true, desc = "Victor: " .. meaning })
end

local function help()
  vim.cmd.help("victor-chat-keys")
end

---@param chat victor.Chat
function M.of_prompt(chat)
  local buf = chat.prompt --[[@as integer]]
  local complete = require("victor.chat.complete")
  vim.bo[buf].omnifunc = "v:lua.require'victor.chat.complete'.omnifunc"
  vim.bo[buf].completefunc = vim.bo[buf].omnifunc
  vim.bo[buf].completeopt = "menuone,noinsert,noselect"
  if windows.options().autocomplete then
    vim.api.nvim_create_autocmd("TextChangedI", { buffer = buf, callback = complete.on_typing })
  end
  if not windows.options().mappings then
    return
  end
  map(buf, "n", "<CR>", function()
    chats().send_prompt(chat)
  end, "send the question")
  map(buf, { "n", "i" }, "<C-s>", function()
    chats().send_prompt(chat)
  end, "send the question")
  map(buf, "n", "<C-c>", M.stop, "stop the answer")
  map(buf, "n", "g?", help, "help")
end

---@param chat victor.Chat
function M.of_transcript(chat)
  local buf = chat.buf --[[@as integer]]
  if not windows.options().mappings then
    return
  end
  map(buf, "n", "<CR>", function()
    M.enter(chat)
  end, "go to the place, or open the fold")
  map(buf, "n", "gf", function()
    M.go(chat)
  end, "go to the place")
  map(buf, "n", "gx", M.browse, "open the web page")
  map(buf, "n", "gy", chats().yank, "yank the code")
  map(buf, "n", "ga", chats().apply, "propose the code as an edit")
  map(buf, "n", "q", chats().close, "close the chat")
  map(buf, "n", "<C-c>", M.stop, "stop the answer")
  map(buf, "n", "]]", function()
    vim.fn.search([[^# \(You\|Victor\)$]], "W")
  end, "next turn")
  map(buf, "n", "[[", function()
    vim.fn.search([[^# \(You\|Victor\)$]], "bW")
  end, "previous turn")
  map(buf, "n", "g?", help, "help")
  for _, key in ipairs({ "i", "a", "I", "A", "o", "O" }) do
    map(buf, "n", key, function()
      M.write(chat)
    end, "write a question")
  end
end

function M.stop()
  if not chats().stop() then
    say.info("no answer is being written.")
  end
end

--- Go to the prompt, and write at its end.
function M.write(chat)
  chats().show(chat)
  vim.cmd("normal! G$")
  vim.cmd("startinsert!")
end

--- A fold is opened or closed; any other line leads where it says.
function M.enter(chat)
  if vim.fn.foldlevel(".") > 0 and not M.place(chat) then
    return vim.cmd("normal! za")
  end
  if vim.fn.foldclosed(".") ~= -1 then
    return vim.cmd("normal! zo")
  end
  M.go(chat)
end

---@param chat victor.Chat
---@return lsp.Location|nil
function M.place(chat)
  local row, column = unpack(vim.api.nvim_win_get_cursor(0))
  local marked = chat.view and view.place_at(chat.view, row - 1)
  return marked or places.named(vim.api.nvim_get_current_line(), column + 1, M.root(chat))
end

function M.go(chat)
  local place = M.place(chat)
  if place then
    local server = require("victor.client").get(chat.origin)
    return places.open(place, M.root(chat), server and server.offset_encoding)
  end
  say.info("no file of this workspace is named here.")
end

function M.root(chat)
  return require("victor.chat.conversation").root(chat)
end

function M.browse()
  local column = vim.api.nvim_win_get_cursor(0)[2] + 1
  local address = places.address(vim.api.nvim_get_current_line(), column)
  if not address then
    return say.info("no web page is named here.")
  end
  vim.ui.open(address)
end

return M
