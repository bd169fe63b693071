// Finds the server's program on this machine.

import { constants } from "node:fs";
import { access } from "node:fs/promises";
import { homedir } from "node:os";
import path from "node:path";
import { type ExtensionContext, type LogOutputChannel, Uri, workspace } from "vscode";
import { type Candidate, candidates, type Surroundings } from "./candidates.ts";

/** The first program that is there and may be run. */
export async function findServer(
  context: ExtensionContext,
  log: LogOutputChannel,
): Promise<Candidate | undefined> {
  for (const each of candidates(surroundings(context))) {
    if (await mayRun(each.command)) {
      return each;
    }
    log.debug(`Not there, or not to be run: ${each.command}`);
  }
  return undefined;
}

/** What is looked at, as it is now. */
export function surroundings(context: ExtensionContext): Surroundings {
  const setting = workspace.getConfiguration("victor").get<unknown>("editor.command");
  return {
    setting: Array.isArray(setting) ? setting.filter((each) => typeof each === "string") : null,
    folders: (workspace.workspaceFolders ?? [])
      .filter((each) => each.uri.scheme === "file")
      .map((each) => each.uri.fsPath),
    trusted: workspace.isTrusted,
    home: homedir(),
    managed: managedEnvironment(context),
    windows: process.platform === "win32",
    searchPath: process.env.PATH ?? process.env.Path ?? "",
    path,
  };
}

/** The folder of the environment that the extension makes where a person agrees. */
export function managedEnvironment(context: ExtensionContext): string {
  return Uri.joinPath(context.globalStorageUri, "environment").fsPath;
}

export async function mayRun(file: string): Promise<boolean> {
  return access(file, constants.X_OK).then(
    () => true,
    () => false,
  );
}
