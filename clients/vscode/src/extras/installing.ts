// Makes Victor's own Python environment and installs the server into it.

import { spawn } from "node:child_process";
import { mkdir, rm } from "node:fs/promises";
import path from "node:path";
import type { CancellationToken, LogOutputChannel } from "vscode";
import { programIn } from "../server/candidates.ts";
import { ServerError } from "../server/connection.ts";
import { type Invocation, installArguments, lastWords, pythonNames, readPython, WHO } from "./pythons.ts";

const WINDOWS = process.platform === "win32";

export interface Python extends Invocation {
  readonly version: string;
  readonly executable: string;
}

export interface Installation {
  readonly python: Python;
  readonly environment: string;
  /** What pip is asked for: a name, or the path or address of a wheel. */
  readonly wanted: string;
  readonly log: LogOutputChannel;
  readonly token: CancellationToken;
  step(message: string): void;
}

/** The first Python on this machine that is new enough. */
export async function findPython(
  log: LogOutputChannel,
  token: CancellationToken,
): Promise<Python | undefined> {
  for (const each of pythonNames(WINDOWS)) {
    const printed = await run(each.command, [...each.args, "-I", "-c", WHO], { log, token }).catch(orNothing);
    const found = readPython(printed);
    if (found !== undefined) {
      return { ...each, ...found };
    }
  }
  return undefined;
}

/** A Python that is not there or does not run is none; what the person stopped is stopped. */
function orNothing(error: unknown): string {
  if (error instanceof ServerError && error.kind === "cancelled") {
    throw error;
  }
  return "";
}

/** Rejects with what to do next; then nothing is left of it. */
export async function install(wish: Installation): Promise<void> {
  const { python, environment } = wish;
  try {
    wish.step("making an environment…");
    await mkdir(path.dirname(environment), { recursive: true });
    await run(python.executable, ["-I", "-m", "venv", "--clear", environment], wish);
    wish.step("installing the server…");
    await run(
      programIn(environment, { windows: WINDOWS, path }, "python"),
      ["-I", ...installArguments(wish.wanted)],
      wish,
    );
  } catch (error) {
    await rm(environment, { recursive: true, force: true });
    throw error;
  }
}

/** What it printed; it works in a folder that holds nothing of the workspace. */
async function run(
  command: string,
  args: readonly string[],
  { log, token }: Pick<Installation, "log" | "token">,
): Promise<string> {
  log.info(`Running ${[command, ...args].join(" ")}`);
  const child = spawn(command, args, { cwd: path.parse(process.execPath).root, windowsHide: true });
  const stop = token.onCancellationRequested(() => child.kill());
  let printed = "";
  const take = (data: Buffer) => {
    printed += data.toString();
    log.debug(data.toString().trimEnd());
  };
  child.stdout.on("data", take);
  child.stderr.on("data", take);
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", resolve);
  }).finally(() => stop.dispose());
  if (token.isCancellationRequested) {
    throw new ServerError("Stopped. Nothing was installed.", "cancelled");
  }
  if (code !== 0) {
    throw new ServerError(lastWords(printed), "usage");
  }
  return printed;
}
