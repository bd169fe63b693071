--- Generated from the server's schema by `make generate`; a test compares. Do not edit.
local M = {}

---@alias victor.Announced 'search'|'status'|'index'|'chat'|'models'|'context'|'trust'|'review'|'assist'|'checkpoints'|'diagnostics'|'permission'

--- Why a request failed: `data.kind` of its error.
---@alias victor.ErrorKind 'usage'|'bad_settings'|'history_failed'|'not_trusted'|'offline_blocked'|'secret_blocked'|'budget_exceeded'|'audit_failed'|'no_model'|'provider_unavailable'|'rate_limited'|'context_too_long'|'refused'|'request_rejected'|'provider_auth'|'bad_response'|'fault'|'unavailable'|'worker_unavailable'|'workspace_not_found'|'store_unreadable'|'disk_full'

--- A question to the index.
---@class victor.SearchParams
---@field query string Words, or names as they stand in the code.
---@field k? integer How many hits at most, 1 to 100.
---@field root? string|nil URI or path of the one workspace folder to search; all of them without it.

--- Hits, best first.
---@class victor.SearchResult
---@field query string The question.
---@field partial boolean True when files that may matter were not indexed yet.
---@field hits victor.SearchHit[] At most `k`.

--- One answer.
---@class victor.SearchHit
---@field uri string The file.
---@field path string The file, relative to its workspace folder, with `/` between parts.
---@field range lsp.Range Whole lines: from the start of the first to the start of the line behind the last.
---@field symbol string Dotted name of the definition that the hit shows; empty if none.
---@field kind string That definition's kind; `text` or `code` if none.
---@field score number The higher, the better.
---@field why table<string, number> What each signal contributed; the contributions add up to the score.

--- One workspace folder, or all.
---@class victor.RootParams
---@field root? string|nil URI or path of a workspace folder; all of them without it.

--- What an editor shows in its status line.
---@class victor.StatusResult
---@field index victor.IndexStatus The folder that was asked for; of several the one that is furthest from ready.
---@field indexes victor.IndexStatus[] Every folder.
---@field route table<string, any> Who answered last: `task`, `profile`, `provider`, `model`, `reason`, `leavesMachine`, `costUsd` and `ruledOut`; empty while nobody was asked.
---@field offline boolean True while nothing outside this machine may be reached.
---@field team table<string, any> The team's backend: `url`, `state` (`idle`, `connecting`, `attached`, `away`, `login_needed`, `draining`), `tenant`, `user`, `backlog`, `policy`, `trouble`; empty where nobody logged in.
---@field budget table<string, any> The budget that is nearest to its end: `name`, `unit`, `limit`, `used` and `left`; empty while none is set or known. A chat's own budget is that of the chat that was asked last.
---@field mode 'plan'|'ask'|'build'|'' How free the agent is; empty while that is not known yet.
---@field restricted boolean True where the editor said at `initialize` that it does not trust the folder.

--- Where the index of one workspace folder stands.
---@class victor.IndexStatus
---@field root string Path of the folder; empty when none is open.
---@field state 'scanning'|'indexing'|'ready'|'paused'|'error' What it is doing.
---@field files_done integer Files that are dealt with.
---@field files_total integer Files that are known; rises while they are looked for.
---@field detail string A sentence for a person; empty when there is nothing to say.

--- Where the index stands.
---@class victor.IndexStatusResult
---@field index victor.IndexStatus The folder that was asked for; of several the one that is furthest from ready.
---@field indexes victor.IndexStatus[] Every folder.

--- A new chat.
---@class victor.ChatNewParams
---@field root? string|nil URI or path of the workspace folder that it is about; the first one without it.
---@field title? string Its title; the first question gives it one otherwise.

--- A chat.
---@class victor.ChatNewResult
---@field sessionId string Its name in all other messages.

--- A question.
---@class victor.ChatPromptParams
---@field sessionId string The chat.
---@field prompt table<string, any>[] Content blocks of the Agent Client Protocol: `text`; `resource_link`, which mentions a file; `resource` with a text, which is shown to the model.
---@field profile? string Who answers this one, by the name of the profile.
---@field textDocument? lsp.TextDocumentIdentifier|nil The document that the person looks at.
---@field range? lsp.Range|nil What is selected in it.
---@field workDoneToken? string|integer|nil Progress is reported under it, if there is one; cancelling it stops the answer.

--- How the turn ended. A turn that failed is an error of the request.
---@class victor.ChatPromptResult
---@field stopReason 'end_turn'|'max_tokens'|'max_turn_requests'|'refusal'|'cancelled' As in the Agent Client Protocol.
---@field _meta table<string, any> `victor`: `turnId`, `receipt` (the last one) and `citations`, places as LSP locations; for a client that does not announce `chat` also the answer, `text`.

--- One chat.
---@class victor.ChatSessionParams
---@field sessionId string The chat.

--- Whether there was something to stop.
---@class victor.ChatCancelResult
---@field cancelled boolean False if no answer was being written.

--- Something to say while the answer is being written.
---@class victor.ChatSteerParams
---@field sessionId string The chat.
---@field prompt table<string, any>[] Content blocks of the Agent Client Protocol: `text`; `resource_link`, which mentions a file; `resource` with a text, which is shown to the model.

--- The last question once more; the new turn stands for the old one.
---@class victor.ChatRetryParams
---@field sessionId string The chat.
---@field profile? string Who answers, by the name of the profile.
---@field workDoneToken? string|integer|nil Progress is reported under it, if there is one; cancelling it stops the answer.

--- Which chats.
---@class victor.ChatListParams
---@field root? string|nil URI or path of a workspace folder; the chats of all folders without it.

--- Chats, the one used last first.
---@class victor.ChatListResult
---@field sessions victor.ChatSessionInfo[] Those with at least one turn.

--- A chat, as in the Agent Client Protocol.
---@class victor.ChatSessionInfo
---@field sessionId string Its name.
---@field cwd string The path of its workspace; empty without one.
---@field title string Its title.
---@field updatedAt string When it was last used, ISO 8601 in UTC.
---@field _meta table<string, any> `victor`: `turns`, their number; `openElsewhere`, true while another window has it.

--- A chat to go on with.
---@class victor.ChatLoadParams
---@field sessionId string The chat.
---@field afterSeq? integer The `seq` of the last update that the client has; 0 for all of them.

--- The chat; what happened in it was sent as updates before this.
---@class victor.ChatLoadResult
---@field session victor.ChatSessionInfo The chat.
---@field lastSeq integer The `seq` of the last update.

--- A chat to begin another one with.
---@class victor.ChatForkParams
---@field sessionId string The chat.
---@field upToTurn? string|nil The `turnId` of the last turn to take over; all of them without it.

--- Another title.
---@class victor.ChatRenameParams
---@field sessionId string The chat.
---@field title string Its new title.

--- Nothing.
---@class victor.NoParams

--- The slash commands.
---@class victor.ChatCommandsResult
---@field availableCommands victor.ChatCommand[] All of them.

--- A slash command, as in the Agent Client Protocol.
---@class victor.ChatCommand
---@field name string What follows the slash.
---@field description string What it does.
---@field input table<string, string>|nil `hint`: what may follow it.

--- A question that is being written.
---@class victor.ChatQueryContextParams
---@field text string All of it that stands before the cursor.
---@field root? string|nil URI or path of the workspace folder; the first one without it.

--- Commands at the start of the text, mentions behind an `@`.
---@class victor.ChatQueryContextResult
---@field items victor.ChatCompletion[] The best first.

--- A way to go on.
---@class victor.ChatCompletion
---@field replace string The end of the text that gives way.
---@field text string What takes its place.
---@field label string What a person reads.
---@field detail string More about it; may be empty.

--- One thing that happened in a chat: a `session/update` of the Agent Client Protocol. Text comes in pieces; all else replaces what came before. What that protocol has no word for comes as a `session_info_update` that changes nothing, with the word in `_meta.victor`.
---@class victor.ChatUpdateParams
---@field sessionId string The chat.
---@field update table<string, any> The update.
---@field _meta table<string, any> `victor`: `seq`, which rises within the chat, not always by one; `turnId`; and one of `route` (who answers and why), `context` (what the model is shown), `usage`, `receipt`, `note` (a sentence of Victor's), `compacted`, `retried`, `stopReason` (the turn is over: with `citations` and `error`). Of a tool: `tool` (its name), `printed` (more of its output), `outcome` (`completed`, `failed`, `refused` or `cancelled`) with `decided` (who let it or not).

--- The profiles.
---@class victor.ModelsListResult
---@field models victor.ModelItem[] In the order of `profiles.yaml`.
---@field profile string The one that answers; empty while the router chooses.
---@field mode string The mode.

--- One profile.
---@class victor.ModelItem
---@field profile string Its name.
---@field provider string Who serves the model.
---@field model string The model.
---@field address string Where it is; empty for the provider's own address.
---@field unusable string Why it cannot be used; empty if it can.

--- Where the profiles are written.
---@class victor.ModelsEditResult
---@field uri string `profiles.yaml`. What is saved there counts with the next question.

--- Who is to answer.
---@class victor.ProfileSetParams
---@field profile string The name of a profile; empty leaves the choice to the router.
---@field sessionId? string|nil The chat in which it is to answer; all new ones without it.

--- Who answers.
---@class victor.ProfileSetResult
---@field profile string The profile; empty while the router chooses.

--- How free the agent is.
---@class victor.ModeSetParams
---@field mode 'plan'|'ask'|'build' `plan`: nothing is changed and nothing is run. `ask`: every change and every command is asked for. `build`: the permissions decide.

--- The mode.
---@class victor.ModeSetResult
---@field mode string The mode that holds now.

--- Whose usage.
---@class victor.UsageParams
---@field sessionId? string|nil One chat; everything that this person used without it.

--- What calls have used.
---@class victor.UsageResult
---@field calls integer How many there were.
---@field input_tokens integer What models were sent.
---@field output_tokens integer What they answered.
---@field cost_usd number What it cost where the price is known, in US dollars.
---@field by table<string, any> The same by `day`, `model`, `provider`, `task` and `session`.
---@field budgets table<string, any>[] Each budget: `name`, `unit`, `limit`, `used`, `reserved` and `left`.

--- A conversation that a model is to go on with.
---@class victor.ModelsAskParams
---@field messages victor.ModelMessage[] In order; the last one is the `user`'s.
---@field token string|integer Names the answer in `victor/models/answer`; the client's own.
---@field profile? string The name of a profile; empty leaves the choice to the router.

--- One message of a conversation that the editor, or another of its extensions, keeps.
---@class victor.ModelMessage
---@field role 'user'|'assistant' Who said it.
---@field text string What was said.

--- The answer, whole.
---@class victor.ModelsAskResult
---@field text string What the model said, secrets of the question put back where they may stand.
---@field model string Which model said it.
---@field stopReason 'end_turn'|'max_tokens'|'refusal' Why it ended.
---@field receipt string|nil The id of the receipt; null where it could not be kept.
---@field inputTokens integer What the model was sent, in tokens.
---@field outputTokens integer What it answered, in tokens.

--- More of an answer.
---@class victor.ModelsAnswerParams
---@field token string|integer The one of `victor/models/ask`.
---@field text string What comes behind all that was sent before.

--- A question that is not asked.
---@class victor.ContextPreviewParams
---@field prompt? string As it would be asked, with its command and mentions; may be empty.
---@field root? string|nil URI or path of the workspace folder that it is about; that of the document, or the first one.
---@field textDocument? lsp.TextDocumentIdentifier|nil The document that the person looks at.
---@field range? lsp.Range|nil What is selected in it.
---@field profile? string Who would answer, by the name of the profile.

--- What a model would be shown, in this order.
---@class victor.ContextPreviewResult
---@field pieces victor.ContextPiece[] What is shown.
---@field left_out victor.ContextLeftOut[] What is not.
---@field n_tokens integer The sum of the pieces' tokens.
---@field budget_tokens integer How many there may be.

--- A piece that a model would be shown.
---@class victor.ContextPiece
---@field kind string What it is.
---@field path string The file, relative to the folder; empty for what is of no file.
---@field uri string|nil The file.
---@field range lsp.Range Whole lines of the file.
---@field reason string Why it is shown.
---@field score number What came first when the budget was shared out.
---@field n_tokens integer About how many tokens it takes.
---@field text string The text, with placeholders where secrets stand.

--- A piece that it would not be shown.
---@class victor.ContextLeftOut
---@field kind string What it is.
---@field path string The file, or the name that was mentioned; may be empty.
---@field range lsp.Range Whole lines of the file.
---@field reason string Why not: private, not trusted, no room, no answer.
---@field n_tokens integer About how many tokens it would take; 0 if it was not read.

--- Which documents.
---@class victor.EditorDiagnosticsParams
---@field uris string[] The documents; all of the workspace where there are none.

--- What the editor shows, whoever reported it. What is Victor's own may be left out.
---@class victor.EditorDiagnosticsResult
---@field documents table<string, any>[] For each document `{uri, diagnostics}`, where `diagnostics` are LSP's.

--- What holds now.
---@class victor.TrustResult
---@field folders victor.FolderTrust[] The folder that was asked for, or every open one.

--- What holds for one folder.
---@class victor.FolderTrust
---@field root string Path of the folder, as the client spells it.
---@field path string The same without links: trust is of this folder.
---@field trusted boolean Whether it is trusted.
---@field reason string Why, in words for a person.

--- What a person says of a folder. Ask them first: never send this of your own accord.
---@class victor.TrustSetParams
---@field root string URI or path of an open workspace folder.
---@field trusted boolean Whether its own settings, AGENTS.md and rules count.

--- Where.
---@class victor.PermissionsListParams
---@field root? string|nil URI or path of an open workspace folder; the first one without it.

--- What holds.
---@class victor.PermissionsListResult
---@field mode string The mode, in which the rules count or are stricter.
---@field rules victor.PermissionRule[] In their order.
---@field problems victor.PermissionProblem[] What is wrong.

--- A rule that holds; the last that fits wins.
---@class victor.PermissionRule
---@field tool string The tools that it is for, as in `permissions.yaml`.
---@field decision 'allow'|'ask'|'deny' What it says.
---@field path string|nil The files, null for all.
---@field command string|nil The commands, null for all.
---@field url string|nil The addresses, null for all.
---@field source 'default'|'file'|'workspace'|'answer'|'session'|'none' Who says so: Victor, `permissions.yaml`, the workspace's, an answer for always or for a session.
---@field place string Where it stands, in words for a person.
---@field root string The only folder that it holds in, empty for all.
---@field since string When it was answered, ISO 8601 in UTC; empty for what is written.
---@field id string The name of an answer, to take it back by; empty for all else.

--- Something wrong in what was written. While there is one, all but reading is asked for.
---@class victor.PermissionProblem
---@field source string The file.
---@field line integer|nil The line, counted from 1, where it is in one.
---@field message string What is wrong.

--- What a person wants remembered, or forgotten. Ask them first: never send this of your own accord.
---@class victor.PermissionsSetParams
---@field forget? string The id of an answer to take back; all other fields are then left out.
---@field decision? 'allow'|'ask'|'deny' What is to hold.
---@field tool? string The tools, as in `permissions.yaml`.
---@field path? string|nil Only these files.
---@field command? string|nil Only these commands.
---@field url? string|nil Only these addresses.
---@field root? string|nil URI or path of an open workspace folder; the first one without it.
---@field everywhere? boolean In all folders instead.

--- What was remembered, or forgotten.
---@class victor.PermissionsSetResult
---@field rule victor.PermissionRule The rule, with the id by which it is taken back.

--- A question, as in `session/request_permission` of the Agent Client Protocol.
---@class victor.PermissionRequestParams
---@field sessionId string The chat; empty where an action on code asks.
---@field toolCall table<string, any> What is wanted: `toolCallId`, `title` (plain text, may be cut), `kind`, `locations`, and `content` with all of it.
---@field options table<string, any>[] What can be answered: `optionId` `once` (`allow_once`), `session` and `always` (both `allow_always`), `no` (`reject_once`), `never` (`reject_always`). What is remembered stands in `_meta.victor.patterns`; where nothing can be, only `once` and `no` are offered.
---@field _meta table<string, any> `victor`: `question` (the id of the request, by which it is taken back), `turnId`, `tool`; in plain text, of which every character is seen, `wish`, `things` (the command line, the address, or the files), `folder` (where a command runs, empty for the workspace's own), `reason` and `rule` (why it is asked for), `commands` (each with `argv`, `decision`, `rule`) and `patterns`.

--- What the person said.
---@class victor.PermissionRequestResult
---@field outcome table<string, any> `{"outcome": "selected", "optionId": …}`, or `{"outcome": "cancelled"}`. What is none of both is a no.
---@field _meta? table<string, any> `victor.reason`: what the person says with a no, which the model is told.

--- Which checkpoints.
---@class victor.CheckpointListParams
---@field root? string|nil URI or path of an open workspace folder; all of them without it.
---@field textDocument? lsp.TextDocumentIdentifier|nil Only those that changed this file.
---@field limit? integer How many at most, 1 to 1000, the youngest first.

--- Checkpoints, the youngest first.
---@class victor.CheckpointListResult
---@field checkpoints victor.CheckpointItem[] Those of which anything was written.

--- One change that can be taken back.
---@class victor.CheckpointItem
---@field id string Its name.
---@field title string What was done, in one line.
---@field created string When, as ISO 8601 in UTC.
---@field folder string The path of its workspace folder, without links.
---@field kind 'edit'|'undo'|'restore' `edit`: something was applied. `undo`: a review took parts of that back. `restore`: a checkpoint was restored.
---@field undone boolean Whether a restore took it back, and was not taken back itself.
---@field restores string[] The checkpoints that it took back.
---@field sessionId string The chat in which it was made; may be empty.
---@field turnId string The turn of that chat; may be empty.
---@field editId string The edit set that was applied; may be empty.
---@field files victor.CheckpointFileItem[] The files that it changed.

--- One file of a change.
---@class victor.CheckpointFileItem
---@field uri string The file.
---@field path string The file, relative to the folder of the checkpoint where it lies in it, with `/` between parts.
---@field change 'change'|'create'|'delete' What the change did to it.
---@field state 'pending'|'applied'|'not_applied'|'not_on_disk'|'other' `applied`: it was written. `pending`: it is being written. `not_applied`: it was not. Victor ended in it: `not_on_disk`, the file is as it was, but a document may have the change; `other`, the file is neither as it was nor as it was to become.

--- A restore that is not done.
---@class victor.CheckpointPreviewParams
---@field id string Its name.
---@field uris? string[]|nil Only these files; all of the checkpoint without it.
---@field since? boolean Not only this checkpoint, but every one of its folder since, too.

--- What a restore would do.
---@class victor.CheckpointPreviewResult
---@field ids string[] The checkpoints that it would take back, the youngest first.
---@field files victor.CheckpointPreviewFile[] Every file that they changed.

--- What a restore would do to one file.
---@class victor.CheckpointPreviewFile
---@field uri string The file.
---@field path string The file, relative to the folder of the checkpoint where it lies in it, with `/` between parts.
---@field how 'unchanged'|'change'|'create'|'delete'|'conflict'|'unreadable' What would be done. In a conflict nothing would: it is proposed as an edit to be reviewed.
---@field why string What stood in the way, in words for a person; empty where nothing did.
---@field before string|nil The text as it is now; null where there is no file.
---@field after string|nil The text that it would have, in a conflict with every old part; null without a file.
---@field conflicts victor.CheckpointConflict[] In order.

--- Lines that were changed since, and would be taken back.
---@class victor.CheckpointConflict
---@field range lsp.Range Whole lines of the file as it is now.
---@field mine string What stands there now.
---@field theirs string What would stand there.

--- What is taken back.
---@class victor.CheckpointRestoreParams
---@field id string Its name.
---@field uris? string[]|nil Only these files; all of the checkpoint without it.
---@field since? boolean Not only this checkpoint, but every one of its folder since, too.
---@field overwrite? boolean Where that contradicts what was changed since: the old text, not a proposal.

--- What was taken back.
---@class victor.CheckpointRestoreResult
---@field ids string[] The restore's own checkpoints, which take it back; empty where nothing was written.
---@field editId string The edit set in which the conflicts are proposed; empty if none are.
---@field files victor.CheckpointRestoredFile[] Every file that was meant.

--- What became of one file.
---@class victor.CheckpointRestoredFile
---@field uri string The file.
---@field path string The file, relative to the folder of the checkpoint where it lies in it, with `/` between parts.
---@field how 'restored'|'unchanged'|'conflict'|'moved_on'|'refused' `restored`: in its document, not saved, where the editor has it open, else on disk. `unchanged`: it was so already. All others are as they were.
---@field why string What stood in the way, in words for a person; empty where nothing did.

--- Which edits.
---@class victor.EditListParams
---@field open? boolean Only those with hunks that are proposed, or applied and not looked at.

--- Edits, the youngest first, without their texts.
---@class victor.EditListResult
---@field edits victor.EditItem[] Those of this window that are remembered.

--- Changes that belong together.
---@class victor.EditItem
---@field id string The edit's name.
---@field title string One line that says what it is about.
---@field root string The folder that it was made for.
---@field madeAt string When, ISO 8601.
---@field files victor.EditFile[] In order.
---@field sessionId? string The chat that it comes from, if it is one.
---@field turnId? string The turn of that chat.
---@field callId? string The call of a tool.
---@field assist? string The assist that it comes from, if it is one.

--- What becomes of one file.
---@class victor.EditFile
---@field uri string The file, spelled as the client does where it has it open.
---@field path string Relative to the edit's folder where it lies in it.
---@field kind 'change'|'create'|'delete'|'move' A file that is made, deleted or moved has one hunk for the whole of it.
---@field hunks victor.EditHunk[] In order.
---@field toUri? string|nil Where it is moved.
---@field problems? string[] What checking has found, for a person to read.

--- Lines that become others.
---@class victor.EditHunk
---@field id string The hunk's name, within its edit.
---@field state 'proposed'|'applied'|'kept'|'reverted'|'stale' `proposed`: nothing has happened yet. `applied`: it is in the file, and was not looked at. `kept`: it was accepted. `reverted`: it was rejected or undone, and is not in the file. `stale`: the text that it was made for has changed, and nothing was done.
---@field range lsp.Range|nil The whole lines in which it stands now: the old ones, or the new ones where it is in the file. An empty range is the place between two lines. Null where it does not stand anywhere any more.
---@field oldLines integer How many lines there were.
---@field newLines integer How many lines take their place.
---@field oldText? string|nil What there was; of `victor/edit/get` only.
---@field newText? string|nil What takes its place; of `victor/edit/get` only.
---@field reason? string What the person said when it was decided.

--- An edit.
---@class victor.EditParams
---@field id string The edit's name.

--- An edit with its texts.
---@class victor.EditGetResult
---@field edit victor.EditItem The edit.

--- What is decided of hunks: of those that are named, else of the open ones of a file, else of all that are open.
---@class victor.EditResolveParams
---@field id string The edit's name.
---@field decision 'accept'|'reject'|'keep'|'undo' `accept` puts a hunk into the file, `reject` leaves it out or takes it out. `keep` leaves one in that is applied, `undo` takes it out. A hunk that is named can be decided again: a rejected one accepted.
---@field hunks? string[]|nil The names of hunks.
---@field uri? string|nil A file of the edit.
---@field reason? string Why, for the model: told to it where it waits for this.

--- What became of it.
---@class victor.EditResolveResult
---@field edit victor.EditItem The edit as it is now, without its texts.
---@field messages string[] What could not be done, and why, in sentences for a person; empty where all was done.

--- An edit that is new, or of which something was decided, done or found to be stale.
---@class victor.EditChangedParams
---@field edit victor.EditItem The edit as it is now, without its texts.

--- What is to be done with which lines.
---@class victor.EditProposeParams
---@field uri string The document, which must be open.
---@field range lsp.Range The lines that it is about; an empty range stands for what is defined there.
---@field instruction string What to do with them.
---@field workDoneToken? string|integer|nil A progress of the client's; without it one is made where the client shows any.
---@field partialToken? string|integer|nil A name of the client's for `victor/edit/partial`, which is sent while the model answers.

--- What came of it.
---@class victor.EditProposeResult
---@field edit victor.EditItem|nil The edit, under review; null where there is nothing to change, or the person stopped it.
---@field model? string Which model answered.

--- What lines would become, as far as the model has come.
---@class victor.EditPartialParams
---@field token string|integer The `partialToken` of the request.
---@field uri string The document.
---@field range lsp.Range Whole lines of the document as it was asked about. Another range takes the earlier one's place.
---@field text string What they would become: whole lines, in the place of what was told before. Empty when the model begins anew.
---@field model? string Which model answers.

--- Code of an answer, and where the person would have it.
---@class victor.EditOfferParams
---@field uri string The document, which must be open.
---@field text string The code: a code block's text, with or without its fences.
---@field range? lsp.Range|nil What is selected; an empty range is where the cursor is.
---@field title? string One line that says what it is about.

--- What came of it.
---@class victor.EditOfferResult
---@field edit victor.EditItem|nil The edit, under review; null where the document is like that already.
---@field placed string Where it would go, in a sentence for a person.

--- Of which changes.
---@class victor.CommitMessageParams
---@field root? string|nil URI or path of a workspace folder; the first one without it.
---@field workDoneToken? string|integer|nil A progress of the client's; without it one is made where the client shows any.

--- A message for the next commit.
---@class victor.CommitMessageResult
---@field message string The message; empty where the person stopped it.
---@field model? string Which model answered.

--- The version of these messages.
M.version = 1

--- Every method by a name of its own.
M.method = {
  --- Find code by words and by names. While the index is being built, the answer is what there is, and `partial`.
  --- (request, client → server: victor.SearchParams → victor.SearchResult)
  search = "victor/search",
  --- What the server is doing. Answers at once.
  --- (request, client → server: victor.RootParams → victor.StatusResult)
  status = "victor/status",
  --- Sent at each change of the status, a few times a second at most, to clients that announce `status`.
  --- (notification, server → client: victor.StatusResult → nil)
  statusDidChange = "victor/status/didChange",
  --- Where the index stands. Answers at once.
  --- (request, client → server: victor.RootParams → victor.IndexStatusResult)
  indexStatus = "victor/index/status",
  --- Stop to index. What is indexed stays searchable.
  --- (request, client → server: victor.RootParams → victor.IndexStatusResult)
  indexPause = "victor/index/pause",
  --- Go on to index.
  --- (request, client → server: victor.RootParams → victor.IndexStatusResult)
  indexResume = "victor/index/resume",
  --- Throw the index away and build it anew; answers once that has begun.
  --- (request, client → server: victor.RootParams → victor.IndexStatusResult)
  indexRebuild = "victor/index/rebuild",
  --- Begin a chat. It belongs to this window; it is listed once something was asked in it.
  --- (request, client → server: victor.ChatNewParams → victor.ChatNewResult)
  chatNew = "victor/chat/new",
  --- Ask something. Updates follow as the answer comes; the response comes at its end. Cancelling the request stops the answer, as `victor/chat/cancel` does.
  --- (request, client → server: victor.ChatPromptParams → victor.ChatPromptResult)
  chatPrompt = "victor/chat/prompt",
  --- Stop the answer that is being written; its prompt is then answered with `cancelled`.
  --- (request, client → server: victor.ChatSessionParams → victor.ChatCancelResult)
  chatCancel = "victor/chat/cancel",
  --- Say something to the model while it answers.
  --- (request, client → server: victor.ChatSteerParams → nil)
  chatSteer = "victor/chat/steer",
  --- Ask the last question again.
  --- (request, client → server: victor.ChatRetryParams → victor.ChatPromptResult)
  chatRetry = "victor/chat/retry",
  --- The chats that there are.
  --- (request, client → server: victor.ChatListParams → victor.ChatListResult)
  chatList = "victor/chat/list",
  --- Open a chat and send what happened in it as updates. Secrets are kept as placeholders, and stay that. A turn that the end of the program cut off ends with the stop reason `interrupted`. While an answer is being written, what it says until now is among them, and the rest follows. Fails while another window has the chat.
  --- (request, client → server: victor.ChatLoadParams → victor.ChatLoadResult)
  chatLoad = "victor/chat/load",
  --- Begin a new chat with the turns of another one.
  --- (request, client → server: victor.ChatForkParams → victor.ChatNewResult)
  chatFork = "victor/chat/fork",
  --- Give a chat another title.
  --- (request, client → server: victor.ChatRenameParams → nil)
  chatRename = "victor/chat/rename",
  --- Forget a chat and its receipts.
  --- (request, client → server: victor.ChatSessionParams → nil)
  chatDelete = "victor/chat/delete",
  --- The slash commands that a question may begin with.
  --- (request, client → server: victor.NoParams → victor.ChatCommandsResult)
  chatCommands = "victor/chat/commands",
  --- Complete a question: its command, or what it mentions.
  --- (request, client → server: victor.ChatQueryContextParams → victor.ChatQueryContextResult)
  chatQueryContext = "victor/chat/queryContext",
  --- Something happened in a chat. Sent to clients that announce `chat`; pieces of text are joined to at most one update in 30 ms.
  --- (notification, server → client: victor.ChatUpdateParams → nil)
  chatUpdate = "victor/chat/update",
  --- The profiles, whether or not their servers answer.
  --- (request, client → server: victor.NoParams → victor.ModelsListResult)
  modelsList = "victor/models/list",
  --- For a person who wants to name models. Where there is no `profiles.yaml` it is made, with the ways to a first model as comments. As a command it is opened too, by `window/showDocument`.
  --- (request, client → server: victor.NoParams → victor.ModelsEditResult)
  modelsEdit = "victor/models/edit",
  --- Choose who answers. The policy holds all the same.
  --- (request, client → server: victor.ProfileSetParams → victor.ProfileSetResult)
  profileSet = "victor/profile/set",
  --- Choose how free the agent is, in all chats of this window from the next call of a tool on; recorded in the audit log, refused where that cannot be written.
  --- (request, client → server: victor.ModeSetParams → victor.ModeSetResult)
  modeSet = "victor/mode/set",
  --- What model calls have used, and what is left of the budgets.
  --- (request, client → server: victor.UsageParams → victor.UsageResult)
  usage = "victor/usage",
  --- Have a model go on with a conversation that is no chat of Victor's, for editors that offer models to their other parts. Nothing of the workspace is added and no tool is offered; policy, budgets, redaction, receipt and audit log are as for every call. Nothing is kept of it but those. A cancel stops it.
  --- (request, client → server: victor.ModelsAskParams → victor.ModelsAskResult)
  modelsAsk = "victor/models/ask",
  --- The answer to `victor/models/ask` as it comes, to clients that announce `models`. It ends with the response.
  --- (notification, server → client: victor.ModelsAnswerParams → nil)
  modelsAnswer = "victor/models/answer",
  --- What a model would be shown for a question, and why. No model is called, and nothing leaves the machine.
  --- (request, client → server: victor.ContextPreviewParams → victor.ContextPreviewResult)
  contextPreview = "victor/context/preview",
  --- What the editor's other language servers report. Sent to clients that announce `diagnostics`; without it a model is shown only what Victor itself finds.
  --- (request, server → client: victor.EditorDiagnosticsParams → victor.EditorDiagnosticsResult)
  editorDiagnostics = "victor/editor/diagnostics",
  --- Which folders are trusted. None is until a person says so, here or by `victor trust`.
  --- (request, client → server: victor.RootParams → victor.TrustResult)
  trustGet = "victor/trust/get",
  --- Trust a folder, or no more. Recorded in the audit log; refused where that cannot be written.
  --- (request, client → server: victor.TrustSetParams → victor.TrustResult)
  trustSet = "victor/trust/set",
  --- Which rules say what tools may do.
  --- (request, client → server: victor.PermissionsListParams → victor.PermissionsListResult)
  permissionsList = "victor/permissions/list",
  --- Remember a rule as an answer for always, or take one back. Recorded in the audit log; an allow is refused where that cannot be written.
  --- (request, client → server: victor.PermissionsSetParams → victor.PermissionsSetResult)
  permissionsSet = "victor/permissions/set",
  --- Asks the person whether a tool may do something. Sent to clients that announce `permission`; others get `window/showMessageRequest`. It is taken back with `$/cancelRequest` when the turn is stopped; answer `cancelled` then. Several may be open at once. Never answer for the person.
  --- (request, server → client: victor.PermissionRequestParams → victor.PermissionRequestResult)
  permissionRequest = "victor/permission/request",
  --- The changes that were applied, each of which can be taken back. Nothing is asked of a model.
  --- (request, client → server: victor.CheckpointListParams → victor.CheckpointListResult)
  checkpointList = "victor/checkpoint/list",
  --- What a restore would do now. What was typed since stays, or is a conflict.
  --- (request, client → server: victor.CheckpointPreviewParams → victor.CheckpointPreviewResult)
  checkpointPreview = "victor/checkpoint/preview",
  --- Take changes back. A restore is a checkpoint itself, so it can be taken back too.
  --- (request, client → server: victor.CheckpointRestoreParams → victor.CheckpointRestoreResult)
  checkpointRestore = "victor/checkpoint/restore",
  --- The edits of this window.
  --- (request, client → server: victor.EditListParams → victor.EditListResult)
  editList = "victor/edit/list",
  --- An edit with the texts of its hunks, which are the file's own: secrets are not taken out.
  --- (request, client → server: victor.EditParams → victor.EditGetResult)
  editGet = "victor/edit/get",
  --- Decides about hunks. What the editor has open is changed by `workspace/applyEdit` before this is answered, and not saved; other files are written. Every change is kept as a checkpoint first. The command answers null at once, and what could not be done is shown.
  --- (request, client → server: victor.EditResolveParams → victor.EditResolveResult)
  editResolve = "victor/edit/resolve",
  --- An edit is new, or another one than it was. Sent to clients that announce `review`. Hunks are shown as diagnostics with code actions all the same.
  --- (notification, server → client: victor.EditChangedParams → nil)
  editDidChange = "victor/edit/didChange",
  --- Has a model change lines as the person says. Answered once the change is under review, with `victor/edit/list`'s shape; nothing is in a file before it is accepted. In editors without it a comment `victor: …` above the lines says what to do, and a code action does it.
  --- (request, client → server: victor.EditProposeParams → victor.EditProposeResult)
  editPropose = "victor/edit/propose",
  --- Sent while `victor/edit/propose` runs, where it has a `partialToken`: twenty times a second at most, and for answers that are about the document's own lines. It is for the eye alone. What was told counts for nothing once the request is answered: only what its `edit` says can be accepted, and an answer that could not be applied is asked for again.
  --- (notification, server → client: victor.EditPartialParams → nil)
  editPartial = "victor/edit/partial",
  --- Makes an edit under review of code that stands in an answer; no model is asked. Search and replace blocks and patches are applied. Code that defines anew what the document defines takes its place; other code takes the place of the selected lines, or goes where the cursor is. Where that could be two places, or none, nothing is done, and an error of the kind `usage` says what to select.
  --- (request, client → server: victor.EditOfferParams → victor.EditOfferResult)
  editOffer = "victor/edit/offer",
  --- Has a model write the message of what is staged, in the manner of the last ones. With nothing staged it fails with the kind `usage`, and no model is asked.
  --- (request, client → server: victor.CommitMessageParams → victor.CommitMessageResult)
  assistCommitMessage = "victor/assist/commitMessage",
}

return M
