// What the extension is made of: a connection to the server, and features that know nothing of each other.

import type { ExtensionContext } from "vscode";
import type { Connection } from "./server/connection.ts";

/** A part of the extension: it registers what it offers, and asks the server for the rest. */
export type Feature = (context: ExtensionContext, server: Connection) => void;

const FEATURES: readonly Feature[] = [];

export function activate(_context: ExtensionContext): void {
  void FEATURES;
}
