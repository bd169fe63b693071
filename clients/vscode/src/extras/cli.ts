// Runs one of the program's own commands, which need no running server.

import { execFile } from "node:child_process";
import { homedir } from "node:os";
import type { CancellationToken } from "vscode";
import { commandLine, type Program } from "./commandLine.ts";

const MOST_BYTES = 8 * 1024 * 1024;

/** What it printed, whatever its exit code was; rejects when it could not be run, or was stopped. */
export function runCommand(
  program: Program,
  args: readonly string[],
  token: CancellationToken,
): Promise<{ stdout: string; stderr: string }> {
  const [command, ...all] = commandLine(program, args);
  return new Promise((resolve, reject) => {
    const child = execFile(
      command,
      all,
      { cwd: homedir(), maxBuffer: MOST_BYTES, windowsHide: true },
      (error, stdout, stderr) => {
        // A check that fails is an exit code, and its page is to be read all the same.
        const ran = error === null || typeof error.code === "number";
        ran ? resolve({ stdout, stderr }) : reject(error);
      },
    );
    token.onCancellationRequested(() => child.kill());
  });
}
