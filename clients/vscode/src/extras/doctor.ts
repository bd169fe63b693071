// “Doctor” and “Report”: why does it not work, and what to attach to a bug report. Both work without a server.

import { commands, type ExtensionContext, ProgressLocation, window, workspace } from "vscode";
import { showInformationMessage } from "../notices.ts";
import type { Candidate } from "../server/candidates.ts";
import { ServerError } from "../server/connection.ts";
import { findServer } from "../server/find.ts";
import type { Server } from "../server/server.ts";
import { telling } from "../telling.ts";
import { runCommand } from "./cli.ts";
import { doctorPage } from "./doctorText.ts";
import type { ShowPage } from "./pages.ts";

export function registerDoctor(context: ExtensionContext, server: Server, show: ShowPage): void {
  const run = async (title: string, args: readonly string[]) => {
    const program = await needed(context, server);
    return { program, ...(await printed(program, title, args)) };
  };
  const doctor = async () => {
    const { program, stdout, stderr } = await run("Victor: looking at everything…", ["doctor", "--json"]);
    const page = doctorPage(stdout, program.command);
    if (page === undefined) {
      throw new ServerError(`victor doctor printed no findings. ${stderr.trim().slice(-500)}`);
    }
    await show("Doctor", page);
  };
  const report = async () => {
    const { stdout, stderr } = await run("Victor: writing a report…", ["report", ...root()]);
    if (stdout.trim() === "") {
      throw new ServerError(`victor report printed nothing. ${stderr.trim().slice(-500)}`);
    }
    const document = await workspace.openTextDocument({ language: "markdown", content: stdout });
    await window.showTextDocument(document);
    void showInformationMessage("Read the report before you send it. Nothing was sent.");
  };
  context.subscriptions.push(
    commands.registerCommand("victor.runDoctor", telling(doctor)),
    commands.registerCommand("victor.writeReport", telling(report)),
  );
}

async function needed(context: ExtensionContext, server: Server): Promise<Candidate> {
  const program = server.found ?? (await findServer(context, server.log));
  if (program === undefined) {
    throw new ServerError("Victor's program was not found.", "missing", "Run “Victor: Set Up…” first.");
  }
  return program;
}

async function printed(program: Candidate, title: string, args: readonly string[]) {
  return window.withProgress(
    { location: ProgressLocation.Notification, title, cancellable: true },
    async (_, token) => {
      try {
        return await runCommand(program, args, token);
      } catch (error) {
        throw token.isCancellationRequested ? new ServerError("Stopped.", "cancelled") : error;
      }
    },
  );
}

function root(): string[] {
  const folder = workspace.workspaceFolders?.find((each) => each.uri.scheme === "file");
  return folder === undefined ? [] : [folder.uri.fsPath];
}
