// Answers what the editor's other language servers report.

import { type Diagnostic, DiagnosticSeverity, languages, Uri, workspace } from "vscode";
import type { EditorDiagnosticsParams, EditorDiagnosticsResult } from "../protocol.ts";

const MOST = 2_000;
const SEVERITIES = {
  [DiagnosticSeverity.Error]: 1,
  [DiagnosticSeverity.Warning]: 2,
  [DiagnosticSeverity.Information]: 3,
  [DiagnosticSeverity.Hint]: 4,
};

/** Of the documents that are asked for, or of every file of the workspace; what is Victor's own is left out. */
export function editorDiagnostics(params: EditorDiagnosticsParams): EditorDiagnosticsResult {
  const all: [Uri, readonly Diagnostic[]][] =
    params.uris.length > 0
      ? params.uris.map((each) => Uri.parse(each)).map((uri) => [uri, languages.getDiagnostics(uri)])
      : languages.getDiagnostics().filter(([uri]) => workspace.getWorkspaceFolder(uri) !== undefined);
  const documents = [];
  let room = MOST;
  for (const [uri, found] of all) {
    const others = found.filter((each) => each.source !== "victor").slice(0, room);
    room -= others.length;
    if (others.length > 0) {
      documents.push({ uri: uri.toString(), diagnostics: others.map(toLsp) });
    }
  }
  return { documents };
}

function toLsp(each: Diagnostic): Record<string, unknown> {
  const code = typeof each.code === "object" ? each.code.value : each.code;
  return {
    range: {
      start: { line: each.range.start.line, character: each.range.start.character },
      end: { line: each.range.end.line, character: each.range.end.character },
    },
    severity: SEVERITIES[each.severity],
    message: each.message,
    ...(code === undefined ? {} : { code }),
    ...(each.source === undefined ? {} : { source: each.source }),
  };
}
