// Messages to the person. They quote files, models and the server: nothing in them becomes a link or a command.

import { window } from "vscode";
import { withoutLinks } from "./withoutLinks.ts";

export const showInformationMessage = plainly(window.showInformationMessage);
export const showWarningMessage = plainly(window.showWarningMessage);
export const showErrorMessage = plainly(window.showErrorMessage);

type Show = typeof window.showInformationMessage;

function plainly(show: Show): Show {
  return ((message: string, ...rest: never[]) => show(withoutLinks(message), ...rest)) as Show;
}
