// Generated from the server's schema by `make generate`; a test compares. Do not edit.

import type { Range, TextDocumentIdentifier } from "vscode-languageserver-protocol";

/** The version of these messages. */
export const PROTOCOL_VERSION = 1;

/** The keys of `experimental.victor` that either side may announce. */
export type Announced = "search" | "status" | "index" | "chat" | "models" | "context" | "trust" | "review" | "assist" | "checkpoints" | "diagnostics" | "permission";

/** A question to the index. */
export interface SearchParams {
  /** Words, or names as they stand in the code. */
  query: string;
  /** How many hits at most, 1 to 100. */
  k?: number;
  /** URI or path of the one workspace folder to search; all of them without it. */
  root?: string | null;
}

/** Hits, best first. */
export interface SearchResult {
  /** The question. */
  query: string;
  /** True when files that may matter were not indexed yet. */
  partial: boolean;
  /** At most `k`. */
  hits: SearchHit[];
}

/** One answer. */
export interface SearchHit {
  /** The file. */
  uri: string;
  /** The file, relative to its workspace folder, with `/` between parts. */
  path: string;
  /** Whole lines: from the start of the first to the start of the line behind the last. */
  range: Range;
  /** Dotted name of the definition that the hit shows; empty if none. */
  symbol: string;
  /** That definition's kind; `text` or `code` if none. */
  kind: string;
  /** The higher, the better. */
  score: number;
  /** What each signal contributed; the contributions add up to the score. */
  why: Record<string, number>;
}

/** One workspace folder, or all. */
export interface RootParams {
  /** URI or path of a workspace folder; all of them without it. */
  root?: string | null;
}

/** What an editor shows in its status line. */
export interface StatusResult {
  /** The folder that was asked for; of several the one that is furthest from ready. */
  index: IndexStatus;
  /** Every folder. */
  indexes: IndexStatus[];
  /** Who answered last: `task`, `profile`, `provider`, `model`, `reason`, `leavesMachine`, `costUsd` and `ruledOut`; empty while nobody was asked. */
  route: Record<string, unknown>;
  /** True while nothing outside this machine may be reached. */
  offline: boolean;
  /** The team's backend: `url`, `state` (`idle`, `connecting`, `attached`, `away`, `login_needed`, `draining`), `tenant`, `user`, `backlog`, `policy`, `trouble`; empty where nobody logged in. */
  team: Record<string, unknown>;
  /** The budget that is nearest to its end: `name`, `unit`, `limit`, `used` and `left`; empty while none is set or known. A chat's own budget is that of the chat that was asked last. */
  budget: Record<string, unknown>;
  /** How free the agent is; empty while that is not known yet. */
  mode: "plan" | "ask" | "build" | "";
  /** True where the editor said at `initialize` that it does not trust the folder. */
  restricted: boolean;
}

/** Where the index of one workspace folder stands. */
export interface IndexStatus {
  /** Path of the folder; empty when none is open. */
  root: string;
  /** What it is doing. */
  state: "scanning" | "indexing" | "ready" | "paused" | "error";
  /** Files that are dealt with. */
  files_done: number;
  /** Files that are known; rises while they are looked for. */
  files_total: number;
  /** A sentence for a person; empty when there is nothing to say. */
  detail: string;
}

/** Where the index stands. */
export interface IndexStatusResult {
  /** The folder that was asked for; of several the one that is furthest from ready. */
  index: IndexStatus;
  /** Every folder. */
  indexes: IndexStatus[];
}

/** A new chat. */
export interface ChatNewParams {
  /** URI or path of the workspace folder that it is about; the first one without it. */
  root?: string | null;
  /** Its title; the first question gives it one otherwise. */
  title?: string;
}

/** A chat. */
export interface ChatNewResult {
  /** Its name in all other messages. */
  sessionId: string;
}

/** A question. */
export interface ChatPromptParams {
  /** The chat. */
  sessionId: string;
  /** Content blocks of the Agent Client Protocol: `text`; `resource_link`, which mentions a file; `resource` with a text, which is shown to the model. */
  prompt: (Record<string, unknown>)[];
  /** Who answers this one, by the name of the profile. */
  profile?: string;
  /** The document that the person looks at. */
  textDocument?: TextDocumentIdentifier | null;
  /** What is selected in it. */
  range?: Range | null;
  /** Progress is reported under it, if there is one; cancelling it stops the answer. */
  workDoneToken?: string | number | null;
}

/** How the turn ended. A turn that failed is an error of the request. */
export interface ChatPromptResult {
  /** As in the Agent Client Protocol. */
  stopReason: "end_turn" | "max_tokens" | "max_turn_requests" | "refusal" | "cancelled";
  /** `victor`: `turnId`, `receipt` (the last one) and `citations`, places as LSP locations; for a client that does not announce `chat` also the answer, `text`. */
  _meta: Record<string, unknown>;
}

/** One chat. */
export interface ChatSessionParams {
  /** The chat. */
  sessionId: string;
}

/** Whether there was something to stop. */
export interface ChatCancelResult {
  /** False if no answer was being written. */
  cancelled: boolean;
}

/** Something to say while the answer is being written. */
export interface ChatSteerParams {
  /** The chat. */
  sessionId: string;
  /** Content blocks of the Agent Client Protocol: `text`; `resource_link`, which mentions a file; `resource` with a text, which is shown to the model. */
  prompt: (Record<string, unknown>)[];
}

/** The last question once more; the new turn stands for the old one. */
export interface ChatRetryParams {
  /** The chat. */
  sessionId: string;
  /** Who answers, by the name of the profile. */
  profile?: string;
  /** Progress is reported under it, if there is one; cancelling it stops the answer. */
  workDoneToken?: string | number | null;
}

/** Which chats. */
export interface ChatListParams {
  /** URI or path of a workspace folder; the chats of all folders without it. */
  root?: string | null;
}

/** Chats, the one used last first. */
export interface ChatListResult {
  /** Those with at least one turn. */
  sessions: ChatSessionInfo[];
}

/** A chat, as in the Agent Client Protocol. */
export interface ChatSessionInfo {
  /** Its name. */
  sessionId: string;
  /** The path of its workspace; empty without one. */
  cwd: string;
  /** Its title. */
  title: string;
  /** When it was last used, ISO 8601 in UTC. */
  updatedAt: string;
  /** `victor`: `turns`, their number; `openElsewhere`, true while another window has it. */
  _meta: Record<string, unknown>;
}

/** A chat to go on with. */
export interface ChatLoadParams {
  /** The chat. */
  sessionId: string;
  /** The `seq` of the last update that the client has; 0 for all of them. */
  afterSeq?: number;
}

/** The chat; what happened in it was sent as updates before this. */
export interface ChatLoadResult {
  /** The chat. */
  session: ChatSessionInfo;
  /** The `seq` of the last update. */
  lastSeq: number;
}

/** A chat to begin another one with. */
export interface ChatForkParams {
  /** The chat. */
  sessionId: string;
  /** The `turnId` of the last turn to take over; all of them without it. */
  upToTurn?: string | null;
}

/** Another title. */
export interface ChatRenameParams {
  /** The chat. */
  sessionId: string;
  /** Its new title. */
  title: string;
}

/** Nothing. */
export interface NoParams {
}

/** The slash commands. */
export interface ChatCommandsResult {
  /** All of them. */
  availableCommands: ChatCommand[];
}

/** A slash command, as in the Agent Client Protocol. */
export interface ChatCommand {
  /** What follows the slash. */
  name: string;
  /** What it does. */
  description: string;
  /** `hint`: what may follow it. */
  input: Record<string, string> | null;
}

/** A question that is being written. */
export interface ChatQueryContextParams {
  /** All of it that stands before the cursor. */
  text: string;
  /** URI or path of the workspace folder; the first one without it. */
  root?: string | null;
}

/** Commands at the start of the text, mentions behind an `@`. */
export interface ChatQueryContextResult {
  /** The best first. */
  items: ChatCompletion[];
}

/** A way to go on. */
export interface ChatCompletion {
  /** The end of the text that gives way. */
  replace: string;
  /** What takes its place. */
  text: string;
  /** What a person reads. */
  label: string;
  /** More about it; may be empty. */
  detail: string;
}

/** One thing that happened in a chat: a `session/update` of the Agent Client Protocol. Text comes in pieces; all else replaces what came before. What that protocol has no word for comes as a `session_info_update` that changes nothing, with the word in `_meta.victor`. */
export interface ChatUpdateParams {
  /** The chat. */
  sessionId: string;
  /** The update. */
  update: Record<string, unknown>;
  /** `victor`: `seq`, which rises within the chat, not always by one; `turnId`; and one of `route` (who answers and why), `context` (what the model is shown), `usage`, `receipt`, `note` (a sentence of Victor's), `compacted`, `retried`, `stopReason` (the turn is over: with `citations` and `error`). Of a tool: `tool` (its name), `printed` (more of its output), `outcome` (`completed`, `failed`, `refused` or `cancelled`) with `decided` (who let it or not). */
  _meta: Record<string, unknown>;
}

/** The profiles. */
export interface ModelsListResult {
  /** In the order of `profiles.yaml`. */
  models: ModelItem[];
  /** The one that answers; empty while the router chooses. */
  profile: string;
  /** The mode. */
  mode: string;
}

/** One profile. */
export interface ModelItem {
  /** Its name. */
  profile: string;
  /** Who serves the model. */
  provider: string;
  /** The model. */
  model: string;
  /** Where it is; empty for the provider's own address. */
  address: string;
  /** Why it cannot be used; empty if it can. */
  unusable: string;
}

/** Where the profiles are written. */
export interface ModelsEditResult {
  /** `profiles.yaml`. What is saved there counts with the next question. */
  uri: string;
}

/** Who is to answer. */
export interface ProfileSetParams {
  /** The name of a profile; empty leaves the choice to the router. */
  profile: string;
  /** The chat in which it is to answer; all new ones without it. */
  sessionId?: string | null;
}

/** Who answers. */
export interface ProfileSetResult {
  /** The profile; empty while the router chooses. */
  profile: string;
}

/** How free the agent is. */
export interface ModeSetParams {
  /** `plan`: nothing is changed and nothing is run. `ask`: every change and every command is asked for. `build`: the permissions decide. */
  mode: "plan" | "ask" | "build";
}

/** The mode. */
export interface ModeSetResult {
  /** The mode that holds now. */
  mode: string;
}

/** Whose usage. */
export interface UsageParams {
  /** One chat; everything that this person used without it. */
  sessionId?: string | null;
}

/** What calls have used. */
export interface UsageResult {
  /** How many there were. */
  calls: number;
  /** What models were sent. */
  input_tokens: number;
  /** What they answered. */
  output_tokens: number;
  /** What it cost where the price is known, in US dollars. */
  cost_usd: number;
  /** The same by `day`, `model`, `provider`, `task` and `session`. */
  by: Record<string, unknown>;
  /** Each budget: `name`, `unit`, `limit`, `used`, `reserved` and `left`. */
  budgets: (Record<string, unknown>)[];
}

/** A conversation that a model is to go on with. */
export interface ModelsAskParams {
  /** In order; the last one is the `user`'s. */
  messages: ModelMessage[];
  /** Names the answer in `victor/models/answer`; the client's own. */
  token: string | number;
  /** The name of a profile; empty leaves the choice to the router. */
  profile?: string;
}

/** One message of a conversation that the editor, or another of its extensions, keeps. */
export interface ModelMessage {
  /** Who said it. */
  role: "user" | "assistant";
  /** What was said. */
  text: string;
}

/** The answer, whole. */
export interface ModelsAskResult {
  /** What the model said, secrets of the question put back where they may stand. */
  text: string;
  /** Which model said it. */
  model: string;
  /** Why it ended. */
  stopReason: "end_turn" | "max_tokens" | "refusal";
  /** The id of the receipt; null where it could not be kept. */
  receipt: string | null;
  /** What the model was sent, in tokens. */
  inputTokens: number;
  /** What it answered, in tokens. */
  outputTokens: number;
}

/** More of an answer. */
export interface ModelsAnswerParams {
  /** The one of `victor/models/ask`. */
  token: string | number;
  /** What comes behind all that was sent before. */
  text: string;
}

/** A question that is not asked. */
export interface ContextPreviewParams {
  /** As it would be asked, with its command and mentions; may be empty. */
  prompt?: string;
  /** URI or path of the workspace folder that it is about; that of the document, or the first one. */
  root?: string | null;
  /** The document that the person looks at. */
  textDocument?: TextDocumentIdentifier | null;
  /** What is selected in it. */
  range?: Range | null;
  /** Who would answer, by the name of the profile. */
  profile?: string;
}

/** What a model would be shown, in this order. */
export interface ContextPreviewResult {
  /** What is shown. */
  pieces: ContextPiece[];
  /** What is not. */
  left_out: ContextLeftOut[];
  /** The sum of the pieces' tokens. */
  n_tokens: number;
  /** How many there may be. */
  budget_tokens: number;
}

/** A piece that a model would be shown. */
export interface ContextPiece {
  /** What it is. */
  kind: string;
  /** The file, relative to the folder; empty for what is of no file. */
  path: string;
  /** The file. */
  uri: string | null;
  /** Whole lines of the file. */
  range: Range;
  /** Why it is shown. */
  reason: string;
  /** What came first when the budget was shared out. */
  score: number;
  /** About how many tokens it takes. */
  n_tokens: number;
  /** The text, with placeholders where secrets stand. */
  text: string;
}

/** A piece that it would not be shown. */
export interface ContextLeftOut {
  /** What it is. */
  kind: string;
  /** The file, or the name that was mentioned; may be empty. */
  path: string;
  /** Whole lines of the file. */
  range: Range;
  /** Why not: private, not trusted, no room, no answer. */
  reason: string;
  /** About how many tokens it would take; 0 if it was not read. */
  n_tokens: number;
}

/** Which documents. */
export interface EditorDiagnosticsParams {
  /** The documents; all of the workspace where there are none. */
  uris: string[];
}

/** What the editor shows, whoever reported it. What is Victor's own may be left out. */
export interface EditorDiagnosticsResult {
  /** For each document `{uri, diagnostics}`, where `diagnostics` are LSP's. */
  documents: (Record<string, unknown>)[];
}

/** What holds now. */
export interface TrustResult {
  /** The folder that was asked for, or every open one. */
  folders: FolderTrust[];
}

/** What holds for one folder. */
export interface FolderTrust {
  /** Path of the folder, as the client spells it. */
  root: string;
  /** The same without links: trust is of this folder. */
  path: string;
  /** Whether it is trusted. */
  trusted: boolean;
  /** Why, in words for a person. */
  reason: string;
}

/** What a person says of a folder. Ask them first: never send this of your own accord. */
export interface TrustSetParams {
  /** URI or path of an open workspace folder. */
  root: string;
  /** Whether its own settings, AGENTS.md and rules count. */
  trusted: boolean;
}

/** Where. */
export interface PermissionsListParams {
  /** URI or path of an open workspace folder; the first one without it. */
  root?: string | null;
}

/** What holds. */
export interface PermissionsListResult {
  /** The mode, in which the rules count or are stricter. */
  mode: string;
  /** In their order. */
  rules: PermissionRule[];
  /** What is wrong. */
  problems: PermissionProblem[];
}

/** A rule that holds; the last that fits wins. */
export interface PermissionRule {
  /** The tools that it is for, as in `permissions.yaml`. */
  tool: string;
  /** What it says. */
  decision: "allow" | "ask" | "deny";
  /** The files, null for all. */
  path: string | null;
  /** The commands, null for all. */
  command: string | null;
  /** The addresses, null for all. */
  url: string | null;
  /** Who says so: Victor, `permissions.yaml`, the workspace's, an answer for always or for a session. */
  source: "default" | "file" | "workspace" | "answer" | "session" | "none";
  /** Where it stands, in words for a person. */
  place: string;
  /** The only folder that it holds in, empty for all. */
  root: string;
  /** When it was answered, ISO 8601 in UTC; empty for what is written. */
  since: string;
  /** The name of an answer, to take it back by; empty for all else. */
  id: string;
}

/** Something wrong in what was written. While there is one, all but reading is asked for. */
export interface PermissionProblem {
  /** The file. */
  source: string;
  /** The line, counted from 1, where it is in one. */
  line: number | null;
  /** What is wrong. */
  message: string;
}

/** What a person wants remembered, or forgotten. Ask them first: never send this of your own accord. */
export interface PermissionsSetParams {
  /** The id of an answer to take back; all other fields are then left out. */
  forget?: string;
  /** What is to hold. */
  decision?: "allow" | "ask" | "deny";
  /** The tools, as in `permissions.yaml`. */
  tool?: string;
  /** Only these files. */
  path?: string | null;
  /** Only these commands. */
  command?: string | null;
  /** Only these addresses. */
  url?: string | null;
  /** URI or path of an open workspace folder; the first one without it. */
  root?: string | null;
  /** In all folders instead. */
  everywhere?: boolean;
}

/** What was remembered, or forgotten. */
export interface PermissionsSetResult {
  /** The rule, with the id by which it is taken back. */
  rule: PermissionRule;
}

/** A question, as in `session/request_permission` of the Agent Client Protocol. */
export interface PermissionRequestParams {
  /** The chat; empty where an action on code asks. */
  sessionId: string;
  /** What is wanted: `toolCallId`, `title` (plain text, may be cut), `kind`, `locations`, and `content` with all of it. */
  toolCall: Record<string, unknown>;
  /** What can be answered: `optionId` `once` (`allow_once`), `session` and `always` (both `allow_always`), `no` (`reject_once`), `never` (`reject_always`). What is remembered stands in `_meta.victor.patterns`; where nothing can be, only `once` and `no` are offered. */
  options: (Record<string, unknown>)[];
  /** `victor`: `question` (the id of the request, by which it is taken back), `turnId`, `tool`; in plain text, of which every character is seen, `wish`, `things` (the command line, the address, or the files), `folder` (where a command runs, empty for the workspace's own), `reason` and `rule` (why it is asked for), `commands` (each with `argv`, `decision`, `rule`) and `patterns`. */
  _meta: Record<string, unknown>;
}

/** What the person said. */
export interface PermissionRequestResult {
  /** `{"outcome": "selected", "optionId": …}`, or `{"outcome": "cancelled"}`. What is none of both is a no. */
  outcome: Record<string, unknown>;
  /** `victor.reason`: what the person says with a no, which the model is told. */
  _meta?: Record<string, unknown>;
}

/** Which checkpoints. */
export interface CheckpointListParams {
  /** URI or path of an open workspace folder; all of them without it. */
  root?: string | null;
  /** Only those that changed this file. */
  textDocument?: TextDocumentIdentifier | null;
  /** How many at most, 1 to 1000, the youngest first. */
  limit?: number;
}

/** Checkpoints, the youngest first. */
export interface CheckpointListResult {
  /** Those of which anything was written. */
  checkpoints: CheckpointItem[];
}

/** One change that can be taken back. */
export interface CheckpointItem {
  /** Its name. */
  id: string;
  /** What was done, in one line. */
  title: string;
  /** When, as ISO 8601 in UTC. */
  created: string;
  /** The path of its workspace folder, without links. */
  folder: string;
  /** `edit`: something was applied. `undo`: a review took parts of that back. `restore`: a checkpoint was restored. */
  kind: "edit" | "undo" | "restore";
  /** Whether a restore took it back, and was not taken back itself. */
  undone: boolean;
  /** The checkpoints that it took back. */
  restores: string[];
  /** The chat in which it was made; may be empty. */
  sessionId: string;
  /** The turn of that chat; may be empty. */
  turnId: string;
  /** The edit set that was applied; may be empty. */
  editId: string;
  /** The files that it changed. */
  files: CheckpointFileItem[];
}

/** One file of a change. */
export interface CheckpointFileItem {
  /** The file. */
  uri: string;
  /** The file, relative to the folder of the checkpoint where it lies in it, with `/` between parts. */
  path: string;
  /** What the change did to it. */
  change: "change" | "create" | "delete";
  /** `applied`: it was written. `pending`: it is being written. `not_applied`: it was not. Victor ended in it: `not_on_disk`, the file is as it was, but a document may have the change; `other`, the file is neither as it was nor as it was to become. */
  state: "pending" | "applied" | "not_applied" | "not_on_disk" | "other";
}

/** A restore that is not done. */
export interface CheckpointPreviewParams {
  /** Its name. */
  id: string;
  /** Only these files; all of the checkpoint without it. */
  uris?: string[] | null;
  /** Not only this checkpoint, but every one of its folder since, too. */
  since?: boolean;
}

/** What a restore would do. */
export interface CheckpointPreviewResult {
  /** The checkpoints that it would take back, the youngest first. */
  ids: string[];
  /** Every file that they changed. */
  files: CheckpointPreviewFile[];
}

/** What a restore would do to one file. */
export interface CheckpointPreviewFile {
  /** The file. */
  uri: string;
  /** The file, relative to the folder of the checkpoint where it lies in it, with `/` between parts. */
  path: string;
  /** What would be done. In a conflict nothing would: it is proposed as an edit to be reviewed. */
  how: "unchanged" | "change" | "create" | "delete" | "conflict" | "unreadable";
  /** What stood in the way, in words for a person; empty where nothing did. */
  why: string;
  /** The text as it is now; null where there is no file. */
  before: string | null;
  /** The text that it would have, in a conflict with every old part; null without a file. */
  after: string | null;
  /** In order. */
  conflicts: CheckpointConflict[];
}

/** Lines that were changed since, and would be taken back. */
export interface CheckpointConflict {
  /** Whole lines of the file as it is now. */
  range: Range;
  /** What stands there now. */
  mine: string;
  /** What would stand there. */
  theirs: string;
}

/** What is taken back. */
export interface CheckpointRestoreParams {
  /** Its name. */
  id: string;
  /** Only these files; all of the checkpoint without it. */
  uris?: string[] | null;
  /** Not only this checkpoint, but every one of its folder since, too. */
  since?: boolean;
  /** Where that contradicts what was changed since: the old text, not a proposal. */
  overwrite?: boolean;
}

/** What was taken back. */
export interface CheckpointRestoreResult {
  /** The restore's own checkpoints, which take it back; empty where nothing was written. */
  ids: string[];
  /** The edit set in which the conflicts are proposed; empty if none are. */
  editId: string;
  /** Every file that was meant. */
  files: CheckpointRestoredFile[];
}

/** What became of one file. */
export interface CheckpointRestoredFile {
  /** The file. */
  uri: string;
  /** The file, relative to the folder of the checkpoint where it lies in it, with `/` between parts. */
  path: string;
  /** `restored`: in its document, not saved, where the editor has it open, else on disk. `unchanged`: it was so already. All others are as they were. */
  how: "restored" | "unchanged" | "conflict" | "moved_on" | "refused";
  /** What stood in the way, in words for a person; empty where nothing did. */
  why: string;
}

/** Which edits. */
export interface EditListParams {
  /** Only those with hunks that are proposed, or applied and not looked at. */
  open?: boolean;
}

/** Edits, the youngest first, without their texts. */
export interface EditListResult {
  /** Those of this window that are remembered. */
  edits: EditItem[];
}

/** Changes that belong together. */
export interface EditItem {
  /** The edit's name. */
  id: string;
  /** One line that says what it is about. */
  title: string;
  /** The folder that it was made for. */
  root: string;
  /** When, ISO 8601. */
  madeAt: string;
  /** In order. */
  files: EditFile[];
  /** The chat that it comes from, if it is one. */
  sessionId?: string;
  /** The turn of that chat. */
  turnId?: string;
  /** The call of a tool. */
  callId?: string;
  /** The assist that it comes from, if it is one. */
  assist?: string;
}

/** What becomes of one file. */
export interface EditFile {
  /** The file, spelled as the client does where it has it open. */
  uri: string;
  /** Relative to the edit's folder where it lies in it. */
  path: string;
  /** A file that is made, deleted or moved has one hunk for the whole of it. */
  kind: "change" | "create" | "delete" | "move";
  /** In order. */
  hunks: EditHunk[];
  /** Where it is moved. */
  toUri?: string | null;
  /** What checking has found, for a person to read. */
  problems?: string[];
}

/** Lines that become others. */
export interface EditHunk {
  /** The hunk's name, within its edit. */
  id: string;
  /** `proposed`: nothing has happened yet. `applied`: it is in the file, and was not looked at. `kept`: it was accepted. `reverted`: it was rejected or undone, and is not in the file. `stale`: the text that it was made for has changed, and nothing was done. */
  state: "proposed" | "applied" | "kept" | "reverted" | "stale";
  /** The whole lines in which it stands now: the old ones, or the new ones where it is in the file. An empty range is the place between two lines. Null where it does not stand anywhere any more. */
  range: Range | null;
  /** How many lines there were. */
  oldLines: number;
  /** How many lines take their place. */
  newLines: number;
  /** What there was; of `victor/edit/get` only. */
  oldText?: string | null;
  /** What takes its place; of `victor/edit/get` only. */
  newText?: string | null;
  /** What the person said when it was decided. */
  reason?: string;
}

/** An edit. */
export interface EditParams {
  /** The edit's name. */
  id: string;
}

/** An edit with its texts. */
export interface EditGetResult {
  /** The edit. */
  edit: EditItem;
}

/** What is decided of hunks: of those that are named, else of the open ones of a file, else of all that are open. */
export interface EditResolveParams {
  /** The edit's name. */
  id: string;
  /** `accept` puts a hunk into the file, `reject` leaves it out or takes it out. `keep` leaves one in that is applied, `undo` takes it out. A hunk that is named can be decided again: a rejected one accepted. */
  decision: "accept" | "reject" | "keep" | "undo";
  /** The names of hunks. */
  hunks?: string[] | null;
  /** A file of the edit. */
  uri?: string | null;
  /** Why, for the model: told to it where it waits for this. */
  reason?: string;
}

/** What became of it. */
export interface EditResolveResult {
  /** The edit as it is now, without its texts. */
  edit: EditItem;
  /** What could not be done, and why, in sentences for a person; empty where all was done. */
  messages: string[];
}

/** An edit that is new, or of which something was decided, done or found to be stale. */
export interface EditChangedParams {
  /** The edit as it is now, without its texts. */
  edit: EditItem;
}

/** What is to be done with which lines. */
export interface EditProposeParams {
  /** The document, which must be open. */
  uri: string;
  /** The lines that it is about; an empty range stands for what is defined there. */
  range: Range;
  /** What to do with them. */
  instruction: string;
  /** A progress of the client's; without it one is made where the client shows any. */
  workDoneToken?: string | number | null;
  /** A name of the client's for `victor/edit/partial`, which is sent while the model answers. */
  partialToken?: string | number | null;
}

/** What came of it. */
export interface EditProposeResult {
  /** The edit, under review; null where there is nothing to change, or the person stopped it. */
  edit: EditItem | null;
  /** Which model answered. */
  model?: string;
}

/** What lines would become, as far as the model has come. */
export interface EditPartialParams {
  /** The `partialToken` of the request. */
  token: string | number;
  /** The document. */
  uri: string;
  /** Whole lines of the document as it was asked about. Another range takes the earlier one's place. */
  range: Range;
  /** What they would become: whole lines, in the place of what was told before. Empty when the model begins anew. */
  text: string;
  /** Which model answers. */
  model?: string;
}

/** Code of an answer, and where the person would have it. */
export interface EditOfferParams {
  /** The document, which must be open. */
  uri: string;
  /** The code: a code block's text, with or without its fences. */
  text: string;
  /** What is selected; an empty range is where the cursor is. */
  range?: Range | null;
  /** One line that says what it is about. */
  title?: string;
}

/** What came of it. */
export interface EditOfferResult {
  /** The edit, under review; null where the document is like that already. */
  edit: EditItem | null;
  /** Where it would go, in a sentence for a person. */
  placed: string;
}

/** Of which changes. */
export interface CommitMessageParams {
  /** URI or path of a workspace folder; the first one without it. */
  root?: string | null;
  /** A progress of the client's; without it one is made where the client shows any. */
  workDoneToken?: string | number | null;
}

/** A message for the next commit. */
export interface CommitMessageResult {
  /** The message; empty where the person stopped it. */
  message: string;
  /** Which model answered. */
  model?: string;
}

/** Every method by a name of its own. */
export const Method = {
  search: "victor/search",
  status: "victor/status",
  statusDidChange: "victor/status/didChange",
  indexStatus: "victor/index/status",
  indexPause: "victor/index/pause",
  indexResume: "victor/index/resume",
  indexRebuild: "victor/index/rebuild",
  chatNew: "victor/chat/new",
  chatPrompt: "victor/chat/prompt",
  chatCancel: "victor/chat/cancel",
  chatSteer: "victor/chat/steer",
  chatRetry: "victor/chat/retry",
  chatList: "victor/chat/list",
  chatLoad: "victor/chat/load",
  chatFork: "victor/chat/fork",
  chatRename: "victor/chat/rename",
  chatDelete: "victor/chat/delete",
  chatCommands: "victor/chat/commands",
  chatQueryContext: "victor/chat/queryContext",
  chatUpdate: "victor/chat/update",
  modelsList: "victor/models/list",
  modelsEdit: "victor/models/edit",
  profileSet: "victor/profile/set",
  modeSet: "victor/mode/set",
  usage: "victor/usage",
  modelsAsk: "victor/models/ask",
  modelsAnswer: "victor/models/answer",
  contextPreview: "victor/context/preview",
  editorDiagnostics: "victor/editor/diagnostics",
  trustGet: "victor/trust/get",
  trustSet: "victor/trust/set",
  permissionsList: "victor/permissions/list",
  permissionsSet: "victor/permissions/set",
  permissionRequest: "victor/permission/request",
  checkpointList: "victor/checkpoint/list",
  checkpointPreview: "victor/checkpoint/preview",
  checkpointRestore: "victor/checkpoint/restore",
  editList: "victor/edit/list",
  editGet: "victor/edit/get",
  editResolve: "victor/edit/resolve",
  editDidChange: "victor/edit/didChange",
  editPropose: "victor/edit/propose",
  editPartial: "victor/edit/partial",
  editOffer: "victor/edit/offer",
  assistCommitMessage: "victor/assist/commitMessage",
} as const;

/** What the server answers. */
export interface ServerRequests {
  /** Find code by words and by names. While the index is being built, the answer is what there is, and `partial`. */
  "victor/search": { params: SearchParams; result: SearchResult };
  /** What the server is doing. Answers at once. */
  "victor/status": { params: RootParams; result: StatusResult };
  /** Where the index stands. Answers at once. */
  "victor/index/status": { params: RootParams; result: IndexStatusResult };
  /** Stop to index. What is indexed stays searchable. */
  "victor/index/pause": { params: RootParams; result: IndexStatusResult };
  /** Go on to index. */
  "victor/index/resume": { params: RootParams; result: IndexStatusResult };
  /** Throw the index away and build it anew; answers once that has begun. */
  "victor/index/rebuild": { params: RootParams; result: IndexStatusResult };
  /** Begin a chat. It belongs to this window; it is listed once something was asked in it. */
  "victor/chat/new": { params: ChatNewParams; result: ChatNewResult };
  /** Ask something. Updates follow as the answer comes; the response comes at its end. Cancelling the request stops the answer, as `victor/chat/cancel` does. */
  "victor/chat/prompt": { params: ChatPromptParams; result: ChatPromptResult };
  /** Stop the answer that is being written; its prompt is then answered with `cancelled`. */
  "victor/chat/cancel": { params: ChatSessionParams; result: ChatCancelResult };
  /** Say something to the model while it answers. */
  "victor/chat/steer": { params: ChatSteerParams; result: null };
  /** Ask the last question again. */
  "victor/chat/retry": { params: ChatRetryParams; result: ChatPromptResult };
  /** The chats that there are. */
  "victor/chat/list": { params: ChatListParams; result: ChatListResult };
  /** Open a chat and send what happened in it as updates. Secrets are kept as placeholders, and stay that. A turn that the end of the program cut off ends with the stop reason `interrupted`. While an answer is being written, what it says until now is among them, and the rest follows. Fails while another window has the chat. */
  "victor/chat/load": { params: ChatLoadParams; result: ChatLoadResult };
  /** Begin a new chat with the turns of another one. */
  "victor/chat/fork": { params: ChatForkParams; result: ChatNewResult };
  /** Give a chat another title. */
  "victor/chat/rename": { params: ChatRenameParams; result: null };
  /** Forget a chat and its receipts. */
  "victor/chat/delete": { params: ChatSessionParams; result: null };
  /** The slash commands that a question may begin with. */
  "victor/chat/commands": { params: NoParams; result: ChatCommandsResult };
  /** Complete a question: its command, or what it mentions. */
  "victor/chat/queryContext": { params: ChatQueryContextParams; result: ChatQueryContextResult };
  /** The profiles, whether or not their servers answer. */
  "victor/models/list": { params: NoParams; result: ModelsListResult };
  /** For a person who wants to name models. Where there is no `profiles.yaml` it is made, with the ways to a first model as comments. As a command it is opened too, by `window/showDocument`. */
  "victor/models/edit": { params: NoParams; result: ModelsEditResult };
  /** Choose who answers. The policy holds all the same. */
  "victor/profile/set": { params: ProfileSetParams; result: ProfileSetResult };
  /** Choose how free the agent is, in all chats of this window from the next call of a tool on; recorded in the audit log, refused where that cannot be written. */
  "victor/mode/set": { params: ModeSetParams; result: ModeSetResult };
  /** What model calls have used, and what is left of the budgets. */
  "victor/usage": { params: UsageParams; result: UsageResult };
  /** Have a model go on with a conversation that is no chat of Victor's, for editors that offer models to their other parts. Nothing of the workspace is added and no tool is offered; policy, budgets, redaction, receipt and audit log are as for every call. Nothing is kept of it but those. A cancel stops it. */
  "victor/models/ask": { params: ModelsAskParams; result: ModelsAskResult };
  /** What a model would be shown for a question, and why. No model is called, and nothing leaves the machine. */
  "victor/context/preview": { params: ContextPreviewParams; result: ContextPreviewResult };
  /** Which folders are trusted. None is until a person says so, here or by `victor trust`. */
  "victor/trust/get": { params: RootParams; result: TrustResult };
  /** Trust a folder, or no more. Recorded in the audit log; refused where that cannot be written. */
  "victor/trust/set": { params: TrustSetParams; result: TrustResult };
  /** Which rules say what tools may do. */
  "victor/permissions/list": { params: PermissionsListParams; result: PermissionsListResult };
  /** Remember a rule as an answer for always, or take one back. Recorded in the audit log; an allow is refused where that cannot be written. */
  "victor/permissions/set": { params: PermissionsSetParams; result: PermissionsSetResult };
  /** The changes that were applied, each of which can be taken back. Nothing is asked of a model. */
  "victor/checkpoint/list": { params: CheckpointListParams; result: CheckpointListResult };
  /** What a restore would do now. What was typed since stays, or is a conflict. */
  "victor/checkpoint/preview": { params: CheckpointPreviewParams; result: CheckpointPreviewResult };
  /** Take changes back. A restore is a checkpoint itself, so it can be taken back too. */
  "victor/checkpoint/restore": { params: CheckpointRestoreParams; result: CheckpointRestoreResult };
  /** The edits of this window. */
  "victor/edit/list": { params: EditListParams; result: EditListResult };
  /** An edit with the texts of its hunks, which are the file's own: secrets are not taken out. */
  "victor/edit/get": { params: EditParams; result: EditGetResult };
  /** Decides about hunks. What the editor has open is changed by `workspace/applyEdit` before this is answered, and not saved; other files are written. Every change is kept as a checkpoint first. The command answers null at once, and what could not be done is shown. */
  "victor/edit/resolve": { params: EditResolveParams; result: EditResolveResult };
  /** Has a model change lines as the person says. Answered once the change is under review, with `victor/edit/list`'s shape; nothing is in a file before it is accepted. In editors without it a comment `victor: …` above the lines says what to do, and a code action does it. */
  "victor/edit/propose": { params: EditProposeParams; result: EditProposeResult };
  /** Makes an edit under review of code that stands in an answer; no model is asked. Search and replace blocks and patches are applied. Code that defines anew what the document defines takes its place; other code takes the place of the selected lines, or goes where the cursor is. Where that could be two places, or none, nothing is done, and an error of the kind `usage` says what to select. */
  "victor/edit/offer": { params: EditOfferParams; result: EditOfferResult };
  /** Has a model write the message of what is staged, in the manner of the last ones. With nothing staged it fails with the kind `usage`, and no model is asked. */
  "victor/assist/commitMessage": { params: CommitMessageParams; result: CommitMessageResult };
}

/** What the server asks. */
export interface ClientRequests {
  /** What the editor's other language servers report. Sent to clients that announce `diagnostics`; without it a model is shown only what Victor itself finds. */
  "victor/editor/diagnostics": { params: EditorDiagnosticsParams; result: EditorDiagnosticsResult };
  /** Asks the person whether a tool may do something. Sent to clients that announce `permission`; others get `window/showMessageRequest`. It is taken back with `$/cancelRequest` when the turn is stopped; answer `cancelled` then. Several may be open at once. Never answer for the person. */
  "victor/permission/request": { params: PermissionRequestParams; result: PermissionRequestResult };
}

/** What the server tells. */
export interface ServerNotifications {
  /** Sent at each change of the status, a few times a second at most, to clients that announce `status`. */
  "victor/status/didChange": StatusResult;
  /** Something happened in a chat. Sent to clients that announce `chat`; pieces of text are joined to at most one update in 30 ms. */
  "victor/chat/update": ChatUpdateParams;
  /** The answer to `victor/models/ask` as it comes, to clients that announce `models`. It ends with the response. */
  "victor/models/answer": ModelsAnswerParams;
  /** An edit is new, or another one than it was. Sent to clients that announce `review`. Hunks are shown as diagnostics with code actions all the same. */
  "victor/edit/didChange": EditChangedParams;
  /** Sent while `victor/edit/propose` runs, where it has a `partialToken`: twenty times a second at most, and for answers that are about the document's own lines. It is for the eye alone. What was told counts for nothing once the request is answered: only what its `edit` says can be accepted, and an answer that could not be applied is asked for again. */
  "victor/edit/partial": EditPartialParams;
}

/** Why a request failed: `data.kind` of its error. */
export type ErrorKind =
  | "usage"
  | "bad_settings"
  | "history_failed"
  | "not_trusted"
  | "offline_blocked"
  | "secret_blocked"
  | "budget_exceeded"
  | "audit_failed"
  | "no_model"
  | "provider_unavailable"
  | "rate_limited"
  | "context_too_long"
  | "refused"
  | "request_rejected"
  | "provider_auth"
  | "bad_response"
  | "fault"
  | "unavailable"
  | "worker_unavailable"
  | "workspace_not_found"
  | "store_unreadable"
  | "disk_full";
