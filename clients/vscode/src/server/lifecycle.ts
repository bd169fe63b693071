// Starts the server, ends it, and starts it again when it ended by itself: one process at a time.

import { EventEmitter, type LogOutputChannel } from "vscode";
import type { LanguageClient } from "vscode-languageclient/node";
import { WITHIN_MS, waitBeforeStart } from "./backoff.ts";
import type { Candidate } from "./candidates.ts";
import type { Problem, State } from "./connection.ts";
import { toServerError } from "./failures.ts";
import { endProcess, type Started, startProcess } from "./process.ts";
import { turns } from "./turns.ts";

export interface LifecycleParts {
  readonly log: LogOutputChannel;
  /** Where the process works: a folder of the extension's own, never the workspace. */
  readonly cwd: string;
  find(): Promise<Candidate | undefined>;
  makeClient(started: Started, onClosed: () => void): Promise<LanguageClient>;
}

interface Run extends Started {
  readonly client: LanguageClient;
  up: boolean;
  closing: boolean;
}

const START_LIMIT_MS = 60_000;
const MISSING = "Victor's program was not found on this machine.";
const TOO_OFTEN = "Victor's server ended several times within minutes, so it is not started again.";

export type Lifecycle = ReturnType<typeof createLifecycle>;

export function createLifecycle(parts: LifecycleParts) {
  const { log } = parts;
  const changed = new EventEmitter<State>();
  const turn = turns();
  const now = {
    state: "starting" as State,
    detail: "",
    problem: "" as Problem,
    found: undefined as Candidate | undefined,
  };
  let run: Run | undefined;
  let timer: NodeJS.Timeout | undefined;
  let endedAt: number[] = [];

  const set = (state: State, detail = "", problem: Problem = "") => {
    Object.assign(now, { state, detail, problem });
    log.debug(`The server is ${state}. ${detail}`);
    changed.fire(state);
  };

  async function bringUp(state: State, automatic: boolean): Promise<void> {
    set(state, automatic ? now.detail : "");
    now.found = await parts.find();
    if (now.found === undefined) {
      return set("failed", MISSING, "missing");
    }
    log.info(`Starting ${[now.found.command, ...now.found.args].join(" ")} (${now.found.origin})`);
    let started: Started | undefined;
    try {
      started = await startProcess(now.found, parts.cwd, log);
      await connect(started);
      set("running");
    } catch (error) {
      const interrupted = run?.closing === true;
      await takeDown();
      if (!interrupted) {
        log.error(`The server does not start: ${toServerError(error).message}`);
        automatic ? again() : set("failed", whyNot(now.found, error, started?.lastLines), "broken");
      }
    }
  }

  async function connect(started: Started): Promise<void> {
    const mine: Run = {
      ...started,
      client: await parts.makeClient(started, () => closed(mine)),
      up: false,
      closing: false,
    };
    run = mine;
    // Children of the server may hold its output open: its end is the process's end.
    started.child.once("exit", () => started.child.stdout?.destroy());
    const slow = setTimeout(() => started.child.kill("SIGKILL"), START_LIMIT_MS);
    await mine.client.start().finally(() => clearTimeout(slow));
    mine.up = true;
  }

  function closed(mine: Run): void {
    if (mine.up && !mine.closing && mine === run) {
      run = undefined;
      void endProcess(mine.child);
      log.error("The server's process ended by itself.");
      again();
    }
  }

  function again(): void {
    const at = Date.now();
    endedAt = [...endedAt.filter((each) => at - each < WITHIN_MS), at];
    const wait = waitBeforeStart(endedAt, at);
    if (wait === undefined) {
      return set("failed", TOO_OFTEN, "crashes");
    }
    set("restarting", "Victor's server ended by itself and is being started again.");
    timer = setTimeout(() => void turn(() => bringUp("restarting", true)), wait);
  }

  async function takeDown(): Promise<void> {
    clearTimeout(timer);
    const old = run;
    run = undefined;
    if (old !== undefined) {
      old.closing = true;
      await (old.up ? old.client.stop() : Promise.resolve()).catch((error) =>
        log.debug(`On stopping: ${error}`),
      );
      await endProcess(old.child);
    }
  }

  /** A start that is under way is not waited for. */
  function interrupt(): void {
    clearTimeout(timer);
    endedAt = [];
    if (run !== undefined && !run.up) {
      run.closing = true;
      run.child.kill();
    }
  }

  return {
    now: now as Readonly<typeof now>,
    onDidChangeState: changed.event,
    /** The client of the server that runs. */
    running: () => (run?.up === true ? run.client : undefined),
    start: () => turn(() => bringUp("starting", false)),
    restart: () => {
      interrupt();
      return turn(async () => {
        await takeDown();
        await bringUp("starting", false);
      });
    },
    stop: () => {
      interrupt();
      return turn(async () => {
        await takeDown();
        set("stopped");
      });
    },
  };
}

function whyNot(program: Candidate, error: unknown, lines: readonly string[] | undefined): string {
  const why = lines?.slice(-2).join(" ") || toServerError(error).message;
  return `${program.command} does not start: ${why}`;
}
