// Says once when there is no server, or when it ended by itself, and offers what helps.

import { commands, type ExtensionContext } from "vscode";
import { showErrorMessage, showWarningMessage } from "../notices.ts";
import type { Server } from "../server/server.ts";

const HELP = {
  setUp: { title: "Set Up…", command: "victor.setUp" },
  choose: { title: "Choose Program…", command: "victor.chooseProgram" },
  read: { title: "Read How", command: "victor.readSetup" },
  logs: { title: "Show Logs", command: "victor.showLogs" },
  doctor: { title: "Run Doctor", command: "victor.runDoctor" },
  restart: { title: "Restart", command: "victor.restartServer" },
  report: { title: "Write a Report", command: "victor.writeReport" },
};
type Help = (typeof HELP)[keyof typeof HELP];

export function tellTroubles(context: ExtensionContext, server: Server, isInstalling: () => boolean): void {
  let saidRestarting = false;
  context.subscriptions.push(
    server.onDidChangeState((state) => {
      if (state === "restarting" && !saidRestarting) {
        saidRestarting = true;
        void offer(showWarningMessage, server.detail, [HELP.logs]);
      } else if (state === "starting") {
        saidRestarting = false; // a person's own restart begins a new story
      } else if (state === "failed" && !(server.problem === "missing" && isInstalling())) {
        void failed(server);
      }
    }),
  );
}

function failed(server: Server): Promise<void> {
  switch (server.problem) {
    case "missing":
      return offer(showWarningMessage, server.detail, [HELP.setUp, HELP.choose, HELP.read]);
    case "crashes":
      return offer(showErrorMessage, server.detail, [HELP.restart, HELP.logs, HELP.report]);
    default:
      return offer(showErrorMessage, server.detail, [HELP.logs, HELP.doctor, HELP.choose]);
  }
}

async function offer(
  show: (message: string, ...items: Help[]) => Thenable<Help | undefined>,
  message: string,
  help: readonly Help[],
): Promise<void> {
  const chosen = await show(message, ...help);
  if (chosen !== undefined) {
    await commands.executeCommand(chosen.command);
  }
}
