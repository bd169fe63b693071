// The difference of two texts, line by line, while the second one is still being written.

/** A line of a diff: it stays, goes or comes. `ahead` are lines that the writing has not come to yet. */
export interface DiffLine {
  readonly sign: " " | "-" | "+" | "ahead";
  readonly text: string;
}

const MOST_CELLS = 250_000;

/** How `old` becomes `now` as far as that is written. With `isDone` what is left of `old` goes; before, it is ahead. */
export function lineDiff(
  old: readonly string[],
  now: readonly string[],
  isDone: boolean,
): readonly DiffLine[] {
  if (old.length * now.length > MOST_CELLS) {
    return now.map((text) => ({ sign: "+", text }));
  }
  const { lines, seen } = walked(old, now, commonLengths(old, now));
  const rest = old.slice(seen).map((text) => ({ sign: isDone ? "-" : "ahead", text }) as DiffLine);
  return [...lines, ...rest];
}

/** What a diff's code block shows of it: what is ahead stands there as it is, and of many lines the last ones. */
export function diffText(lines: readonly DiffLine[], most: number): string {
  const written = lines.findLastIndex(({ sign }) => sign !== "ahead") + 1;
  const shown = lines.slice(0, Math.max(written, Math.min(lines.length, most)));
  const from = Math.max(0, written - most);
  const text = shown
    .slice(from, from + most)
    .map(({ sign, text }) => (sign === "ahead" ? " " : sign) + text.replace(/[\r\n]+$/, ""));
  return (from > 0 ? [` … ${from} lines above`, ...text] : text).join("\n");
}

/** The longest common parts of all beginnings, as a table. */
function commonLengths(old: readonly string[], now: readonly string[]): readonly Uint32Array[] {
  const table = [new Uint32Array(now.length + 1)];
  old.forEach((line, i) => {
    const above = table[i] as Uint32Array;
    const row = new Uint32Array(now.length + 1);
    now.forEach((other, j) => {
      row[j + 1] = line === other ? (above[j] ?? 0) + 1 : Math.max(above[j + 1] ?? 0, row[j] ?? 0);
    });
    table.push(row);
  });
  return table;
}

/** Back through the table from where all of `now` is written and as little as can be of `old` is used up. */
function walked(old: readonly string[], now: readonly string[], table: readonly Uint32Array[]) {
  const at = (i: number, j: number) => table[i]?.[j] ?? 0;
  let [i, j] = [old.length, now.length];
  while (i > 0 && at(i - 1, j) === at(i, j)) {
    i -= 1;
  }
  const seen = i;
  const lines: DiffLine[] = [];
  while (i > 0 || j > 0) {
    if (i > 0 && j > 0 && old[i - 1] === now[j - 1]) {
      [i, j] = [i - 1, j - 1];
      lines.push({ sign: " ", text: old[i] ?? "" });
    } else if (j > 0 && (i === 0 || at(i, j - 1) >= at(i - 1, j))) {
      j -= 1;
      lines.push({ sign: "+", text: now[j] ?? "" });
    } else {
      i -= 1;
      lines.push({ sign: "-", text: old[i] ?? "" });
    }
  }
  return { lines: lines.reverse(), seen };
}
