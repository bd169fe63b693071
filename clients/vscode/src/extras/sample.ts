// The sample of the walkthrough: a document that holds something that looks like a secret, and is none.

import { commands, type ExtensionContext, Position, Selection, window, workspace } from "vscode";
import { sampleText } from "./sampleText.ts";

export function registerSample(context: ExtensionContext): void {
  context.subscriptions.push(
    commands.registerCommand("victor.openSecretSample", async () => {
      const document = await workspace.openTextDocument({
        language: "python",
        content: sampleText(Math.random),
      });
      const editor = await window.showTextDocument(document);
      const line = document
        .getText()
        .split("\n")
        .findIndex((each) => each.includes("AKIA"));
      const at = new Position(line, document.lineAt(line).text.indexOf("AKIA") + 2);
      editor.selection = new Selection(at, at);
    }),
  );
}
