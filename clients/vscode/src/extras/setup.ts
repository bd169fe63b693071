// Helps where no server was found: an environment of Victor's own, made with the person's consent, or a program they name.

import {
  ConfigurationTarget,
  commands,
  type ExtensionContext,
  ProgressLocation,
  Uri,
  window,
  workspace,
} from "vscode";
import { showErrorMessage, showInformationMessage } from "../notices.ts";
import { ServerError } from "../server/connection.ts";
import { toServerError } from "../server/failures.ts";
import { managedEnvironment } from "../server/find.ts";
import type { Server } from "../server/server.ts";
import { telling } from "../telling.ts";
import { findPython, install, type Python } from "./installing.ts";

const PACKAGE = "victor-language-server";

/** Whether an installation is under way: it says itself how it ended. */
export function registerSetup(context: ExtensionContext, server: Server): () => boolean {
  let installing = false;
  const register = (name: string, run: () => Promise<unknown>) =>
    context.subscriptions.push(commands.registerCommand(name, telling(run)));
  register("victor.installServer", async () => {
    installing = true;
    await installServer(context, server).finally(() => {
      installing = false;
    });
  });
  register("victor.chooseProgram", chooseProgram);
  register("victor.readSetup", () => readSetup(context));
  register("victor.setUp", setUp);
  return () => installing;
}

async function setUp(): Promise<void> {
  const chosen = await window.showQuickPick(
    [
      {
        label: "$(desktop-download) Install Victor…",
        detail: "Into a Python environment of its own, after you have agreed.",
        command: "victor.installServer",
      },
      {
        label: "$(file-binary) Choose a Program…",
        detail: "Where victor is installed already.",
        command: "victor.chooseProgram",
      },
      {
        label: "$(book) Read How",
        detail: "Other ways, machines without a network, and models.",
        command: "victor.readSetup",
      },
    ],
    { title: "Set up Victor" },
  );
  if (chosen !== undefined) {
    await commands.executeCommand(chosen.command);
  }
}

async function installServer(context: ExtensionContext, server: Server): Promise<void> {
  const environment = managedEnvironment(context);
  const wanted = workspace.getConfiguration("victor").get<string | null>("editor.package") || PACKAGE;
  const progress = { location: ProgressLocation.Notification, title: "Victor", cancellable: true };
  const python = await window.withProgress(progress, async (_, token) => findPython(server.log, token));
  if (python === undefined) {
    throw new ServerError("No Python 3.11 or newer was found.", "missing", "Install one, then try again.");
  }
  if (!(await agrees(python, environment, wanted))) {
    return;
  }
  await server.stop(); // a program that runs cannot be replaced everywhere
  try {
    await window.withProgress(progress, async (report, token) => {
      const step = (message: string) => report.report({ message });
      await install({ python, environment, wanted, log: server.log, token, step });
    });
  } catch (error) {
    await server.restart();
    return notInstalled(error);
  }
  await server.restart();
  if (server.state === "running") {
    void showInformationMessage("Victor is installed and runs.");
  }
}

async function notInstalled(error: unknown): Promise<void> {
  const { kind, message } = toServerError(error);
  const [logs, others] = ["Show Logs", "Other Ways…"];
  const chosen =
    kind === "cancelled"
      ? undefined
      : await showErrorMessage(`Victor was not installed. ${message}`, logs, others);
  if (chosen !== undefined) {
    await commands.executeCommand(chosen === logs ? "victor.showLogs" : "victor.setUp");
  }
}

async function agrees(python: Python, environment: string, wanted: string): Promise<boolean> {
  const yes = "Install";
  const detail = [
    `Python: ${python.version} (${python.executable})`,
    `Folder: ${environment}`,
    `Package: ${wanted}`,
    "It comes from the package index that your pip is set up for. Nothing else on this machine is changed.",
  ].join("\n");
  return (await showInformationMessage("Install Victor's server?", { modal: true, detail }, yes)) === yes;
}

async function chooseProgram(): Promise<void> {
  const [file] =
    (await window.showOpenDialog({ title: "Where is the program victor?", openLabel: "Use This" })) ?? [];
  if (file !== undefined) {
    // The connection starts anew with it: it listens to this setting.
    await workspace
      .getConfiguration("victor")
      .update("editor.command", [file.fsPath, "lsp"], ConfigurationTarget.Global);
  }
}

async function readSetup(context: ExtensionContext): Promise<void> {
  await commands.executeCommand("markdown.showPreview", Uri.joinPath(context.extensionUri, "README.md"));
}
