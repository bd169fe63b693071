// The server's process: how it is started, heard and ended.

import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import type { LogOutputChannel } from "vscode";
import type { Candidate } from "./candidates.ts";
import { lineReader } from "./logLines.ts";

const KEPT_LINES = 5;
const GRACE_MS = 1_500;

/** A process that runs, and the end of what it wrote to its log. */
export interface Started {
  readonly child: ChildProcess;
  readonly lastLines: readonly string[];
}

/** Starts it; rejects when the program cannot be run. What it logs goes to `log`. */
export async function startProcess(program: Candidate, cwd: string, log: LogOutputChannel): Promise<Started> {
  const child = spawn(program.command, program.args, { cwd, stdio: "pipe", windowsHide: true });
  const lastLines: string[] = [];
  const read = lineReader();
  createInterface({ input: child.stderr, crlfDelay: Number.POSITIVE_INFINITY }).on("line", (line) => {
    const { level, text } = read(line);
    log[level](text);
    lastLines.push(text);
    lastLines.splice(0, lastLines.length - KEPT_LINES);
  });
  child.stdin.on("error", (error) => log.debug(`The server's input: ${error.message}`));
  await once(child, "spawn");
  child.on("error", (error) => log.error(`The server's process: ${error.message}`));
  return { child, lastLines };
}

/** Ends it: politely, then without asking. */
export async function endProcess(child: ChildProcess): Promise<void> {
  if (hasEnded(child)) {
    return;
  }
  const ended = once(child, "exit");
  child.kill();
  const hard = setTimeout(() => child.kill("SIGKILL"), GRACE_MS);
  await ended;
  clearTimeout(hard);
}

export function hasEnded(child: ChildProcess): boolean {
  return child.exitCode !== null || child.signalCode !== null;
}
