// What the status bar says: pure words for a state of the server and its last status.

import { amount } from "../amounts.ts";
import type { IndexStatus, StatusResult } from "../protocol.ts";
import type { Connection } from "../server/connection.ts";

/** One entry: `text` with an icon, `label` for those who hear it, `details` a line each. */
export interface Entry {
  readonly text: string;
  readonly label: string;
  readonly details: readonly string[];
  readonly alarm: "" | "warning" | "error";
}

const NOTHING: Entry = { text: "", label: "", details: [], alarm: "" };

type Standing = Pick<Connection, "state" | "detail" | "problem">;

/** How the server and its index stand; then, if there is anything to say, who answers, how free, and what is left. */
export function statusEntry(server: Standing, status: StatusResult | undefined): Entry {
  if (server.state !== "running") {
    return withoutServer(server);
  }
  if (status === undefined) {
    return plain("$(loading~spin) Victor", "Victor is starting");
  }
  const index = indexEntry(status);
  const parts = [whereabouts(status), team(status.team), mode(status.mode), budgetLeft(status.budget)];
  const said = parts.map(({ text }) => text).filter((each) => each !== "");
  return {
    text: [index.text, ...said].join(", ").replace(/^(\$\(\S+\) Victor), /, "$1: "),
    label: [index.label, ...parts.map(({ label }) => label).filter((each) => each !== "")].join("; "),
    details: [...index.details, ...parts.flatMap(({ details }) => details)],
    alarm: parts.find(({ alarm }) => alarm !== "")?.alarm ?? index.alarm,
  };
}

function withoutServer({ state, detail, problem }: Standing): Entry {
  if (problem === "missing") {
    return { ...plain("$(tools) Victor: set up", `Set up Victor. ${detail}`), alarm: "warning" };
  }
  switch (state) {
    case "starting":
      return plain("$(loading~spin) Victor", "Victor is starting");
    case "restarting":
      return {
        ...plain("$(sync~spin) Victor: restarting", detail || "Victor is restarting"),
        alarm: "warning",
      };
    case "failed":
      return { ...plain("$(error) Victor: not running", detail || "Victor is not running"), alarm: "error" };
    default:
      return plain("$(circle-slash) Victor: stopped", "Victor is stopped");
  }
}

function indexEntry({ index, indexes, restricted }: StatusResult): Entry {
  const { text, label, alarm } = indexWords(index);
  const folders = indexes.length > 1 ? indexes : [index];
  return {
    text,
    label,
    alarm,
    details: [
      ...folders.filter((each) => each.root !== "").map(folderLine),
      ...(restricted
        ? ["This folder is not trusted in the editor: nothing in it counts, and nothing is changed or run."]
        : []),
    ],
  };
}

function indexWords(index: IndexStatus): Omit<Entry, "details"> {
  const files = count(index.files_total, "file");
  switch (index.state) {
    case "ready":
      return index.root === ""
        ? { text: "$(check) Victor", label: "Victor is ready; no folder is open", alarm: "" }
        : { text: "$(check) Victor", label: `Victor: the index is ready, ${files}`, alarm: "" };
    case "paused":
      return { text: "$(debug-pause) Victor: paused", label: "Victor: indexing is paused", alarm: "" };
    case "error":
      return {
        text: "$(warning) Victor: index error",
        label: `Victor: index error. ${index.detail}`,
        alarm: "warning",
      };
    case "scanning":
      return { text: "$(sync~spin) Victor: scanning", label: "Victor is looking for files", alarm: "" };
    default:
      return {
        text: `$(sync~spin) Victor: ${index.files_done}/${index.files_total}`,
        label: `Victor is indexing: ${index.files_done} of ${files}`,
        alarm: "",
      };
  }
}

function folderLine(index: IndexStatus): string {
  const name =
    index.root
      .split(/[/\\]/)
      .filter((each) => each !== "")
      .at(-1) ?? index.root;
  const state = {
    ready: `ready, ${count(index.files_total, "file")}`,
    paused: `paused at ${index.files_done} of ${count(index.files_total, "file")}`,
    error: "error",
    scanning: "looking for files",
    indexing: `${index.files_done} of ${count(index.files_total, "file")}`,
  }[index.state];
  return `Index of ${name}: ${state}${index.detail === "" ? "" : `. ${index.detail}`}`;
}

function whereabouts({ offline, route }: StatusResult): Entry {
  const model = [route.profile, route.model]
    .filter((each) => typeof each === "string" && each !== "")
    .join(", ");
  const asked = model === "" ? [] : [`Last answer: ${model}${reasonOf(route)}`];
  if (offline) {
    const details = ["Offline: nothing outside of this machine is reached.", ...asked];
    return { text: "offline", label: "offline", details, alarm: "" };
  }
  if (model === "") {
    return NOTHING;
  }
  return route.leavesMachine === true
    ? { text: "cloud", label: "the last answer came from the cloud", details: asked, alarm: "" }
    : { text: "local", label: "the last answer came from this machine", details: asked, alarm: "" };
}

function reasonOf(route: StatusResult["route"]): string {
  return typeof route.reason === "string" && route.reason !== "" ? ` (${route.reason})` : "";
}

/** A backend that answers is not worth a word in the line; one that is away, or does not know the person, is. */
function team(told: StatusResult["team"]): Entry {
  const { url, state, tenant, user, backlog, trouble } = told;
  if (typeof url !== "string" || url === "") {
    return NOTHING;
  }
  const waiting =
    typeof backlog === "number" && backlog > 0 ? `, ${count(backlog, "record")} to deliver` : "";
  const why = typeof trouble === "string" && trouble !== "" ? `. ${trouble}` : "";
  const details = [
    `Team ${String(tenant)} at ${url} as ${String(user)}: ${teamState(state)}${waiting}${why}`,
  ];
  switch (state) {
    case "login_needed":
      return { text: "team: log in", label: "the team's backend needs a login", details, alarm: "warning" };
    case "away":
      return { text: "team away", label: "the team's backend is away", details, alarm: "" };
    default:
      return why === ""
        ? { text: "", label: "", details, alarm: "" }
        : { text: "team trouble", label: "trouble with the team's backend", details, alarm: "warning" };
  }
}

function teamState(state: unknown): string {
  switch (state) {
    case "attached":
      return "attached";
    case "away":
      return "away; what is local goes on";
    case "login_needed":
      return "log in again, with `victor login` in a terminal";
    case "idle":
      return "not needed yet";
    default:
      return "connecting";
  }
}

/** The usual one is not worth a word in a line that is always there. */
function mode(now: StatusResult["mode"]): Entry {
  const label = `mode ${now}`;
  switch (now) {
    case "plan":
      return { text: now, label, details: ["Mode plan: nothing is changed and nothing is run."], alarm: "" };
    case "ask":
      return {
        ...{ text: now, label, alarm: "" },
        details: ["Mode ask: every change and every command is asked for."],
      };
    case "build":
      return { text: "", label: "", details: ["Mode build: your permissions decide."], alarm: "" };
    default:
      return NOTHING;
  }
}

function budgetLeft(budget: StatusResult["budget"]): Entry {
  const { name, unit, limit, used, left } = budget;
  if (typeof limit !== "number" || typeof left !== "number" || limit <= 0) {
    return NOTHING;
  }
  const percent = Math.max(0, Math.floor((100 * left) / limit));
  return {
    text: percent <= 20 ? `budget ${percent} %` : "",
    label: `${percent} percent of the budget left`,
    details: [`Budget ${String(name)}: ${amount(used, unit)} of ${amount(limit, unit)} used`],
    alarm: percent <= 20 ? "warning" : "",
  };
}

function count(n: number, what: string): string {
  return `${n.toLocaleString("en-US")} ${what}${n === 1 ? "" : "s"}`;
}

function plain(text: string, label: string): Entry {
  return { text, label, details: [label], alarm: "" };
}
