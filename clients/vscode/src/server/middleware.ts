// What stands between the editor and the server: settings that nobody set, commands and marks that features take over.

import { type Diagnostic, Disposable, Uri, workspace } from "vscode";
import type { Middleware } from "vscode-languageclient/node";
import { showErrorMessage } from "../notices.ts";
import { inWords, toServerError } from "./failures.ts";
import { forServer, nested } from "./settings.ts";

type Hides = (diagnostic: Diagnostic) => boolean;
type Run = (args: readonly unknown[]) => unknown;

/** The middleware, and what features may ask of it. */
export interface Between {
  readonly middleware: Middleware;
  takeOver(command: string, run: Run): Disposable;
  hideDiagnostics(hides: Hides): Disposable;
}

export function createBetween(settingNames: readonly string[]): Between {
  const taken = new Map<string, Run>();
  const hiding = new Set<Hides>();
  const shown = <T extends Diagnostic>(all: readonly T[]) =>
    all.filter((each) => ![...hiding].some((hides) => hides(each)));

  const middleware: Middleware = {
    executeCommand: async (command, args, next) => {
      const run = taken.get(command);
      return run === undefined ? tellFailure(async () => next(command, args)) : run(args);
    },
    handleDiagnostics: (uri, diagnostics, next) => next(uri, shown(diagnostics)),
    provideDiagnostics: async (document, previous, token, next) => {
      const report = await next(document, previous, token);
      return report && "items" in report ? { ...report, items: shown(report.items) } : report;
    },
    handleWorkDoneProgress: (token, params, next) => {
      // The status bar shows the index already.
      if (params.kind === "end" || !String(token).startsWith("victor-index-")) {
        next(token, params);
      }
    },
    workspace: {
      configuration: async (params, token, next) => {
        const values = await next(params, token);
        return Array.isArray(values)
          ? values.map((value, i) =>
              params.items[i]?.section === "victor" ? own(value, settingNames) : value,
            )
          : values;
      },
    },
    window: {
      showDocument: async (params, token, next) =>
        mayShow(params.uri, params.external === true) ? next(params, token) : { success: false },
    },
  };
  return {
    middleware,
    takeOver(command, run) {
      taken.set(command, run);
      return new Disposable(() => taken.get(command) === run && taken.delete(command));
    },
    hideDiagnostics(hides) {
      hiding.add(hides);
      return new Disposable(() => hiding.delete(hides));
    },
  };
}

/** A folder that the person does not trust sets nothing: then only their own settings are told. */
function own(value: unknown, names: readonly string[]): Record<string, unknown> {
  if (workspace.isTrusted) {
    return forServer(value);
  }
  const configuration = workspace.getConfiguration();
  return forServer(
    nested(
      names.map(
        (name) => [name.slice("victor.".length), configuration.inspect(name)?.globalValue ?? null] as const,
      ),
    ),
  );
}

function mayShow(address: string, external: boolean): boolean {
  const scheme = Uri.parse(address).scheme;
  return external ? scheme === "https" || scheme === "http" : ["file", "untitled", "victor"].includes(scheme);
}

/** A command that a person chose fails with the server's words, not with those of the editor. */
async function tellFailure(run: () => Promise<unknown>): Promise<unknown> {
  try {
    return await run();
  } catch (error) {
    if (toServerError(error).kind !== "cancelled") {
      void showErrorMessage(inWords(error));
    }
    return undefined;
  }
}
