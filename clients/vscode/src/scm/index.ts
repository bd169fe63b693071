// Writes a commit message about what is staged into the box of the editor's Git extension.

import { commands, type ExtensionContext, extensions, ProgressLocation, type Uri, window } from "vscode";
import { showErrorMessage, showInformationMessage, showWarningMessage } from "../notices.ts";
import { Method } from "../protocol.ts";
import type { Connection } from "../server/connection.ts";
import { inWords, toServerError } from "../server/failures.ts";
import { type Repository, repositoryFor } from "./repositories.ts";

type GitRepository = Repository<Uri>;

export function writeCommitMessages(context: ExtensionContext, server: Connection): void {
  const run = async (source?: { rootUri?: Uri }): Promise<unknown> => {
    const repository = await chosen(source?.rootUri?.toString());
    try {
      return repository && (await write(server, repository));
    } catch (error) {
      return toServerError(error).kind === "cancelled" ? undefined : showErrorMessage(inWords(error));
    }
  };
  context.subscriptions.push(commands.registerCommand("victor.commitMessage", run));
}

async function write(server: Connection, { rootUri, inputBox }: GitRepository): Promise<unknown> {
  const message = await window.withProgress(
    { location: ProgressLocation.Notification, title: "Victor writes a commit message…", cancellable: true },
    async (_, token) => {
      const root = rootUri.toString();
      return (await server.request(Method.assistCommitMessage, { root }, token)).message;
    },
  );
  const before = inputBox.value;
  if (message === "" || message === before || !(await mayReplace(before))) {
    return undefined;
  }
  inputBox.value = message;
  await commands.executeCommand("workbench.view.scm");
  if (
    before.trim() !== "" &&
    (await showInformationMessage("The message was replaced.", "Undo")) === "Undo"
  ) {
    inputBox.value = before;
  }
  return undefined;
}

/** What a person has typed is theirs. */
async function mayReplace(before: string): Promise<boolean> {
  if (before.trim() === "") {
    return true;
  }
  const ask = "Replace the commit message that you have typed?";
  return (await showWarningMessage(ask, { modal: true, detail: before }, "Replace")) === "Replace";
}

async function chosen(root: string | undefined): Promise<GitRepository | undefined> {
  const repositories = await knownRepositories();
  const found = repositoryFor(repositories, root);
  if (found || repositories.length === 0) {
    if (!found) {
      void showInformationMessage(
        "Open a folder that is a Git repository, and stage what you want to commit.",
      );
    }
    return found;
  }
  const items = repositories.map((repository) => ({ label: repository.rootUri.fsPath, repository }));
  return (await window.showQuickPick(items, { title: "Write a commit message for" }))?.repository;
}

async function knownRepositories(): Promise<readonly GitRepository[]> {
  const git = extensions.getExtension("vscode.git");
  const api = (git?.isActive ? git.exports : await git?.activate()) as
    | { enabled: boolean; getAPI(version: 1): { repositories: readonly GitRepository[] } }
    | undefined;
  return api?.enabled ? api.getAPI(1).repositories : [];
}
