// What `victor doctor --json` found, as a page to read.

import { plain, prose } from "./markdown.ts";

interface Check {
  readonly name: string;
  readonly ok: boolean;
  readonly detail: string;
  readonly fix: string;
}

/** The page; undefined where the text is not doctor's. */
export function doctorPage(json: string, program: string): string | undefined {
  const checks = read(json);
  if (checks === undefined) {
    return undefined;
  }
  const wrong = checks.filter((each) => !each.ok);
  const verdict =
    wrong.length === 0 ? "All is well." : `${wrong.length} of ${checks.length} checks found something.`;
  return [
    "# Doctor",
    `${verdict} Program: ${plain(program)}`,
    ...(wrong.length > 0 ? ["## To mend", wrong.map(line).join("\n")] : []),
    "## As it should be",
    checks
      .filter((each) => each.ok)
      .map(line)
      .join("\n"),
  ].join("\n\n");
}

function line({ name, ok, detail, fix }: Check): string {
  const next = fix === "" ? "" : `  \n  → ${prose(fix)}`;
  return `* ${ok ? "✓" : "✗"} **${plain(name)}**: ${prose(detail)}${next}`;
}

function read(json: string): readonly Check[] | undefined {
  try {
    const { checks } = JSON.parse(json) as { checks?: unknown };
    return Array.isArray(checks) ? checks.map(asCheck) : undefined;
  } catch {
    return undefined;
  }
}

function asCheck(each: Record<string, unknown>): Check {
  const { name = "", ok, detail = "", fix = "" } = each;
  return { name: String(name), ok: ok === true, detail: String(detail), fix: String(fix) };
}
