// Reads the lines that the server writes to its log, so that each is shown at its own level.

export type Level = "trace" | "debug" | "info" | "warn" | "error";

const LINE = /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d{3} ([A-Z]+) (.*)$/;
const LEVELS: Readonly<Record<string, Level>> = {
  DEBUG: "debug",
  INFO: "info",
  WARNING: "warn",
  ERROR: "error",
  CRITICAL: "error",
};

/** A reader of lines: their time is left out, and what belongs to a line above has that one's level. */
export function lineReader(): (line: string) => { level: Level; text: string } {
  let last: Level = "info";
  return (line) => {
    const [, name = "", text = line] = LINE.exec(line) ?? [];
    last = LEVELS[name] ?? last;
    return { level: last, text };
  };
}
