// Pieces of markdown that hold text of others: whatever it says, it stays text.

/** Text that means nothing else in markdown, on one line. */
export function plain(text: string): string {
  return text
    .replace(/\s+/g, " ")
    .replace(/[\\`*_{}[\]()#+\-.!|<>~&:]/g, (each) => `&#${each.charCodeAt(0)};`);
}

/** Text in which what stands between backticks is shown as code, as commands are. */
export function prose(text: string): string {
  return text
    .split(/(`[^`]+`)/)
    .map((part) => (/^`[^`]+`$/.test(part) ? part : plain(part)))
    .join("");
}

/** A table; the first row has the names of the columns. Cells are text. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.map(plain).join(" | ")} |`;
  return [line(head), `|${" --- |".repeat(head.length)}`, ...rows.map(line)].join("\n");
}
